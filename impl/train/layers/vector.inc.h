/* SPDX-License-Identifier: BSD-3-Clause */
/* Included once for each set of instructions (see layers_kernels.c): a vector of LANES numbers in
 * the compiler's vector extension, which gcc and clang both lower to the target's registers, and
 * the few operations that the extension lacks. Tails shorter than a vector go through load_part and
 * store_part, never past the end of an array. */

#undef LANES
#define LANES ((int64_t)(L4R_BYTES / sizeof(l4r_real)))
#undef vec
#define vec FN(vec)
#undef ivec
#define ivec FN(ivec)
#undef INLINE
#define INLINE static inline __attribute__((always_inline)) L4R_TARGET

typedef l4r_real vec __attribute__((vector_size(L4R_BYTES)));
#ifdef L4R_DOUBLE
typedef int64_t ivec __attribute__((vector_size(L4R_BYTES)));
#else
typedef int32_t ivec __attribute__((vector_size(L4R_BYTES)));
#endif

INLINE vec FN(load)(const l4r_real *p) {
  vec v;
  memcpy(&v, p, sizeof v);
  return v;
}

INLINE void FN(store)(l4r_real *p, vec v) {
  memcpy(p, &v, sizeof v);
}

INLINE vec FN(splat)(l4r_real x) {
  return x - (vec){0}; /* not +, which would turn -0 into 0 and cost an addition */
}

/* The first n < LANES numbers; the rest zero. */
INLINE vec FN(load_part)(const l4r_real *p, int64_t n) {
  vec v = {0};
  memcpy(&v, p, (size_t)n * sizeof *p);
  return v;
}

INLINE void FN(store_part)(l4r_real *p, vec v, int64_t n) {
  memcpy(p, &v, (size_t)n * sizeof *p);
}

/* Up to a vector of the `left` numbers; `whole`, a constant, promises that there are as many. */
INLINE vec FN(load_some)(const l4r_real *p, int64_t left, int whole) {
  return whole || left >= LANES ? FN(load)(p) : FN(load_part)(p, left);
}

INLINE void FN(store_some)(l4r_real *p, vec v, int64_t left, int whole) {
  if (whole || left >= LANES)
    FN(store)(p, v);
  else
    FN(store_part)(p, v, left);
}

/* condition lanes are all ones or all zeros, as comparisons leave them */
INLINE vec FN(select)(ivec condition, vec yes, vec no) {
  return (vec)((condition & (ivec)yes) | (~condition & (ivec)no));
}

INLINE vec FN(zero_unless)(ivec condition, vec v) {
  return (vec)(condition & (ivec)v);
}

INLINE vec FN(larger)(vec a, vec b) {
  return FN(select)((ivec)(a > b), a, b);
}

/* Lanes 0, 1, 2, ... */
INLINE ivec FN(lanes)(void) {
  ivec v;
  for (int i = 0; i < (int)LANES; i++) v[i] = i;
  return v;
}

/* The first n lanes; n may be negative or beyond the last. */
INLINE ivec FN(first)(int64_t n) {
  int limit = n < 0 ? 0 : n > LANES ? (int)LANES : (int)n;
  return FN(lanes)() < limit;
}

/* Lane i set where bit i is. */
INLINE ivec FN(spread)(uint64_t bits) {
  ivec place;
  for (int i = 0; i < (int)LANES; i++) place[i] = 1 << i;
  return (((ivec){0} + (int)(bits & 0xffff)) & place) != 0;
}

/* Bits of elements at and after `index`, a multiple of LANES. */
INLINE uint64_t FN(bits_at)(const uint64_t *bits, int64_t index) {
  return bits[index >> 6] >> (index & 63);
}

INLINE l4r_real FN(sum)(vec v) {
  l4r_real part[L4R_BYTES / sizeof(l4r_real)];
  memcpy(part, &v, sizeof v);
  for (int64_t step = LANES / 2; step; step /= 2)
    for (int64_t i = 0; i < step; i++) part[i] += part[i + step];
  return part[0];
}

INLINE l4r_real FN(largest)(vec v) {
  l4r_real part[L4R_BYTES / sizeof(l4r_real)];
  memcpy(part, &v, sizeof v);
  for (int64_t step = LANES / 2; step; step /= 2)
    for (int64_t i = 0; i < step; i++)
      part[i] = part[i] > part[i + step] ? part[i] : part[i + step];
  return part[0];
}

#ifdef L4R_DOUBLE
INLINE vec FN(exponential)(vec x) {
  for (int i = 0; i < (int)LANES; i++) x[i] = exp(x[i]);
  return x;
}
#else
/* e^x for -87 <= x <= 88 (smaller x are taken as -87, about 1e-38) within 2 units in the last
 * place: x = n ln 2 + r, |r| <= ln 2 / 2, a degree-6 Taylor polynomial (error r^7/7! < 1.3e-7 of
 * e^r at the interval's ends, less inside) and 2^n by adding n to the exponent field. n is rounded
 * by adding 1.5 * 2^23; ln 2 is split so that n times its upper part is exact. */
INLINE vec FN(exponential)(vec x) {
  x = FN(larger)(x, FN(splat)(-87.0f));
  vec magic = FN(splat)(12582912.0f);
  vec shifted = x * 1.44269504f + magic;
  vec n = shifted - magic;
  vec r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  vec p = FN(splat)(1.0f / 720);
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  return (vec)((ivec)p + ((ivec)shifted << 23));
}
#endif
