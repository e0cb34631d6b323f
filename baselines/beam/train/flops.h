/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes the cost of a sample. */
#ifndef L4R_BASELINES_BEAM_TRAIN_FLOPS_H
#define L4R_BASELINES_BEAM_TRAIN_FLOPS_H

#include "baselines/beam/train/state.h"

/* Returns two times the multiply-adds of the forward pass of a sample with `input` tokens in the
 * prompt and `answer` in the answer, of which `targets` are scored. Pure. */
double l4r_beam_sample_flops(const struct beam_task *task, double input, double answer,
                             double targets);

#endif
