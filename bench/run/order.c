/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/order.h"

#include "impl/base/random.h"

enum { ORDER_STREAM = 0x6f72 }; /* keeps these draws apart from other uses of a run's seed */

void l4r_latin_order(int configs, int rounds, uint64_t seed, int *order) {
  struct l4r_random random;
  l4r_random_stream(&random, seed, ORDER_STREAM, 0);
  for (int c = 0; c < configs; c++) { /* the first row: a shuffle, inside out */
    int other = (int)l4r_random_below(&random, (uint64_t)c + 1);
    order[c] = order[other];
    order[other] = c;
  }
  for (int r = 1; r < rounds; r++)
    for (int p = 0; p < configs; p++) order[r * configs + p] = order[(p + r) % configs];
}
