/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes the cost of a sample, by which work is shared out and a step is counted. */
#include "baselines/beam/train/flops.h"

#include "impl/model/flops.h"

double l4r_beam_sample_flops(const struct beam_task *task, double input, double answer,
                             double targets) {
  const struct l4r_t5_shape *shape = task->shape;
  double inner = (double)(shape->heads * shape->d_kv), width = (double)shape->d_model;
  double own = task->answers_follow ? answer : (double)task->config->max_id_tokens; /* a piece */
  double crossed = answer * input + answer * (own + 1) / 2;
  double matrices = 6 * inner + (shape->gated ? 3 : 2) * (double)shape->d_ff;
  double decoder = 2 * answer * width * matrices + 4 * input * width * inner + 4 * crossed * inner;
  return l4r_encoder_flops(shape, input, input * input) + (double)shape->decoder_blocks * decoder +
         2 * targets * width * (double)task->classes;
}
