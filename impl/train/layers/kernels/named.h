/* SPDX-License-Identifier: BSD-3-Clause */
/* Products of one vector with rows of a matrix that are named by number, for samples that each
 * position draws for itself; included by body.h. Rows lie anywhere, so the next are asked of the
 * memory while the present ones are multiplied, four at a time. */

enum { NAMED_ROWS = 4, NAMED_AHEAD = 8 };

INLINE void ask_for(int64_t n, int64_t j, int64_t width, const int32_t *row, const l4r_real *at,
                    int to_write) {
  const int64_t line = 64 / (int64_t)sizeof(l4r_real);
  if (j + NAMED_AHEAD >= n) return;
  const l4r_real *next = at + row[j + NAMED_AHEAD] * width;
  for (int64_t i = 0; i < width; i += line) {
    if (to_write)
      __builtin_prefetch(next + i, 1);
    else
      __builtin_prefetch(next + i, 0);
  }
}

static SIMD_TARGET void named_products(int64_t n, int64_t width, const int32_t *row,
                                       const l4r_real *weight, const l4r_real *x, l4r_real *out) {
  int64_t j = 0;
  for (; j + NAMED_ROWS <= n; j += NAMED_ROWS) {
    const l4r_real *w[NAMED_ROWS];
    vec sum[NAMED_ROWS];
    for (int r = 0; r < NAMED_ROWS; r++) {
      w[r] = weight + row[j + r] * width;
      sum[r] = (vec){0};
      ask_for(n, j + r, width, row, weight, 0);
    }
    EACH_VECTOR(i, width) {
      const vec v = load_some(x + i, width - i, 0);
      for (int r = 0; r < NAMED_ROWS; r++) sum[r] += v * load_some(w[r] + i, width - i, 0);
    }
    for (int r = 0; r < NAMED_ROWS; r++) out[j + r] = sum_of(sum[r]);
  }
  for (; j < n; j++) {
    vec sum = {0};
    EACH_VECTOR(i, width)
    sum += load_some(x + i, width - i, 0) * load_some(weight + row[j] * width + i, width - i, 0);
    out[j] = sum_of(sum);
  }
}

/* A row may be named twice, so the second must see what the first wrote: one row at a time. */
static SIMD_TARGET void named_products_back(int64_t n, int64_t width, const int32_t *row,
                                            const l4r_real *weight, const l4r_real *x,
                                            const l4r_real *d, l4r_real *d_x, l4r_real *d_weight) {
  for (int64_t j = 0; j < n; j++) {
    const l4r_real *w = weight + row[j] * width;
    l4r_real *to = d_weight + row[j] * width;
    ask_for(n, j, width, row, d_weight, 1);
    EACH_VECTOR(i, width) {
      const int64_t left = width - i;
      const vec sum = load_some(d_x + i, left, 0) + load_some(w + i, left, 0) * d[j];
      const vec part = load_some(to + i, left, 0) + load_some(x + i, left, 0) * d[j];
      store_some(d_x + i, sum, left, 0);
      store_some(to + i, part, left, 0);
    }
  }
}
