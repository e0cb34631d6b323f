/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to baselines/beam/train: opening and closing a training. */
#ifndef L4R_BASELINES_BEAM_TRAIN_TASK_H
#define L4R_BASELINES_BEAM_TRAIN_TASK_H

#include "baselines/beam/train/state.h"

/* Makes tokenizer.model and id_map.tsv in the folder options->train.out, completes the
 * configuration, and allocates all buffers (none for options->train.epochs 0). Must be closed even
 * after a failure. */
int l4r_beam_task_open(const struct l4r_beam_train_options *options,
                       struct l4r_model_config *config, struct beam_task *task);
void l4r_beam_task_close(struct beam_task *task);

#endif
