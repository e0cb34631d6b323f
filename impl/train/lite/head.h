/* SPDX-License-Identifier: BSD-3-Clause */
/* The head in training: what the losses multiply, with dot products or cosines, and the way back.
 */
#ifndef L4R_TRAIN_LITE_HEAD_H
#define L4R_TRAIN_LITE_HEAD_H

#include "impl/train/lite/task.h"

/* What a loss reads and writes: logits = scale * state . weight^T + bias. */
struct l4r_lite_head {
  int64_t classes; /* rows of weight: the step's slots with a tied head, else the items */
  float scale;
  const float *state, *weight, *bias; /* bias NULL with a tied head */
  float *d_state, *d_weight, *d_bias;
};

/* Returns the bytes that open will allocate for all workers. Pure. */
double l4r_lite_head_bytes(const struct l4r_lite_task *lite);
/* Allocates what cosine scores need beyond the vectors; nothing with dot products. */
int l4r_lite_head_open(struct l4r_lite_task *lite);
void l4r_lite_head_close(struct l4r_lite_task *lite);

/* Each worker its share of the step's item vectors, once these are there; the caller then meets the
 * others. With dot products there is nothing to do or to wait for, and 0 is returned. */
int l4r_lite_head_prepare(struct l4r_lite_task *lite, int worker);
/* Clears the worker's gradients of unit vectors, before its first piece. */
void l4r_lite_head_clear(struct l4r_lite_task *lite, int worker);
/* Of the piece at hand, `rows` states: those of every position, or with read_out the read-outs.
 * gradients NULL: none are wanted of a free head. */
struct l4r_lite_head l4r_lite_head_of(struct l4r_lite_task *lite, int worker, int read_out,
                                      int64_t rows, const float *values, float *gradients);
/* After the loss of a piece: d_state becomes the gradient of the states themselves. */
void l4r_lite_head_states_back(struct l4r_lite_task *lite, int worker, int64_t rows);
/* After the last piece: adds the gradients of unit vectors to those of the vectors. */
void l4r_lite_head_vectors_back(struct l4r_lite_task *lite, int worker);
/* Loss and gradients of a piece by cross-entropy over all items, added to the worker's. */
int l4r_lite_head_loss(struct l4r_lite_task *lite, int worker, int64_t rows, const float *values,
                       float *gradients);

#endif
