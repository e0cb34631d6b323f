/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes the sizes of a training's parts from its options and the data set. */
#ifndef L4R_TRAIN_LITE_SIZES_H
#define L4R_TRAIN_LITE_SIZES_H

#include "impl/train/lite/task.h"

/* Returns all sizes except those of sampled losses (sampled.h). `scored`: items whose scores this
 * rank computes in validation. Pure. */
struct l4r_lite_sizes l4r_lite_sizes_of(const struct l4r_lite_train_options *options,
                                        const struct l4r_model_config *config, int64_t scored);
/* Returns the floats of a worker's scratch for logits, in training and in validation. Pure. */
int64_t l4r_lite_logits(const struct l4r_lite_sizes *sizes);
/* Returns the specification of the workers' layers of the Recommendation LLM. */
struct l4r_train_spec l4r_lite_rec_spec(const struct l4r_lite_task *lite);

#endif
