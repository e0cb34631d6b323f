/* SPDX-License-Identifier: BSD-3-Clause */
/* P5 and the mixed kinds as engines: an encoder-decoder T5 that generates item ids by beam search
 * (p5, lite-beam), or scores items by a head on the decoder's first position (p5-head). */
#ifndef L4R_BEAM_ENGINE_H
#define L4R_BEAM_ENGINE_H

#include "impl/engine.h"

/* Options: stack=blis|reference, decoder=cached|plain, precision=fp32|bf16|int8|bf16x3,
 * fallback=off|on, isa=auto|NAME, kernel=NAME (impl/stack.h); for the generating kinds beams=20 (1:
 * greedy) and trie=on|off|head (server.h). A ranking holds at most `beams` items; scores are
 * log-probabilities divided by the id's tokens. */
extern const struct l4r_engine l4r_engine_beam;      /* p5, lite-beam */
extern const struct l4r_engine l4r_engine_beam_head; /* p5-head: has score */

#endif
