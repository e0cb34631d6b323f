/* SPDX-License-Identifier: BSD-3-Clause */
/* Losses over a target and a sample of the catalogue, for catalogues whose full softmax costs too
 * much: sampled softmax and gBCE. Terms and number type are those of layers.h; objects of different
 * workers may run at once.
 *
 * A sample of N rows of the output matrix serves all positions of a call, or each position has its
 * own (`each`, as in gSASRec's and RecTools' code). Shared, the logits are one product instead of a
 * gather per position, and the gradient of a call touches N + targets rows; in return, the gradient
 * varies more between steps for the same N. A sampled row that is a position's own target is an
 * accidental hit and is ignored there. With logits s, S the sample without hits, I the catalogue's
 * size:
 *
 *   sampled softmax   -s_t + log(exp s_t + sum_S exp(s_j - log(N / I)))
 *
 * N / I is the expected number of times that uniform draws contain a row (log-Q correction: Bengio
 * and Senecal 2008; the target is always there, log 1). The sum inside estimates the full one
 * without bias, and is the full one when the sample is the catalogue. `uncorrected` leaves
 * log(N / I) out, as RecTools does: the target then competes with N others instead of an estimate
 * of all, which lowers the weight of negatives.
 *
 *   gBCE              (-beta log sigmoid(s_t) - sum_S log(1 - sigmoid(s_j))) / (N + 1)
 *   alpha = N / (I - 1), at most 1; beta = alpha (t (1 - 1 / alpha) + 1 / alpha)
 *
 * (Petrov and Macdonald, gSASRec, RecSys 2023). With t = 0 this is plain BCE; with t = 1 the
 * sigmoids are a probability over the whole catalogue for every N. */
#ifndef L4R_TRAIN_LAYERS_SAMPLED_H
#define L4R_TRAIN_LAYERS_SAMPLED_H

#include "impl/train/layers/layers.h"

struct l4r_layer_kernels; /* kernels/kernels.h */

enum l4r_sampled_kind { L4R_SAMPLED_SOFTMAX, L4R_SAMPLED_GBCE };

struct l4r_sampled_spec {
  enum l4r_sampled_kind kind;
  double calibration; /* gBCE: t, 0..1 */
  int64_t catalogue;  /* I; may exceed `classes`, the number of rows of weight */
  int64_t rows, width, classes, block_rows;
  const l4r_real *hidden, *weight, *bias; /* [rows][D], [classes][D], [classes] or NULL */
  const int32_t *target;                  /* [rows] a row of weight; negative: skip the row */
  int64_t samples;                        /* N, 1 .. I */
  int each, uncorrected;                  /* 1: see above; gBCE has no correction */
  const int32_t *sample;      /* [N], with each [rows][N]: rows of weight, drawn uniformly from I */
  l4r_real scale, loss_scale; /* logits = scale * hidden . weight^T + bias */
  l4r_real *d_hidden;         /* written */
  l4r_real *d_weight, *d_bias; /* added to, only in named rows; d_bias is NULL without bias */
  l4r_real *scratch;           /* l4r_sampled_scratch values */
  const struct l4r_layer_kernels *kernels; /* matmul.h; NULL: the widest set's */
};

/* Returns the number of values of scratch, which holds the logits of block_rows positions. Pure. */
int64_t l4r_sampled_scratch(int64_t samples, int64_t width, int64_t block_rows);
/* Returns gBCE's beta. Pure. */
double l4r_gbce_beta(int64_t samples, int64_t catalogue, double calibration);
/* *loss is the sum over rows, in nats, unscaled. L4R_INPUT for sizes below 1, or a target or a
 * sampled row outside the classes. */
int l4r_sampled_loss(const struct l4r_sampled_spec *spec, double *loss);

#endif
