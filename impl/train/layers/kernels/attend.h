/* SPDX-License-Identifier: BSD-3-Clause */
/* Attention of one head over one sequence, and its gradient; included by body.h. All five products
 * are one small GEMM whose left operand is broadcast and whose right one is read in rows; keys
 * (values in the backward pass) are transposed into scratch for the two products that need columns.
 * Scores, weights and their gradients are rows padded to whole vectors. A causal head does only its
 * triangle. */

/* c[MR][NV * LANES] = a[MR][k0 .. k1) * b: a's element (i, k) at a[i * a_row + k * a_column]. */
INLINE void small_tile(const int mr, const int nv, int64_t k0, int64_t k1, const l4r_real *a,
                       int64_t a_row, int64_t a_column, const l4r_real *b, int64_t b_stride,
                       l4r_real *c, int64_t c_stride) {
  vec sum[ATTEND_ROWS][2];
  for (int i = 0; i < mr; i++)
    for (int j = 0; j < nv; j++) sum[i][j] = (vec){0};
  for (int64_t k = k0; k < k1; k++) {
    vec right[2];
    for (int j = 0; j < nv; j++) right[j] = load(b + k * b_stride + j * LANES);
    for (int i = 0; i < mr; i++) {
      vec left = spread(a[i * a_row + k * a_column]);
      for (int j = 0; j < nv; j++) sum[i][j] += left * right[j];
    }
  }
  for (int i = 0; i < mr; i++)
    for (int j = 0; j < nv; j++) store(c + i * c_stride + j * LANES, sum[i][j]);
}

/* One strip of MR rows across all columns. */
INLINE void strip(const int mr, int64_t columns, int64_t k0, int64_t k1, const l4r_real *a,
                  int64_t a_row, int64_t a_column, const l4r_real *b, int64_t b_stride, l4r_real *c,
                  int64_t c_stride) {
  int64_t j = 0;
  for (; j + 2 * LANES <= columns; j += 2 * LANES)
    small_tile(mr, 2, k0, k1, a, a_row, a_column, b + j, b_stride, c + j, c_stride);
  for (; j + LANES <= columns; j += LANES)
    small_tile(mr, 1, k0, k1, a, a_row, a_column, b + j, b_stride, c + j, c_stride);
  for (; j < columns; j++)
    for (int i = 0; i < mr; i++) {
      l4r_real sum = 0;
      for (int64_t k = k0; k < k1; k++) sum += a[i * a_row + k * a_column] * b[k * b_stride + j];
      c[i * c_stride + j] = sum;
    }
}

enum {
  FULL,
  LOWER_RESULT, /* only columns up to the row are wanted */
  LOWER_LEFT,   /* left operand is zero beyond its diagonal */
  UPPER_LEFT    /* left operand (a transposed triangle) is zero before its diagonal */
};

static SIMD_TARGET void small_gemm(int part, int64_t rows, int64_t columns, int64_t depth,
                                   const l4r_real *a, int64_t a_row, int64_t a_column,
                                   const l4r_real *b, int64_t b_stride, l4r_real *c,
                                   int64_t c_stride) {
  for (int64_t i = 0; i < rows;) {
    int64_t left = rows - i, mr = left >= ATTEND_ROWS ? ATTEND_ROWS
                                  : left >= 4         ? 4
                                  : left >= 2         ? 2
                                                      : 1;
    int64_t past = i + mr, wide = columns, k0 = 0, k1 = depth;
    if (part == LOWER_RESULT) {
      wide = (past + LANES - 1) / LANES * LANES;
      if (wide > columns) wide = columns;
    } else if (part == LOWER_LEFT) {
      k1 = past < depth ? past : depth;
    } else if (part == UPPER_LEFT) {
      k0 = i;
    }
    const l4r_real *left_rows = a + i * a_row;
    l4r_real *out = c + i * c_stride;
    if (mr == ATTEND_ROWS)
      strip(ATTEND_ROWS, wide, k0, k1, left_rows, a_row, a_column, b, b_stride, out, c_stride);
    else if (mr == 4)
      strip(4, wide, k0, k1, left_rows, a_row, a_column, b, b_stride, out, c_stride);
    else if (mr == 2)
      strip(2, wide, k0, k1, left_rows, a_row, a_column, b, b_stride, out, c_stride);
    else
      strip(1, wide, k0, k1, left_rows, a_row, a_column, b, b_stride, out, c_stride);
    i = past;
  }
}

/* out[depth][padded] = in[keys][depth] transposed, zeros in the padding. */
static SIMD_TARGET void transpose(int64_t keys, int64_t depth, const l4r_real *in, int64_t stride,
                                  l4r_real *out) {
  int64_t padded = l4r_padded_keys(keys);
  for (int64_t k = 0; k < depth; k++) {
    l4r_real *row = out + k * padded;
    for (int64_t j = 0; j < keys; j++) row[j] = in[j * stride + k];
    for (int64_t j = keys; j < padded; j++) row[j] = 0;
  }
}

/* Softmax of one row of scores in place over its first n keys; zeros beyond. With a mask, dropped
 * weights are stored negative and the survivors, scaled, go to `used`. */
INLINE void softmax_row(const struct l4r_attend *a, int64_t i, l4r_real *row, l4r_real *used) {
  int64_t padded = l4r_padded_keys(a->keys), n = a->causal ? i + 1 : a->keys;
  vec top = spread((l4r_real)-1e30), total = {0};
  int64_t j = 0;
  for (; j < n; j += LANES) {
    vec v = load(row + j);
    if (a->bias) v += load(a->bias + j - i);
    if (n - j < LANES) v = pick(first_lanes(n - j), v, spread((l4r_real)-1e30));
    store(row + j, v);
    top = larger(top, v);
  }
  l4r_real highest = largest_of(top);
  for (j = 0; j < n; j += LANES) {
    vec e = exponential(load(row + j) - highest);
    if (n - j < LANES) e = zero_unless(first_lanes(n - j), e);
    store(row + j, e);
    total += e;
  }
  l4r_real inverse = 1 / sum_of(total);
  for (j = 0; j < n; j += LANES) {
    vec w = load(row + j) * inverse;
    if (a->dropout_mask) {
      ivec kept = lanes_of_bits(bits_at(a->dropout_mask, i * padded + j));
      store(used + j, zero_unless(kept, w * a->scale));
      w = pick(kept, w, -w);
    }
    store(row + j, w);
  }
  for (; j < padded; j += LANES) {
    store(row + j, (vec){0});
    if (a->dropout_mask) store(used + j, (vec){0});
  }
}

static SIMD_TARGET void attend(const struct l4r_attend *a) {
  int64_t padded = l4r_padded_keys(a->keys);
  l4r_real *transposed = a->scratch;
  l4r_real *used = a->dropout_mask ? transposed + a->depth * padded : a->weights;
  transpose(a->keys, a->depth, a->k, a->k_stride, transposed);
  small_gemm(a->causal ? LOWER_RESULT : FULL, a->queries, padded, a->depth, a->q, a->q_stride, 1,
             transposed, padded, a->weights, padded);
  for (int64_t i = 0; i < a->queries; i++)
    softmax_row(a, i, a->weights + i * padded, used + i * padded);
  small_gemm(a->causal ? LOWER_LEFT : FULL, a->queries, a->depth, a->keys, used, padded, 1, a->v,
             a->k_stride, a->out, a->out_stride);
}

/* From weights and d of the used weights (in `row`): d of the scores in `row`, the used weights in
 * `used`. A dropped weight (negative) has no gradient of its own but takes part in the softmax. */
INLINE void softmax_row_back(const struct l4r_attend *a, int64_t i, l4r_real *row, l4r_real *used) {
  int64_t padded = l4r_padded_keys(a->keys), n = a->causal ? i + 1 : a->keys, j;
  const l4r_real *weights = a->weights + i * padded;
  vec products = {0};
  for (j = 0; j < n; j += LANES) {
    vec w = load(weights + j), d = load(row + j);
    if (a->dropped) {
      ivec kept = (ivec)w >= 0;
      w = zero_unless(kept, w) * a->scale;
      d = zero_unless(kept, d) * a->scale;
      store(used + j, w);
      store(row + j, d);
      w = load(weights + j);
    }
    products += w * d;
  }
  l4r_real dot = sum_of(products);
  for (j = 0; j < n; j += LANES) {
    vec w = load(weights + j);
    if (a->dropped) w = larger(w, -w);
    vec g = w * (load(row + j) - dot);
    store(row + j, g);
    if (a->d_bias) {
      l4r_real *bias = a->d_bias + j - i;
      store(bias, load(bias) + g);
    }
  }
  for (; j < padded; j += LANES) {
    store(row + j, (vec){0});
    if (a->dropped) store(used + j, (vec){0});
  }
}

static SIMD_TARGET void attend_back(const struct l4r_attend *a) {
  int64_t padded = l4r_padded_keys(a->keys), queries = a->queries;
  l4r_real *transposed = a->scratch, *d = transposed + a->depth * padded,
           *used = d + queries * padded;
  transpose(a->keys, a->depth, a->v, a->k_stride, transposed);
  small_gemm(a->causal ? LOWER_RESULT : FULL, queries, padded, a->depth, a->d_out, a->out_stride, 1,
             transposed, padded, d, padded);
  for (int64_t i = 0; i < queries; i++) softmax_row_back(a, i, d + i * padded, used + i * padded);
  if (!a->dropped) used = a->weights;
  small_gemm(a->causal ? UPPER_LEFT : FULL, a->keys, a->depth, queries, used, 1, padded, a->d_out,
             a->out_stride, a->d_v, a->k_stride);
  small_gemm(a->causal ? LOWER_LEFT : FULL, queries, a->depth, a->keys, d, padded, 1, a->k,
             a->k_stride, a->d_q, a->q_stride);
  small_gemm(a->causal ? UPPER_LEFT : FULL, a->keys, a->depth, queries, d, 1, padded, a->q,
             a->q_stride, a->d_k, a->k_stride);
}
