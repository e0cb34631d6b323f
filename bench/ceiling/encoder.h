/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures how near the blis stack comes to the ceiling, in one run: Lite's serving work (encoder
 * over item vectors, last position, head with fused top-k) on random weights, rounds of it
 * alternating with the ceiling of its precision on the same workers. */
#ifndef L4R_BENCH_CEILING_ENCODER_H
#define L4R_BENCH_CEILING_ENCODER_H

#include "impl/base/team.h"
#include "impl/ceiling/peak.h"

#include <stdint.h>

struct l4r_encoder_bench {
  const char *size;       /* "t5-small", a name of l4r_config_defaults */
  const char *precision;  /* of the stack: "fp32" */
  int causal;             /* attention of the encoder */
  int64_t history, batch; /* positions of a sequence; sequences of a call */
  int64_t items, k;       /* of the head; 0 items: encoder alone */
  int64_t rounds;         /* pairs of (ceiling, work) measured; medians are reported */
  double seconds;         /* of each measurement, at least */
};

struct l4r_encoder_speed { /* medians over the rounds */
  double users_per_second;
  double gflops; /* of operations really carried out: the last block's short cut counts as short,
                    causal attention as its lower half; norms and softmax not counted */
  double model_gflops;       /* of the whole model's, all positions in every block */
  struct l4r_peak ceiling;   /* the highest of the rounds */
  double share, model_share; /* of it */
};

/* L4R_USAGE for an unknown size or precision, L4R_ENVIRONMENT when memory is short or the processor
 * lacks what the precision needs. */
int l4r_bench_encoder(struct l4r_team *team, const struct l4r_encoder_bench *bench,
                      struct l4r_encoder_speed *speed);

#endif
