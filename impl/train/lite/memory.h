/* SPDX-License-Identifier: BSD-3-Clause */
/* What a training takes in memory. */
#ifndef L4R_TRAIN_LITE_MEMORY_H
#define L4R_TRAIN_LITE_MEMORY_H

#include "impl/train/lite/task.h"

/* Memory: told, and held against what there is, before any of it is taken. `step_tokens`: the most
 * that a step sends through the Item LLM; -1: not known yet, say nothing. L4R_ENVIRONMENT, naming
 * the parts, where there is too little. */
int l4r_lite_memory_check(const struct l4r_lite_task *lite, int64_t step_tokens);

#endif
