/* Lite-LLM4Rec composed over a stack (the paper's Section 3; what it leaves open is a setting of
 * impl/model/config.h). The same composition serves on both stacks. */
#ifndef L4R_LITE_LITE_H
#define L4R_LITE_LITE_H

#include "impl/engine.h"

/* Options: precision=fp32, items=cached|live, cache=on|off (item vectors kept in the model folder,
 * keyed by weights, texts, precision and engine). */
extern const struct l4r_engine l4r_engine_lite_reference; /* name "reference" */
extern const struct l4r_engine l4r_engine_lite_blis;      /* name "blis" */

#endif
