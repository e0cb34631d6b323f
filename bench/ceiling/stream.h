/* SPDX-License-Identifier: BSD-3-Clause */
/* How fast the blis stack streams weights that are used once: the product of one row, which is what
 * a single user's decoder step and head are. Reading memory is its ceiling. */
#ifndef L4R_BENCH_CEILING_STREAM_H
#define L4R_BENCH_CEILING_STREAM_H

#include "impl/base/team.h"

#include <stdint.h>

struct l4r_stream_bench {
  const char *precision; /* of the stack */
  int64_t bytes;         /* of weights at least, all workers' together */
  int64_t top;           /* 0: all scores; else the head with its fused top-k of so many */
  double seconds;        /* at least */
};

struct l4r_stream_speed {
  int64_t bytes, items; /* of weights, as packed, and the rows that they make */
  double gb_per_s;      /* 10^9 bytes of weights a second, the best of several runs */
};

/* Measures products of one user's state with the head of a catalogue of that size (width 512).
 * L4R_ENVIRONMENT when memory is short or the processor lacks what the precision needs, L4R_USAGE
 * for an unknown precision. */
int l4r_bench_stream(struct l4r_team *team, const struct l4r_stream_bench *bench,
                     struct l4r_stream_speed *speed);

#endif
