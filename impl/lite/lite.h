/* SPDX-License-Identifier: BSD-3-Clause */
/* Lite-LLM4Rec over a stack (Section 3 of the paper; settings that the paper leaves open are in
 * impl/model/config.h). Both stacks serve the same composition. */
#ifndef L4R_LITE_LITE_H
#define L4R_LITE_LITE_H

#include "impl/engine.h"

/* Details that the paper leaves open, the same in serving and training: an item's vector is
 * projection . pool(Item LLM(its tokens)); behind a pretrained Item LLM it is the adapter of the
 * whitened vector instead (impl/model/config.h). With items_input text+id, its row of
 * item_llm.id.weight is added; with id, it is only that row. An empty history has a zero user
 * state, so its ranking is the head's bias.
 *
 * Options: precision=fp32|bf16|int8|bf16x3, fallback=off|on, isa=auto|NAME, kernel=NAME
 * (impl/stack.h), items=cached|live, cache=on|off (item vectors kept in the model folder, keyed by
 * weights, texts, precision and engine), shards=R: the catalogue is divided among R ranks
 * (impl/lite/shard.h), of which this process is, or reaches, the first; then without the cache. */
extern const struct l4r_engine l4r_engine_lite_reference; /* name "reference" */
extern const struct l4r_engine l4r_engine_lite_blis;      /* name "blis" */

#endif
