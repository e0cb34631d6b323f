/* SPDX-License-Identifier: BSD-3-Clause */
/* Recommenders that only count: popularity, first-order Markov, item k-nearest-neighbours, exactly
 * as baselines/README.md defines them. Sums in double; ties by training popularity, then lower item
 * id. */
#ifndef L4R_HEURISTICS_ENGINE_H
#define L4R_HEURISTICS_ENGINE_H

#include "impl/engine.h"

/* Serves all three; the kind is read from the folder. No options. Scores are floats in exactly the
 * order of the sums in double: the nearest float, or the next one above where two different doubles
 * would share it, so that ranking by them is ranking by the definition. */
extern const struct l4r_engine l4r_engine_heuristic;

#endif
