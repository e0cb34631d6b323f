/* SPDX-License-Identifier: BSD-3-Clause */
/* Counts the work of an encoder and of a step of a beam search from their shapes. A multiply-add
 * counts two; norms, softmax and activations are left out (under 2 %). Bytes are the least traffic
 * in fp32 when caches keep nothing between sub-layers. */
#ifndef L4R_BASELINES_BEAM_WORK_H
#define L4R_BASELINES_BEAM_WORK_H

#include "impl/model/config.h"

/* For one logit, the search computes maximum, scale, round, polynomial and sum. */
enum { L4R_BEAM_FLOPS_PER_LOGIT = 22 };

struct l4r_beam_work {
  double flops, bytes;
};

/* Of an encoder over `length` positions. Pure. */
struct l4r_beam_work l4r_beam_encoder_work(const struct l4r_t5_shape *shape, double length);

struct l4r_beam_step {
  double t;      /* from 0 */
  double rows;   /* beams that are decoded */
  double length; /* positions of the memory */
  double users;  /* share of users that get to the step */
  int cached;    /* 1: keys and values of earlier steps are kept */
};
/* Of a step of the decoder, without its output layer. Pure. */
struct l4r_beam_work l4r_beam_step_work(const struct l4r_t5_shape *shape,
                                        const struct l4r_beam_step *step);

/* Bytes, in fp32, of the encoder's weights. Pure. */
double l4r_beam_encoder_weights(const struct l4r_t5_shape *shape);
/* Bytes of a step that are the decoder's weights, which users of one call share. Pure. */
double l4r_beam_step_weights(const struct l4r_t5_shape *shape);

#endif
