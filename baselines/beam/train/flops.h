/* SPDX-License-Identifier: BSD-3-Clause */
/* What a sample costs. */
#ifndef L4R_BASELINES_BEAM_TRAIN_FLOPS_H
#define L4R_BASELINES_BEAM_TRAIN_FLOPS_H

#include "baselines/beam/train/state.h"

/* Multiply-adds times two of the forward part of a sample whose prompt has `input` tokens and whose
 * answer has `answer`, `targets` of which are scored. Pure. */
double l4r_beam_sample_flops(const struct beam_task *task, double input, double answer,
                             double targets);

#endif
