/* SPDX-License-Identifier: BSD-3-Clause */
/* Included once for each set of instructions: attention of one head over one sequence, and its
 * gradient. All five products are one small GEMM whose left operand is broadcast and whose right
 * one is read in rows; keys (values in the backward pass) are transposed into scratch for the two
 * products that need columns. Scores, weights and their gradients are rows padded to whole vectors.
 * A causal head does only its triangle. */

/* c[MR][NV * LANES] = a[MR][k0 .. k1) * b: a's element (i, k) at a[i * a_row + k * a_column]. */
INLINE void FN(tile)(const int mr, const int nv, int64_t k0, int64_t k1, const l4r_real *a,
                     int64_t a_row, int64_t a_column, const l4r_real *b, int64_t b_stride,
                     l4r_real *c, int64_t c_stride) {
  vec sum[L4R_TILE][2];
  for (int i = 0; i < mr; i++)
    for (int j = 0; j < nv; j++) sum[i][j] = (vec){0};
  for (int64_t k = k0; k < k1; k++) {
    vec right[2];
    for (int j = 0; j < nv; j++) right[j] = FN(load)(b + k * b_stride + j * LANES);
    for (int i = 0; i < mr; i++) {
      vec left = FN(splat)(a[i * a_row + k * a_column]);
      for (int j = 0; j < nv; j++) sum[i][j] += left * right[j];
    }
  }
  for (int i = 0; i < mr; i++)
    for (int j = 0; j < nv; j++) FN(store)(c + i * c_stride + j * LANES, sum[i][j]);
}

/* One strip of MR rows across all columns. */
INLINE void FN(strip)(const int mr, int64_t columns, int64_t k0, int64_t k1, const l4r_real *a,
                      int64_t a_row, int64_t a_column, const l4r_real *b, int64_t b_stride,
                      l4r_real *c, int64_t c_stride) {
  int64_t j = 0;
  for (; j + 2 * LANES <= columns; j += 2 * LANES)
    FN(tile)(mr, 2, k0, k1, a, a_row, a_column, b + j, b_stride, c + j, c_stride);
  for (; j + LANES <= columns; j += LANES)
    FN(tile)(mr, 1, k0, k1, a, a_row, a_column, b + j, b_stride, c + j, c_stride);
  for (; j < columns; j++)
    for (int i = 0; i < mr; i++) {
      l4r_real sum = 0;
      for (int64_t k = k0; k < k1; k++) sum += a[i * a_row + k * a_column] * b[k * b_stride + j];
      c[i * c_stride + j] = sum;
    }
}

#undef FULL
#undef LOWER_RESULT
#undef LOWER_LEFT
#undef UPPER_LEFT
#define FULL         0
#define LOWER_RESULT 1 /* only columns up to the row are wanted */
#define LOWER_LEFT   2 /* left operand is zero beyond its diagonal */
#define UPPER_LEFT   3 /* left operand (a transposed triangle) is zero before its diagonal */

static L4R_TARGET void FN(small_gemm)(int part, int64_t rows, int64_t columns, int64_t depth,
                                      const l4r_real *a, int64_t a_row, int64_t a_column,
                                      const l4r_real *b, int64_t b_stride, l4r_real *c,
                                      int64_t c_stride) {
  for (int64_t i = 0; i < rows;) {
    int64_t left = rows - i, mr = left >= L4R_TILE ? L4R_TILE : left >= 4 ? 4 : left >= 2 ? 2 : 1;
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
    if (mr == L4R_TILE)
      FN(strip)(L4R_TILE, wide, k0, k1, left_rows, a_row, a_column, b, b_stride, out, c_stride);
    else if (mr == 4)
      FN(strip)(4, wide, k0, k1, left_rows, a_row, a_column, b, b_stride, out, c_stride);
    else if (mr == 2)
      FN(strip)(2, wide, k0, k1, left_rows, a_row, a_column, b, b_stride, out, c_stride);
    else
      FN(strip)(1, wide, k0, k1, left_rows, a_row, a_column, b, b_stride, out, c_stride);
    i = past;
  }
}

/* out[depth][padded] = in[keys][depth] transposed, zeros in the padding. */
static L4R_TARGET void FN(transpose)(int64_t keys, int64_t depth, const l4r_real *in,
                                     int64_t stride, l4r_real *out) {
  int64_t padded = l4r_padded_keys(keys);
  for (int64_t k = 0; k < depth; k++) {
    l4r_real *row = out + k * padded;
    for (int64_t j = 0; j < keys; j++) row[j] = in[j * stride + k];
    for (int64_t j = keys; j < padded; j++) row[j] = 0;
  }
}

/* Softmax of one row of scores in place over its first n keys; zeros beyond. With a mask, dropped
 * weights are stored negative and the survivors, scaled, go to `used`. */
INLINE void FN(softmax_row)(const struct l4r_attend *a, int64_t i, l4r_real *row, l4r_real *used) {
  int64_t padded = l4r_padded_keys(a->keys), n = a->causal ? i + 1 : a->keys;
  vec top = FN(splat)((l4r_real)-1e30), total = {0};
  int64_t j = 0;
  for (; j < n; j += LANES) {
    vec v = FN(load)(row + j);
    if (a->bias) v += FN(load)(a->bias + j - i);
    if (n - j < LANES) v = FN(select)(FN(first)(n - j), v, FN(splat)((l4r_real)-1e30));
    FN(store)(row + j, v);
    top = FN(larger)(top, v);
  }
  l4r_real highest = FN(largest)(top);
  for (j = 0; j < n; j += LANES) {
    vec e = FN(exponential)(FN(load)(row + j) - highest);
    if (n - j < LANES) e = FN(zero_unless)(FN(first)(n - j), e);
    FN(store)(row + j, e);
    total += e;
  }
  l4r_real inverse = 1 / FN(sum)(total);
  for (j = 0; j < n; j += LANES) {
    vec w = FN(load)(row + j) * inverse;
    if (a->dropout_mask) {
      ivec kept = FN(spread)(FN(bits_at)(a->dropout_mask, i * padded + j));
      FN(store)(used + j, FN(zero_unless)(kept, w * a->scale));
      w = FN(select)(kept, w, -w);
    }
    FN(store)(row + j, w);
  }
  for (; j < padded; j += LANES) {
    FN(store)(row + j, (vec){0});
    if (a->dropout_mask) FN(store)(used + j, (vec){0});
  }
}

static L4R_TARGET void FN(attend)(const struct l4r_attend *a) {
  int64_t padded = l4r_padded_keys(a->keys);
  l4r_real *transposed = a->scratch;
  l4r_real *used = a->dropout_mask ? transposed + a->depth * padded : a->weights;
  FN(transpose)(a->keys, a->depth, a->k, a->k_stride, transposed);
  FN(small_gemm)
  (a->causal ? LOWER_RESULT : FULL, a->queries, padded, a->depth, a->q, a->q_stride, 1, transposed,
   padded, a->weights, padded);
  for (int64_t i = 0; i < a->queries; i++)
    FN(softmax_row)(a, i, a->weights + i * padded, used + i * padded);
  FN(small_gemm)
  (a->causal ? LOWER_LEFT : FULL, a->queries, a->depth, a->keys, used, padded, 1, a->v, a->k_stride,
   a->out, a->out_stride);
}

/* From weights and d of the used weights (in `row`): d of the scores in `row`, the used weights in
 * `used`. A dropped weight (negative) has no gradient of its own but takes part in the softmax. */
INLINE void FN(softmax_row_back)(const struct l4r_attend *a, int64_t i, l4r_real *row,
                                 l4r_real *used) {
  int64_t padded = l4r_padded_keys(a->keys), n = a->causal ? i + 1 : a->keys, j;
  const l4r_real *weights = a->weights + i * padded;
  vec products = {0};
  for (j = 0; j < n; j += LANES) {
    vec w = FN(load)(weights + j), d = FN(load)(row + j);
    if (a->dropped) {
      ivec kept = (ivec)w >= 0;
      w = FN(zero_unless)(kept, w) * a->scale;
      d = FN(zero_unless)(kept, d) * a->scale;
      FN(store)(used + j, w);
      FN(store)(row + j, d);
      w = FN(load)(weights + j);
    }
    products += w * d;
  }
  l4r_real dot = FN(sum)(products);
  for (j = 0; j < n; j += LANES) {
    vec w = FN(load)(weights + j);
    if (a->dropped) w = FN(larger)(w, -w);
    vec g = w * (FN(load)(row + j) - dot);
    FN(store)(row + j, g);
    if (a->d_bias) {
      l4r_real *bias = a->d_bias + j - i;
      FN(store)(bias, FN(load)(bias) + g);
    }
  }
  for (; j < padded; j += LANES) {
    FN(store)(row + j, (vec){0});
    if (a->dropped) FN(store)(used + j, (vec){0});
  }
}

static L4R_TARGET void FN(attend_back)(const struct l4r_attend *a) {
  int64_t padded = l4r_padded_keys(a->keys), queries = a->queries;
  l4r_real *transposed = a->scratch, *d = transposed + a->depth * padded,
           *used = d + queries * padded;
  FN(transpose)(a->keys, a->depth, a->v, a->k_stride, transposed);
  FN(small_gemm)
  (a->causal ? LOWER_RESULT : FULL, queries, padded, a->depth, a->d_out, a->out_stride, 1,
   transposed, padded, d, padded);
  for (int64_t i = 0; i < queries; i++)
    FN(softmax_row_back)(a, i, d + i * padded, used + i * padded);
  if (!a->dropped) used = a->weights;
  FN(small_gemm)
  (a->causal ? UPPER_LEFT : FULL, a->keys, a->depth, queries, used, 1, padded, a->d_out,
   a->out_stride, a->d_v, a->k_stride);
  FN(small_gemm)
  (a->causal ? LOWER_LEFT : FULL, queries, a->depth, a->keys, d, padded, 1, a->k, a->k_stride,
   a->d_q, a->q_stride);
  FN(small_gemm)
  (a->causal ? UPPER_LEFT : FULL, a->keys, a->depth, queries, d, 1, padded, a->q, a->q_stride,
   a->d_k, a->k_stride);
}

static const struct l4r_layer_kernels FN(kernels) = {
#define L4R_TEXT_(x) #x
#define L4R_TEXT(x)  L4R_TEXT_(x)
    .isa = L4R_TEXT(L4R_ISA),
#undef L4R_TEXT
#undef L4R_TEXT_
    .draw = FN(draw),
    .add_norm = FN(add_norm),
    .apply_norm_weight = FN(apply_norm_weight),
    .apply_norm_weight_back = FN(apply_norm_weight_back),
    .norm_back = FN(norm_back),
    .relu = FN(relu),
    .relu_back = FN(relu_back),
    .gate = FN(gate),
    .gate_back = FN(gate_back),
    .attend = FN(attend),
    .attend_back = FN(attend_back),
    .loss_row = FN(loss_row),
};
