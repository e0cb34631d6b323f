/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels' one source, included by a file per instruction set (libdeflate's way with its
 * checksum templates) after impl/simd's header of that set, with
 *   TILE_ROWS         rows of a gemm tile
 *   KERNEL_NAME(x)    x with the set's name behind, of what is defined
 *   KERNEL_LABEL      the set's name for people
 *   KERNEL_THERE()    whether this processor has it
 *   TILE_BODY         a header with the set's own `tile`, where the one below does not serve; then
 *                     also GEMM, which calls `gemm` or does its work, and PANEL, columns that it
 *                     wants side by side
 * No include guard: each file gets its own static copies. */
#include "impl/blis/kernels/tile.h"

/* --- gemm ---------------------------------------------------------------------------------------
 * A tile of `rows` x `wide` vectors stays in registers while k runs. A is read in place (one float
 * spread at a time), B in place too: its rows are contiguous, as weights are stored transposed. */
enum { FRESH, ADD, CONTINUE }; /* how a tile meets C: replace it, add to it, go on from it */

#ifdef TILE_BODY
#include TILE_BODY
#else
#define GEMM  gemm
#define PANEL (2 * LANES)

INLINE void tile(const struct l4r_gemm *g, struct ahead ahead, int mode, int rows, int wide) {
  vec sum[TILE_ROWS][2];
  const float *b = g->b, *third[(TILE_ROWS + 2) / 3];
  const int64_t lda = g->lda;
  UNROLL for (int i = 0; i < rows; i += 3) third[i / 3] = g->a + i * lda;
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < wide; j++)
        sum[i][j] = mode == CONTINUE ? load(g->c + i * g->ldc + j * LANES) : (vec){0};
  }
  for (int64_t p = 0; p < g->k; p++, b += g->ldb) {
    vec b0 = load(b), b1 = wide > 1 ? load(b + LANES) : b0;
    fetch(&ahead);
    if (rows > 2) { /* fewer rows are as fast as the panel comes */
      __builtin_prefetch(b + SOON * 2 * LANES, 0, 3);
      __builtin_prefetch(b + (SOON * 2 + 1) * LANES, 0, 3);
    }
    UNROLL for (int i = 0; i < rows; i++) {
      vec x = spread(third[i / 3][i % 3 * lda]);
      sum[i][0] = SIMD_FMA(x, b0, sum[i][0]);
      if (wide > 1) sum[i][1] = SIMD_FMA(x, b1, sum[i][1]);
    }
    UNROLL for (int i = 0; i < rows; i += 3) third[i / 3]++;
  }
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < wide; j++) {
      float *c = g->c + i * g->ldc + j * LANES;
      if (mode == ADD) sum[i][j] += load(c);
      store(c, sum[i][j]);
    }
  }
}

#endif

#define TILE_CASE(n)                                                                               \
  case n:                                                                                          \
    if (wide == 2)                                                                                 \
      tile(g, ahead, mode, n, 2);                                                                  \
    else                                                                                           \
      tile(g, ahead, mode, n, 1);                                                                  \
    break;

/* One tile at g's pointers, g->m <= TILE_ROWS. */
static SIMD_TARGET void tile_rows(const struct l4r_gemm *g, struct ahead ahead, int mode,
                                  int wide) {
  switch (g->m) { TILE_CASES(TILE_CASE) }
}

/* Columns that do not fill a vector: B is copied in pieces of k with zeros behind, the sums go on
 * from piece to piece, so that the chain of multiply-adds is the same as a full tile's. */
static SIMD_TARGET void tile_edge(const struct l4r_gemm *g) {
  enum { PIECE = 64 };
  _Alignas(64) float b[PIECE * LANES] = {0}, c[TILE_ROWS * LANES] = {0};
  struct l4r_gemm piece = {
      .m = g->m, .n = g->n, .lda = g->lda, .b = b, .ldb = LANES, .c = c, .ldc = LANES};
  for (int64_t p = 0; p < g->k; p += PIECE) {
    piece.k = g->k - p < PIECE ? g->k - p : PIECE;
    piece.a = g->a + p;
    for (int64_t i = 0; i < piece.k; i++)
      for (int64_t j = 0; j < g->n; j++) b[i * LANES + j] = g->b[(p + i) * g->ldb + j];
    tile_rows(&piece, ahead_of(NULL, b, 0, 0, 0, 1), CONTINUE, 1);
  }
  for (int64_t i = 0; i < g->m; i++)
    for (int64_t j = 0; j < g->n; j++) {
      float before = g->accumulate ? g->c[i * g->ldc + j] : 0;
      g->c[i * g->ldc + j] = before + c[i * LANES + j];
    }
}

static SIMD_TARGET void gemm(const struct l4r_gemm *g) {
  struct l4r_gemm t = *g;
  int64_t tiles = (g->m + TILE_ROWS - 1) / TILE_ROWS;
  for (int64_t column = 0, step; column < g->n; column += step) {
    int64_t left = g->n - column;
    int wide = left >= 2 * LANES ? 2 : left >= LANES;
    step = wide ? wide * LANES : left;
    t.n = step;
    t.b = g->b + column;
    for (int64_t row = 0, number = 0; row < g->m; row += t.m, number++) {
      t.m = even_rows(g->m - row, tiles - number);
      t.a = g->a + row * g->lda;
      t.c = g->c + row * g->ldc + column;
      if (wide)
        tile_rows(&t, ahead_of(g->next, t.b, g->ldb, g->k, number, tiles),
                  g->accumulate ? ADD : FRESH, wide);
      else
        tile_edge(&t);
    }
  }
}

/* --- rows ---------------------------------------------------------------------------------------
 */
static SIMD_TARGET float dot(int64_t n, const float *x, const float *y) {
  vec s0 = {0}, s1 = {0};
  int64_t i = 0;
  for (; i + 2 * LANES <= n; i += 2 * LANES) {
    s0 = SIMD_FMA(load(x + i), load(y + i), s0);
    s1 = SIMD_FMA(load(x + i + LANES), load(y + i + LANES), s1);
  }
  for (; i < n; i += LANES) {
    int64_t part = n - i < LANES ? n - i : LANES;
    s0 = SIMD_FMA(load_part(x + i, part), load_part(y + i, part), s0);
  }
  return sum_of(s0 + s1);
}

static SIMD_TARGET void rms_norm(int64_t d, const float *x, const float *norm_weight, float epsilon,
                                 float *out) {
  float scale = 1.0f / sqrtf(dot(d, x, x) / (float)d + epsilon);
  int64_t i = 0;
  for (; i + LANES <= d; i += LANES) store(out + i, load(x + i) * scale * load(norm_weight + i));
  for (; i < d; i++) out[i] = x[i] * scale * norm_weight[i];
}

/* Two passes over a row that is in the first-level cache: the variance of the differences is never
 * negative, as a difference of sums might be. */
static SIMD_TARGET void layer_norm(int64_t d, const float *x, const float *norm_weight,
                                   const float *bias, float epsilon, float *out) {
  int64_t whole = d / LANES * LANES, left = d - whole;
  vec sum = {0}, squares = {0};
  for (int64_t i = 0; i < whole; i += LANES) sum += load(x + i);
  if (left) sum += load_part(x + whole, left);
  float mean = sum_of(sum) / (float)d, rest = 0;
  for (int64_t i = 0; i < whole; i += LANES) {
    vec v = load(x + i) - mean;
    squares = SIMD_FMA(v, v, squares);
  }
  for (int64_t i = whole; i < d; i++) rest += (x[i] - mean) * (x[i] - mean);
  float scale = 1.0f / sqrtf((sum_of(squares) + rest) / (float)d + epsilon);
  for (int64_t i = 0; i < whole; i += LANES)
    store(out + i, SIMD_FMA((load(x + i) - mean) * scale, load(norm_weight + i), load(bias + i)));
  for (int64_t i = whole; i < d; i++) out[i] = (x[i] - mean) * scale * norm_weight[i] + bias[i];
}

static SIMD_TARGET void axpy(int64_t n, float factor, const float *x, float *sum) {
  int64_t i = 0;
  vec f = spread(factor);
  for (; i + LANES <= n; i += LANES) store(sum + i, SIMD_FMA(f, load(x + i), load(sum + i)));
  if (i < n)
    store_part(sum + i, SIMD_FMA(f, load_part(x + i, n - i), load_part(sum + i, n - i)), n - i);
}

static SIMD_TARGET void relu(int64_t n, float *x) {
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    vec v = load(x + i);
    store(x + i, pick((ivec)(v < (vec){0}), (vec){0}, v)); /* NaN stays NaN */
  }
  for (; i < n; i++) x[i] = x[i] < 0 ? 0 : x[i];
}

/* --- exp, softmax, gelu ----------------------------------------------------------------------- */
INLINE vec exp_of(vec x) {
  x = pick((ivec)(x < spread(-87.0f)), spread(-87.0f), x); /* NaN stays NaN */
  x = pick((ivec)(x > spread(88.0f)), spread(88.0f), x);
  return exp_taylor(x, 7);
}

static SIMD_TARGET void exp_all(int64_t n, float *x) {
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) store(x + i, exp_of(load(x + i)));
  if (i < n) store_part(x + i, exp_of(load_part(x + i, n - i)), n - i);
}

static SIMD_TARGET float greatest(int64_t n, const float *x) {
  vec top = spread(-INFINITY);
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    vec v = load(x + i);
    top = pick((ivec)(v > top), v, top);
  }
  float most = largest_of(top);
  for (; i < n; i++) most = x[i] > most ? x[i] : most;
  return most;
}

static SIMD_TARGET float exp_sum(int64_t n, const float *x, float shift) {
  vec s0 = {0}, s1 = {0};
  int64_t i = 0;
  for (; i + 2 * LANES <= n; i += 2 * LANES) {
    s0 += exp_of(load(x + i) - shift);
    s1 += exp_of(load(x + i + LANES) - shift);
  }
  for (; i < n; i += LANES) {
    int64_t left = n - i < LANES ? n - i : LANES;
    if (left == LANES) {
      s0 += exp_of(load(x + i) - shift);
    } else {
      float lane[LANES] = {0}, value[LANES];
      store(value, exp_of(load_part(x + i, left) - shift));
      for (int64_t l = 0; l < left; l++) lane[l] = value[l];
      s0 += load(lane);
    }
  }
  return sum_of(s0 + s1);
}

/* The last vector is cut off by a mask: single numbers that were stored before it is loaded would
 * have to reach the cache first, which took as long as all the rest. */
static SIMD_TARGET void softmax(int64_t length, float *score, const float *bias) {
  const int64_t whole = length / LANES * LANES, end = (length + LANES - 1) / LANES * LANES;
  const int64_t padded = (length + L4R_LANES - 1) / L4R_LANES * L4R_LANES;
  const ivec inside = first_lanes(length - whole);
  vec top = spread(-INFINITY), total = {0};
  for (int64_t i = 0; i < end; i += LANES) {
    vec v = load(score + i);
    if (bias) v += load(bias + i);
    if (i == whole) v = pick(inside, v, spread(-INFINITY));
    store(score + i, v);
    top = pick((ivec)(v > top), v, top);
  }
  const float most = largest_of(top);
  for (int64_t i = 0; i < end; i += LANES) {
    vec v = exp_of(load(score + i) - most);
    if (i == whole) v = pick(inside, v, spread(0));
    store(score + i, v);
    total += v;
  }
  const vec scale = spread(1.0f / sum_of(total));
  for (int64_t i = 0; i < end; i += LANES) store(score + i, load(score + i) * scale);
  for (int64_t i = end; i < padded; i += LANES) store(score + i, spread(0));
}

/* gelu_new(x) = x/2 (1 + tanh(u)) = x / (1 + e^-2u), u = sqrt(2/pi) (x + 0.044715 x^3). */
INLINE vec gelu_of(vec x) {
  vec u = 0.7978845608f * (x + 0.044715f * x * x * x);
  return x / (1.0f + exp_of(-2.0f * u));
}

static SIMD_TARGET void gelu_gate(int64_t n, float *gate, const float *linear) {
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) store(gate + i, gelu_of(load(gate + i)) * load(linear + i));
  if (i < n)
    store_part(gate + i, gelu_of(load_part(gate + i, n - i)) * load_part(linear + i, n - i), n - i);
}

static SIMD_TARGET void gelu(int64_t n, float *x) {
  for (int64_t i = 0; i < n; i += LANES) {
    const vec v = load_some(x + i, n - i, 0);
    store_some(x + i, v * normal_below(v, exp_of(-0.5f * v * v)), n - i, 0);
  }
}

INLINE vec sigmoid_of(vec x) {
  return 1.0f / (1.0f + exp_of(-x));
}

static SIMD_TARGET void silu_gate(int64_t n, float *gate, const float *linear) {
  for (int64_t i = 0; i < n; i += LANES) {
    const int whole = n - i >= LANES;
    const vec x = load_some(gate + i, n - i, whole);
    store_some(gate + i, x * sigmoid_of(x) * load_some(linear + i, n - i, whole), n - i, whole);
  }
}

static SIMD_TARGET void sigmoid_gate(int64_t n, float *gate, const float *linear) {
  for (int64_t i = 0; i < n; i += LANES) {
    const int whole = n - i >= LANES;
    const vec x = load_some(gate + i, n - i, whole);
    store_some(gate + i, sigmoid_of(x) * load_some(linear + i, n - i, whole), n - i, whole);
  }
}

static SIMD_TARGET int64_t next_not_below(const float *score, int64_t from, int64_t n,
                                          float threshold) {
  int64_t i = from;
  for (; i + LANES <= n; i += LANES) {
    ivec below = (ivec)(load(score + i) < spread(threshold));
    int32_t all = -1;
    for (int l = 0; l < LANES; l++) all &= below[l];
    if (!all) break;
  }
  while (i < n && score[i] < threshold) i++;
  return i;
}

const struct l4r_kernels KERNEL_NAME(l4r_kernels_) = {
    .isa = SIMD_ISA,
    .gemm = GEMM,
    .rms_norm = rms_norm,
    .layer_norm = layer_norm,
    .softmax = softmax,
    .relu = relu,
    .gelu = gelu,
    .gelu_gate = gelu_gate,
    .silu_gate = silu_gate,
    .sigmoid_gate = sigmoid_gate,
    .dot = dot,
    .axpy = axpy,
    .next_not_below = next_not_below,
    .greatest = greatest,
    .exp_sum = exp_sum,
    .exp = exp_all,
};

static int there(void) {
  return KERNEL_THERE();
}

const struct l4r_gemm_kernel KERNEL_NAME(l4r_gemm_fp32_) = {
    .name = KERNEL_LABEL " multiply-adds",
    .set = SIMD_ISA,
    .available = there,
    .layout = {.precision = L4R_FP32,
               .panel = PANEL,
               .interleave = 1,
               .depth = 1,
               .planes = 1,
               .a_words = 1,
               .a_rows = 1},
    .gemm = GEMM,
};
