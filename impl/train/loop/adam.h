/* SPDX-License-Identifier: BSD-3-Clause */
/* The update of the weights. */
#ifndef L4R_TRAIN_LOOP_ADAM_H
#define L4R_TRAIN_LOOP_ADAM_H

#include "impl/train/loop/trainer.h"

/* Euclidean norm of all gradients, in double over fixed blocks, so that its bits do not depend on
 * the number of workers. norm: scratch of l4r_adam_blocks(floats) values. */
int64_t l4r_adam_blocks(int64_t floats);
double l4r_adam_norm(struct l4r_team *team, const float *gradients, int64_t floats, double *norm);
double l4r_adam_squares(const float *values, int64_t count); /* their sum */
struct l4r_adam_step {
  const struct l4r_tensors *tensors;
  float *values, *first, *second;
  const float *gradients;
  double rate, scale; /* of this step; gradients are multiplied by scale (clipping) */
  double beta1, beta2, epsilon, decay;
  double embedding_rate;             /* times rate: of the tensors marked embedding */
  int64_t update;                    /* from 1 */
  const struct l4r_train_rows *rows; /* of these tables only the named rows; NULL: none */
};
/* AdamW (Loshchilov and Hutter 2019, algorithm 2): moments with bias correction, decay decoupled
 * and only for tensors that ask for it. Vectors of tokens and items move embedding_rate times as
 * far, which is what smaller vectors multiplied by that factor on their way in (Transformer,
 * section 3.4; SASRec) would do, without the factor in the model; decay, relative to a value, is
 * the same for both. Bits do not depend on the number of workers. */
int l4r_adam_update(struct l4r_team *team, const struct l4r_adam_step *step);

#endif
