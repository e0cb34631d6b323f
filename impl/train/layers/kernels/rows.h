/* SPDX-License-Identifier: BSD-3-Clause */
/* Loops over the rows of a matrix; included by body.h. Bodies with `whole` are compiled twice, for
 * widths that are whole vectors and for the others. */

#define EACH_VECTOR(i, width) for (int64_t i = 0; i < (width); i += LANES)

/* e^x, x <= 88; what is below -87 is taken as -87, about 1e-38. Within 2 units in the last place.
 */
INLINE vec exponential(vec x) {
#ifdef L4R_DOUBLE
  for (int i = 0; i < LANES; i++) x[i] = exp(x[i]);
  return x;
#else
  return exp_taylor(larger(x, spread(-87.0f)), 6);
#endif
}

/* Bits of elements at and after `index`, a multiple of LANES. */
INLINE uint64_t bits_at(const uint64_t *bits, int64_t index) {
  return bits[index >> 6] >> (index & 63);
}

/* dropout_mask is the row's mask, NULL without dropout */
INLINE vec drop(vec v, const uint64_t *dropout_mask, int64_t index, l4r_real scale) {
  return dropout_mask ? zero_unless(lanes_of_bits(bits_at(dropout_mask, index)), v) * scale : v;
}

INLINE const uint64_t *mask_row(const struct l4r_masked_rows *shape, int64_t row) {
  return shape->dropout_mask ? shape->dropout_mask + row * l4r_mask_words(shape->width) : NULL;
}

/* Bits that are 1 with probability chance / 65536: taking the binary digits of the probability from
 * the last to the first, a one ORs a fresh random word into the result, a zero ANDs it, so that
 * each step halves what came before and adds the digit's half. */
static SIMD_TARGET void draw(struct l4r_dropper *dropper, uint64_t *bits, int64_t words) {
  typedef uint64_t lanes __attribute__((vector_size(64)));
  lanes s0, s1, s2, s3;
  memcpy(&s0, dropper->state[0], sizeof s0);
  memcpy(&s1, dropper->state[1], sizeof s1);
  memcpy(&s2, dropper->state[2], sizeof s2);
  memcpy(&s3, dropper->state[3], sizeof s3);
  uint32_t chance = dropper->chance;
  int digit = chance >= 65536 ? 16 : __builtin_ctz(chance | 0x10000);
  for (int64_t word = 0; word < words; word += 8) {
    lanes kept = {0};
    if (digit == 16) kept -= (lanes){0} + (chance >= 65536);
    for (int d = digit; d < 16; d++) {
      lanes sum = s0 + s3;
      lanes fresh = (sum << 23 | sum >> 41) + s0;
      lanes t = s1 << 17;
      s2 ^= s0, s3 ^= s1, s1 ^= s2, s0 ^= s3, s2 ^= t;
      s3 = s3 << 45 | s3 >> 19;
      kept = chance >> d & 1 ? kept | fresh : kept & fresh;
    }
    int64_t left = words - word;
    memcpy(bits + word, &kept, left < 8 ? (size_t)left * 8 : sizeof kept);
  }
  memcpy(dropper->state[0], &s0, sizeof s0);
  memcpy(dropper->state[1], &s1, sizeof s1);
  memcpy(dropper->state[2], &s2, sizeof s2);
  memcpy(dropper->state[3], &s3, sizeof s3);
}

INLINE void add_norm_row(int64_t width, int whole, const uint64_t *dropout_mask, l4r_real scale,
                         int first, const l4r_real *add, l4r_real epsilon, l4r_real *x,
                         l4r_real *normed, l4r_real *rstd) {
  vec squares = {0};
  EACH_VECTOR(i, width) {
    vec v = drop(load_some(add + i, width - i, whole), dropout_mask, i, scale);
    if (!first) v += load_some(x + i, width - i, whole);
    store_some(x + i, v, width - i, whole);
    squares += v * v;
  }
  l4r_real r = 1 / (l4r_real)sqrt((double)(sum_of(squares) / (l4r_real)width + epsilon));
  *rstd = r;
  EACH_VECTOR(i, width)
  store_some(normed + i, load_some(x + i, width - i, whole) * r, width - i, whole);
}

static SIMD_TARGET void add_norm(const struct l4r_masked_rows *shape, int first,
                                 const l4r_real *add, l4r_real epsilon, l4r_real *x,
                                 l4r_real *normed, l4r_real *rstd) {
  int64_t width = shape->width;
  for (int64_t row = 0; row < shape->rows; row++) {
    const uint64_t *dropout_mask = mask_row(shape, row);
    int64_t at = row * width;
    if (width % LANES == 0) {
      add_norm_row(width, 1, dropout_mask, shape->scale, first, add + at, epsilon, x + at,
                   normed + at, rstd + row);
    } else {
      add_norm_row(width, 0, dropout_mask, shape->scale, first, add + at, epsilon, x + at,
                   normed + at, rstd + row);
    }
  }
}

static SIMD_TARGET void apply_norm_weight(const struct l4r_masked_rows *shape,
                                          const l4r_real *normed, const l4r_real *norm_weight,
                                          l4r_real *out) {
  int64_t width = shape->width;
  for (int64_t row = 0; row < shape->rows; row++) {
    const uint64_t *dropout_mask = mask_row(shape, row);
    const l4r_real *n = normed + row * width;
    EACH_VECTOR(i, width) {
      vec v = load_some(n + i, width - i, 0) * load_some(norm_weight + i, width - i, 0);
      store_some(out + row * width + i, drop(v, dropout_mask, i, shape->scale), width - i, 0);
    }
  }
}

static SIMD_TARGET void apply_norm_weight_back(const struct l4r_masked_rows *shape,
                                               const l4r_real *normed, const l4r_real *norm_weight,
                                               l4r_real *d, l4r_real *d_norm_weight) {
  int64_t width = shape->width;
  for (int64_t row = 0; row < shape->rows; row++) {
    const uint64_t *dropout_mask = mask_row(shape, row);
    const l4r_real *n = normed + row * width;
    EACH_VECTOR(i, width) {
      int64_t left = width - i;
      l4r_real *p = d + row * width + i;
      vec v = drop(load_some(p, left, 0), dropout_mask, i, shape->scale);
      vec g = load_some(d_norm_weight + i, left, 0) + v * load_some(n + i, left, 0);
      store_some(d_norm_weight + i, g, left, 0);
      store_some(p, v * load_some(norm_weight + i, left, 0), left, 0);
    }
  }
}

INLINE void norm_back_row(int64_t width, int whole, const uint64_t *dropout_mask, l4r_real scale,
                          int first, const l4r_real *d, const l4r_real *normed, l4r_real rstd,
                          l4r_real *dx, l4r_real *dy) {
  vec products = {0};
  EACH_VECTOR(i, width)
  products += load_some(d + i, width - i, whole) * load_some(normed + i, width - i, whole);
  l4r_real mean = sum_of(products) / (l4r_real)width;
  EACH_VECTOR(i, width) {
    int64_t left = width - i;
    vec v = load_some(d + i, left, whole) - load_some(normed + i, left, whole) * mean;
    v = v * rstd;
    if (!first) v += load_some(dx + i, left, whole);
    store_some(dx + i, v, left, whole);
    store_some(dy + i, drop(v, dropout_mask, i, scale), left, whole);
  }
}

static SIMD_TARGET void norm_back(const struct l4r_masked_rows *shape, int first,
                                  const l4r_real *d_normed, const l4r_real *normed,
                                  const l4r_real *rstd, l4r_real *dx, l4r_real *dy) {
  int64_t width = shape->width;
  for (int64_t row = 0; row < shape->rows; row++) {
    const uint64_t *dropout_mask = mask_row(shape, row);
    int64_t at = row * width;
    if (width % LANES == 0) {
      norm_back_row(width, 1, dropout_mask, shape->scale, first, d_normed + at, normed + at,
                    rstd[row], dx + at, dy + at);
    } else {
      norm_back_row(width, 0, dropout_mask, shape->scale, first, d_normed + at, normed + at,
                    rstd[row], dx + at, dy + at);
    }
  }
}

static SIMD_TARGET void relu(const struct l4r_masked_rows *shape, l4r_real *u) {
  int64_t width = shape->width;
  vec zero = {0};
  for (int64_t row = 0; row < shape->rows; row++) {
    const uint64_t *dropout_mask = mask_row(shape, row);
    l4r_real *p = u + row * width;
    EACH_VECTOR(i, width) {
      vec v = larger(load_some(p + i, width - i, 0), zero);
      store_some(p + i, drop(v, dropout_mask, i, shape->scale), width - i, 0);
    }
  }
}

/* What dropout or ReLU set to zero has no gradient, so the output serves as its own mask. */
static SIMD_TARGET void relu_back(const struct l4r_masked_rows *shape, const l4r_real *out,
                                  l4r_real *d) {
  int64_t count = shape->rows * shape->width;
  l4r_real scale = shape->dropout_mask ? shape->scale : 1;
  EACH_VECTOR(i, count) {
    vec v = load_some(out + i, count - i, 0), g = load_some(d + i, count - i, 0);
    store_some(d + i, zero_unless((ivec)(v > 0), g * scale), count - i, 0);
  }
}

/* Phi(x) by the error function, given e^(-x^2 / 2). */
INLINE vec below(vec x, vec density) {
#ifdef L4R_DOUBLE
  for (int i = 0; i < LANES; i++) x[i] = 0.5 * erfc(-x[i] * 0.70710678118654752);
  return x;
#else
  return normal_below(x, density);
#endif
}

static SIMD_TARGET void gelu(int64_t count, const l4r_real *u, l4r_real *out) {
  EACH_VECTOR(i, count) {
    vec v = load_some(u + i, count - i, 0);
    store_some(out + i, v * below(v, exponential(v * v * (l4r_real)-0.5)), count - i, 0);
  }
}

/* Phi(u) + u e^(-u^2 / 2) / sqrt(2 pi) */
static SIMD_TARGET void gelu_back(int64_t count, const l4r_real *u, l4r_real *d) {
  EACH_VECTOR(i, count) {
    vec v = load_some(u + i, count - i, 0), g = load_some(d + i, count - i, 0);
    vec density = exponential(v * v * (l4r_real)-0.5);
    vec slope = below(v, density) + v * density * (l4r_real)0.39894228040143268;
    store_some(d + i, g * slope, count - i, 0);
  }
}

/* gelu_new(x) = x / 2 (1 + tanh z) = x / (1 + e^-2z), z = (2/pi)^.5 (x + 0.044715 x^3). -2z is held
 * within the range of the exponential. */
INLINE vec gelu_sigmoid(vec x) {
  vec z = x * (l4r_real)-1.5957691216057308 * (x * x * (l4r_real)0.044715 + 1);
  z = -larger(-z, spread(-80));
  return 1 / (exponential(z) + 1);
}

/* 1 / (1 + e^-x), the exponent held within the range of the exponential. */
INLINE vec sigmoid_of(vec x) {
  return 1 / (exponential(-larger(x, spread(-80))) + 1);
}

static SIMD_TARGET void sigmoid(int64_t count, l4r_real *x) {
  EACH_VECTOR(i, count)
  store_some(x + i, sigmoid_of(load_some(x + i, count - i, 0)), count - i, 0);
}

/* Gated activations of rows of 2 * width; `silu` is constant wherever these are inlined. */
INLINE void gate_rows(const int silu, const struct l4r_masked_rows *shape, const l4r_real *u,
                      l4r_real *out) {
  int64_t width = shape->width;
  for (int64_t row = 0; row < shape->rows; row++) {
    const uint64_t *dropout_mask = mask_row(shape, row);
    const l4r_real *x = u + row * 2 * width, *y = x + width;
    EACH_VECTOR(i, width) {
      vec v = load_some(x + i, width - i, 0), w = load_some(y + i, width - i, 0);
      v = v * (silu ? sigmoid_of(v) : gelu_sigmoid(v)) * w;
      store_some(out + row * width + i, drop(v, dropout_mask, i, shape->scale), width - i, 0);
    }
  }
}

INLINE void gate_rows_back(const int silu, const struct l4r_masked_rows *shape, const l4r_real *d,
                           l4r_real *u) {
  int64_t width = shape->width;
  const l4r_real slope = (l4r_real)1.5957691216057308;
  for (int64_t row = 0; row < shape->rows; row++) {
    const uint64_t *dropout_mask = mask_row(shape, row);
    l4r_real *x = u + row * 2 * width, *y = x + width;
    EACH_VECTOR(i, width) {
      int64_t left = width - i;
      vec g = drop(load_some(d + row * width + i, left, 0), dropout_mask, i, shape->scale);
      vec v = load_some(x + i, left, 0), w = load_some(y + i, left, 0);
      vec s = silu ? sigmoid_of(v) : gelu_sigmoid(v), inner = spread(1);
      if (!silu) inner = (v * v * (l4r_real)(3 * 0.044715) + 1) * slope;
      store_some(x + i, g * w * (s + v * s * (1 - s) * inner), left, 0);
      store_some(y + i, g * v * s, left, 0);
    }
  }
}

static SIMD_TARGET void gate(const struct l4r_masked_rows *shape, const l4r_real *u,
                             l4r_real *out) {
  gate_rows(0, shape, u, out);
}

static SIMD_TARGET void gate_back(const struct l4r_masked_rows *shape, const l4r_real *d,
                                  l4r_real *u) {
  gate_rows_back(0, shape, d, u);
}

static SIMD_TARGET void swiglu(const struct l4r_masked_rows *shape, const l4r_real *u,
                               l4r_real *out) {
  gate_rows(1, shape, u, out);
}

static SIMD_TARGET void swiglu_back(const struct l4r_masked_rows *shape, const l4r_real *d,
                                    l4r_real *u) {
  gate_rows_back(1, shape, d, u);
}

INLINE vec add_bias(l4r_real *logits, const l4r_real *bias, int64_t left, vec top) {
  vec v = load_some(logits, left, 0);
  if (bias) {
    v += load_some(bias, left, 0);
    store_some(logits, v, left, 0);
  }
  if (left < LANES) v = pick(first_lanes(left), v, top);
  return larger(top, v);
}

static SIMD_TARGET double loss_row(int64_t classes, int64_t target, const l4r_real *bias,
                                   l4r_real loss_scale, l4r_real *logits, l4r_real *d_bias) {
  vec top = spread((l4r_real)-1e30);
  EACH_VECTOR(i, classes)
  top = add_bias(logits + i, bias ? bias + i : NULL, classes - i, top);
  l4r_real highest = largest_of(top), aim = logits[target];
  vec total = {0};
  EACH_VECTOR(i, classes) {
    vec e = exponential(load_some(logits + i, classes - i, 0) - highest);
    store_some(logits + i, e, classes - i, 0);
    total += classes - i < LANES ? zero_unless(first_lanes(classes - i), e) : e;
  }
  double sum = (double)sum_of(total);
  l4r_real factor = (l4r_real)((double)loss_scale / sum);
  EACH_VECTOR(i, classes) {
    vec g = load_some(logits + i, classes - i, 0) * factor;
    store_some(logits + i, g, classes - i, 0);
    if (d_bias) store_some(d_bias + i, load_some(d_bias + i, classes - i, 0) + g, classes - i, 0);
  }
  logits[target] -= loss_scale;
  if (d_bias) d_bias[target] -= loss_scale;
  return log(sum) + (double)highest - (double)aim;
}
