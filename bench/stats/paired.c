/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/stats/paired.h"

#include "bench/stats/quantile.h"

#include <math.h>

static const double error_rate = .05; /* of all rows of a table together, both sides */

struct moments {
  double a, b;       /* means */
  double aa, bb, ab; /* variances and covariance of the means */
};

static struct moments moments_of(const double *a, const double *b, int64_t n) {
  struct moments m = {0};
  for (int64_t i = 0; i < n; i++) {
    m.a += a[i] / (double)n;
    m.b += b[i] / (double)n;
  }
  for (int64_t i = 0; i < n; i++) {
    m.aa += (a[i] - m.a) * (a[i] - m.a);
    m.bb += (b[i] - m.b) * (b[i] - m.b);
    m.ab += (a[i] - m.a) * (b[i] - m.b);
  }
  const double scale = 1 / ((double)(n - 1) * (double)n);
  m.aa *= scale;
  m.bb *= scale;
  m.ab *= scale;
  return m;
}

/* The roots of (a^2 - q^2 aa) t^2 - 2 (a b - q^2 ab) t + (b^2 - q^2 bb) = 0. */
static void fieller(const struct moments *m, double quantile, double *lo, double *hi) {
  const double q = quantile * quantile;
  const double square = m->a * m->a - q * m->aa, middle = m->a * m->b - q * m->ab,
               rest = m->b * m->b - q * m->bb;
  *lo = 0;
  *hi = INFINITY;
  if (!(square > 0)) return;
  const double root = sqrt(fmax(0, middle * middle - square * rest));
  *lo = fmax(0, (middle - root) / square);
  *hi = (middle + root) / square;
}

void l4r_compare_users(const double *a, const double *b, int64_t n, int64_t rows,
                       struct l4r_comparison *comparison) {
  const struct moments m = moments_of(a, b, n);
  const double freedom = (double)(n - 1);
  int64_t differing = 0;
  for (int64_t i = 0; i < n; i++) differing += a[i] != b[i];
  if (!differing && m.a > 0) { /* exactly, not to the last bit of the roots */
    *comparison = (struct l4r_comparison){1, 1, 1, 1, 1};
    return;
  }
  comparison->ratio = m.b / m.a;
  fieller(&m, l4r_student_quantile(1 - error_rate / 2 / (double)rows, freedom), &comparison->lo,
          &comparison->hi);
  fieller(&m, l4r_student_quantile(1 - error_rate / (double)rows, freedom), &comparison->same_lo,
          &comparison->same_hi);
}
