/* SPDX-License-Identifier: BSD-3-Clause */
/* Lite-LLM4Rec composed over a stack (the paper's Section 3; what it leaves open is a setting of
 * impl/model/config.h). The same composition serves on both stacks. */
#ifndef L4R_LITE_LITE_H
#define L4R_LITE_LITE_H

#include "impl/engine.h"

/* What the paper and model.md leave to read between the lines, the same in serving and training:
 * an item's vector is projection . pool(Item LLM(its tokens)), plus its row of item_llm.id.weight
 * where items_input is text+id; that row alone where it is id. An empty history has the user state
 * zero, so its ranking is the head's bias.
 *
 * Options: precision=fp32|bf16|int8|bf16x3, fallback=off|on (impl/stack.h), items=cached|live,
 * cache=on|off (item vectors kept in the model folder, keyed by weights, texts, precision and
 * engine). */
extern const struct l4r_engine l4r_engine_lite_reference; /* name "reference" */
extern const struct l4r_engine l4r_engine_lite_blis;      /* name "blis" */

#endif
