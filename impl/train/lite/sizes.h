/* SPDX-License-Identifier: BSD-3-Clause */
/* How large the parts of a training are, from its options and the data set. */
#ifndef L4R_TRAIN_LITE_SIZES_H
#define L4R_TRAIN_LITE_SIZES_H

#include "impl/train/lite/task.h"

/* Sizes of all but sampled losses (sampled.h). Pure. */
struct l4r_lite_sizes l4r_lite_sizes_of(const struct l4r_lite_train_options *options,
                                        const struct l4r_model_config *config);
/* Floats of a worker's scratch for logits, in training and in validation. Pure. */
int64_t l4r_lite_logits(const struct l4r_lite_sizes *sizes);
/* What the workers' layers of the Recommendation LLM are opened with. */
struct l4r_train_spec l4r_lite_rec_spec(const struct l4r_lite_task *lite);

#endif
