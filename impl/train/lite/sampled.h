/* SPDX-License-Identifier: BSD-3-Clause */
/* The sampled losses: a step's samples of the catalogue, and the head's loss over them. */
#ifndef L4R_TRAIN_LITE_SAMPLED_H
#define L4R_TRAIN_LITE_SAMPLED_H

#include "impl/train/lite/task.h"

/* Sets lite->sampled and sizes.step_slots from the options and the other sizes. */
void l4r_lite_sampled_size(struct l4r_lite_task *lite,
                           const struct l4r_lite_train_options *options);
/* Returns the bytes that open will allocate. Pure. */
double l4r_lite_sampled_bytes(const struct l4r_lite_task *lite);
int l4r_lite_sampled_open(struct l4r_lite_task *lite);
void l4r_lite_sampled_close(struct l4r_lite_task *lite);

/* Returns the end of the piece that begins at `window`, and sets the number of its positions. */
int64_t l4r_lite_piece_end(const struct l4r_lite_task *lite, int64_t window, int64_t end,
                           int64_t *positions);

/* Draws the step's samples, after its windows were shared out, and lists targets and samples: as
 * slots with a tied head, and as rows to be updated. */
void l4r_lite_sampled_draw(struct l4r_lite_task *lite, int64_t step);
void l4r_lite_sampled_list(struct l4r_lite_task *lite);
/* Adds the loss of a piece's rows to the worker's, and computes its gradients, as
 * l4r_softmax_cross_entropy does for the full loss. */
int l4r_lite_sampled_head(struct l4r_lite_task *lite, int worker, int64_t piece, int64_t rows,
                          const struct l4r_train_step *step, float *gradients);

#endif
