/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/beam/work.h"

/* The sizes of a block's matrices: four projections of an attention, and the feed-forward. */
static double attention_weights(const struct l4r_t5_shape *shape) {
  return 4.0 * (double)shape->d_model * (double)(shape->heads * shape->d_kv);
}

static double feed_weights(const struct l4r_t5_shape *shape) {
  return (shape->gated ? 3.0 : 2.0) * (double)shape->d_model * (double)shape->d_ff;
}

struct l4r_beam_work l4r_beam_encoder_work(const struct l4r_t5_shape *shape, double length) {
  double inner = (double)(shape->heads * shape->d_kv);
  double weights = attention_weights(shape) + feed_weights(shape);
  double pairs = shape->causal ? length * (length + 1) / 2 : length * length;
  double moved = 4 * (double)shape->d_model + 8 * inner + 2 * (double)shape->d_ff;
  double blocks = (double)shape->encoder_blocks;
  return (struct l4r_beam_work){.flops = blocks * (2 * length * weights + 4 * pairs * inner),
                                .bytes = blocks * (double)sizeof(float) *
                                         (weights + length * moved)};
}

struct l4r_beam_work l4r_beam_step_work(const struct l4r_t5_shape *shape,
                                        const struct l4r_beam_step *step) {
  const double t = step->t, rows = step->rows, length = step->length, users = step->users;
  double inner = (double)(shape->heads * shape->d_kv), width = (double)shape->d_model;
  double weights = 2 * attention_weights(shape) + feed_weights(shape);
  double blocks = (double)shape->decoder_blocks;
  double memory_weights = 2 * width * inner;  /* cross keys and values, from the memory */
  double computed = step->cached ? 1 : t + 1; /* positions of a beam that are computed */
  double memories = step->cached ? (t == 0) * users : rows;
  double flops = 2 * rows * computed * (weights - memory_weights);
  flops += 2 * memories * length * memory_weights;
  flops += 4 * rows * computed * inner * ((step->cached ? t + 1 : (t + 2) / 2) + length);
  double moved = rows * computed * (6 * width + 12 * inner + 2 * (double)shape->d_ff);
  moved += 2 * inner * (rows * (t + 1) + (step->cached ? users : rows) * length);
  return (struct l4r_beam_work){
      .flops = blocks * flops, .bytes = blocks * (double)sizeof(float) * (users * weights + moved)};
}

double l4r_beam_encoder_weights(const struct l4r_t5_shape *shape) {
  return (double)shape->encoder_blocks * (double)sizeof(float) *
         (attention_weights(shape) + feed_weights(shape));
}

double l4r_beam_step_weights(const struct l4r_t5_shape *shape) {
  return (double)shape->decoder_blocks * (double)sizeof(float) *
         (2 * attention_weights(shape) + feed_weights(shape));
}
