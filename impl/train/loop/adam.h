/* SPDX-License-Identifier: BSD-3-Clause */
/* The optimiser: gradient norm and AdamW. */
#ifndef L4R_TRAIN_LOOP_ADAM_H
#define L4R_TRAIN_LOOP_ADAM_H

#include "impl/train/loop/kernels/kernels.h"
#include "impl/train/loop/trainer.h"

/* Computes the Euclidean norm of all gradients, in double over fixed blocks, so that its bits do
 * not depend on the number of workers. norm is scratch of l4r_adam_blocks(floats) values. */
int64_t l4r_adam_blocks(int64_t floats);
double l4r_adam_norm(struct l4r_team *team, const struct l4r_adam_kernels *kernels,
                     const float *gradients, int64_t floats, double *norm);
struct l4r_adam_step {
  const struct l4r_adam_kernels *kernels; /* l4r_adam_kernels_of */
  const struct l4r_tensors *tensors;
  float *values, *first, *second;
  const float *gradients;
  double rate, scale; /* for this step; gradients are multiplied by scale (clipping) */
  double beta1, beta2, epsilon, decay;
  double embedding_rate;             /* multiple of rate for tensors marked embedding */
  double pretrained_rate;            /* the same for tensors marked pretrained */
  int64_t update;                    /* from 1 */
  const struct l4r_train_rows *rows; /* tables with only these rows updated; may be NULL */
};
/* AdamW (Loshchilov and Hutter 2019, algorithm 2): moments with bias correction, and decoupled
 * decay for tensors that ask for it. Vectors of tokens and items move embedding_rate times as far.
 * Smaller vectors multiplied by that factor at the input (Transformer, section 3.4; SASRec) would
 * have the same effect, but then the model would contain the factor. Decay, which is relative to a
 * value, is the same for both. Bits do not depend on the number of workers. */
int l4r_adam_update(struct l4r_team *team, const struct l4r_adam_step *step);

#endif
