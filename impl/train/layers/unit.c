/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums run over eight lanes, so that the compiler may keep them in one vector. */
#include "impl/train/layers/unit.h"

#include <math.h>

enum { SUMS = 8 };
static const double SHORTEST = 1e-12;

static double dot(int64_t width, const l4r_real *a, const l4r_real *b) {
  l4r_real sum[SUMS] = {0};
  int64_t i = 0;
  for (; i + SUMS <= width; i += SUMS)
    for (int lane = 0; lane < SUMS; lane++) sum[lane] += a[i + lane] * b[i + lane];
  for (; i < width; i++) sum[i % SUMS] += a[i] * b[i];
  return (double)((sum[0] + sum[4]) + (sum[1] + sum[5])) +
         (double)((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

void l4r_unit_rows(int64_t rows, int64_t width, const l4r_real *x, l4r_real *unit,
                   l4r_real *inverse) {
  for (int64_t row = 0; row < rows; row++, x += width, unit += width) {
    const double length = sqrt(dot(width, x, x));
    inverse[row] = length < SHORTEST ? 0 : (l4r_real)(1 / length);
    for (int64_t i = 0; i < width; i++) unit[i] = x[i] * inverse[row];
  }
}

void l4r_unit_rows_back(int64_t rows, int64_t width, const l4r_real *unit, const l4r_real *inverse,
                        const l4r_real *d, int add, l4r_real *d_x) {
  for (int64_t row = 0; row < rows; row++, unit += width, d += width, d_x += width) {
    const l4r_real along = (l4r_real)dot(width, d, unit), factor = inverse[row];
    for (int64_t i = 0; i < width; i++) {
      const l4r_real v = (d[i] - along * unit[i]) * factor;
      d_x[i] = add ? d_x[i] + v : v;
    }
  }
}
