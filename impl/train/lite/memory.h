/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes the memory that a training needs. */
#ifndef L4R_TRAIN_LITE_MEMORY_H
#define L4R_TRAIN_LITE_MEMORY_H

#include "impl/train/lite/task.h"

/* Reports the memory needed and compares it with the memory available, before any is allocated.
 * `step_tokens` is the most tokens that a step sends through the Item LLM; -1 means not known yet,
 * and nothing is reported. L4R_ENVIRONMENT, naming the parts, where there is too little. */
int l4r_lite_memory_check(const struct l4r_lite_task *lite, int64_t step_tokens);

#endif
