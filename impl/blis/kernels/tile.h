/* SPDX-License-Identifier: BSD-3-Clause */
/* What the gemm templates are written in: vectors, whole and in part, and the list of tile heights.
 * Included once by each file of kernels, after it has defined `vec` and
 *   KERNEL_TARGET  function attribute        KERNEL_LANES  floats of a vec
 *   KERNEL_ROWS    rows of a gemm tile: 4, 6 or 12
 * No include guard: each file gets its own static copies. */
#include "impl/base/unroll.h"

#include <string.h>

#define HELPER static inline KERNEL_TARGET __attribute__((always_inline))

typedef int32_t ivec __attribute__((vector_size(4 * KERNEL_LANES)));

HELPER vec load(const float *p) {
  vec v;
  memcpy(&v, p, sizeof v);
  return v;
}

HELPER void store(float *p, vec v) {
  memcpy(p, &v, sizeof v);
}

/* The first `n` < KERNEL_LANES floats, zeros behind them. */
HELPER vec load_part(const float *p, int64_t n) {
  float part[KERNEL_LANES] = {0};
  memcpy(part, p, (size_t)n * sizeof *p);
  return load(part);
}

HELPER void store_part(float *p, vec v, int64_t n) {
  memcpy(p, &v, (size_t)n * sizeof *p);
}

HELPER ivec load_ints(const void *p) {
  ivec v;
  memcpy(&v, p, sizeof v);
  return v;
}

HELPER ivec load_ints_part(const void *p, int64_t n) {
  int32_t part[KERNEL_LANES] = {0};
  memcpy(part, p, (size_t)n * sizeof *part);
  return load_ints(part);
}

enum { NEAR = 4096 }; /* bytes */

/* The next panel on its way from memory to the second-level cache, evenly over the tiles of this
 * one: the first tile of a panel is as fast as memory at best, and the others would leave memory
 * idle. */
struct ahead {
  const char *at;
  int64_t step; /* bytes for each of k */
};

/* What tile number `tile` of `tiles` asks for; `b`, where nothing is known to come next. A panel
 * that one tile reads is read as fast as memory allows: then what lies a little ahead is enough,
 * and more would only push out what is not read yet. */
HELPER struct ahead ahead_of(const void *next, const void *b, int64_t ldb, int64_t k, int64_t tile,
                             int64_t tiles) {
  struct ahead ahead = {b, 0};
  if (!next) return ahead;
  int64_t row = ldb * (int64_t)sizeof(int32_t); /* bytes */
  ahead.at = (const char *)next + tile * (row * k / tiles);
  ahead.step = (row + tiles - 1) / tiles;
  if (tiles == 1 && row * k > NEAR) ahead.at = (const char *)b + NEAR;
  return ahead;
}

HELPER void fetch(struct ahead *ahead) {
  __builtin_prefetch(ahead->at, 0, 2);
  __builtin_prefetch(ahead->at + 64, 0, 2);
  ahead->at += ahead->step;
}

/* CASE(1) .. CASE(KERNEL_ROWS), of a switch. */
#define KERNEL_CASES_4(CASE) CASE(1) CASE(2) CASE(3) CASE(4)
#if KERNEL_ROWS == 4
#define KERNEL_CASES(CASE) KERNEL_CASES_4(CASE)
#elif KERNEL_ROWS == 6
#define KERNEL_CASES(CASE) KERNEL_CASES_4(CASE) CASE(5) CASE(6)
#else
#define KERNEL_CASES(CASE)                                                                         \
  KERNEL_CASES_4(CASE) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#endif
