/* SPDX-License-Identifier: BSD-3-Clause */
/* What all kernels are written in, of serving and of training: a vector of LANES numbers in the
 * compiler's vector extension, which gcc and clang both lower to the target's registers, and the
 * operations that the extension lacks. A file of kernels includes the header of its instruction set
 * (impl/simd/avx512.h, ...), which includes this one after it has defined
 *   SIMD_TARGET  function attribute      SIMD_BYTES  of a vec
 *   SIMD_FMA     a * b + c, of vecs      SIMD_ISA    its name in impl/base/cpu.h
 * and may define
 *   SIMD_MADD    products of 16 bits, those of neighbours added into 32 (sets that have it)
 * Parts of a vector never touch memory beyond the end of an array.
 * No include guard: each file gets its own static copies. */
#include "impl/base/cpu.h"
#include "impl/base/unroll.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifndef SIMD_REAL
#define SIMD_REAL float
#define SIMD_INT  int32_t
#endif

#define INLINE static inline __attribute__((always_inline)) SIMD_TARGET

enum { LANES = SIMD_BYTES / (int)sizeof(SIMD_REAL) };

typedef SIMD_REAL vec __attribute__((vector_size(SIMD_BYTES)));
typedef SIMD_INT ivec __attribute__((vector_size(SIMD_BYTES)));

/* --- to and from memory --- */

INLINE vec load(const SIMD_REAL *p) {
  vec v;
  memcpy(&v, p, sizeof v);
  return v;
}

INLINE void store(SIMD_REAL *p, vec v) {
  memcpy(p, &v, sizeof v);
}

/* The first n < LANES numbers; the rest zero. */
INLINE vec load_part(const SIMD_REAL *p, int64_t n) {
  vec v = {0};
  memcpy(&v, p, (size_t)n * sizeof *p);
  return v;
}

INLINE void store_part(SIMD_REAL *p, vec v, int64_t n) {
  memcpy(p, &v, (size_t)n * sizeof *p);
}

/* Up to a vector of the `left` numbers; `whole`, a constant, promises that there are as many. */
INLINE vec load_some(const SIMD_REAL *p, int64_t left, int whole) {
  return whole || left >= LANES ? load(p) : load_part(p, left);
}

INLINE void store_some(SIMD_REAL *p, vec v, int64_t left, int whole) {
  if (whole || left >= LANES)
    store(p, v);
  else
    store_part(p, v, left);
}

INLINE ivec load_ints(const void *p) {
  ivec v;
  memcpy(&v, p, sizeof v);
  return v;
}

INLINE ivec load_ints_part(const void *p, int64_t n) {
  ivec v = {0};
  memcpy(&v, p, (size_t)n * sizeof(SIMD_INT));
  return v;
}

/* --- lanes --- */

INLINE vec spread(SIMD_REAL x) {
  return x - (vec){0}; /* not +, which would turn -0 into 0 and cost an addition */
}

/* Lanes of a mask are all ones or all zeros, as comparisons leave them. */
INLINE vec pick(ivec mask, vec yes, vec no) {
  return (vec)((mask & (ivec)yes) | (~mask & (ivec)no));
}

INLINE vec zero_unless(ivec mask, vec v) {
  return (vec)(mask & (ivec)v);
}

/* b where a is NaN. */
INLINE vec larger(vec a, vec b) {
  return pick((ivec)(a > b), a, b);
}

/* The mask of the first n lanes; n may be negative or beyond the last. */
INLINE ivec first_lanes(int64_t n) {
  int limit = n < 0 ? 0 : n > LANES ? LANES : (int)n;
  ivec lane;
  for (int i = 0; i < LANES; i++) lane[i] = i;
  return lane < limit;
}

/* The mask of the lanes i whose bit i is set. */
INLINE ivec lanes_of_bits(uint64_t bits) {
  ivec place;
  for (int i = 0; i < LANES; i++) place[i] = 1 << i;
  return (((ivec){0} + (int)(bits & 0xffff)) & place) != 0;
}

/* --- reductions: sum_of(v), largest_of(v) --------------------------------------------------------
 * Halves are added, or compared, until one lane is left: in the set's header down to 16 bytes, the
 * rest here. Of two lanes one of which is NaN the larger is the one in the upper half. */
typedef SIMD_REAL few __attribute__((vector_size(16)));

enum { HALF = 8 / (int)sizeof(SIMD_REAL), LAST = 2 * HALF - 1 }; /* of few: 2 and 3, or 1 and 1 */

INLINE SIMD_REAL sum_of_few(few v) {
  SIMD_REAL even = v[0] + v[HALF], odd = v[1] + v[LAST];
  return HALF == 2 ? even + odd : even;
}

INLINE SIMD_REAL largest_of_few(few v) {
  SIMD_REAL even = v[0] > v[HALF] ? v[0] : v[HALF], odd = v[1] > v[LAST] ? v[1] : v[LAST];
  return HALF == 2 && !(even > odd) ? odd : even;
}

/* --- exp --- */

/* e^x of floats, -87 <= x <= 88, by a Taylor polynomial of degree 6 or 7, a constant: it leaves
 * (ln 2 / 2)^7 / 7! = 1.3e-7 or (ln 2 / 2)^8 / 8! = 5e-9 of the value where |r| is largest. e^x =
 * 2^n e^r, n = round(x / ln 2) by adding and subtracting 1.5 * 2^23, |r| <= ln 2 / 2. ln 2 is taken
 * in two parts, the first with few enough bits that n times it is exact (Cody and Waite). */
INLINE vec exp_taylor(vec x, int degree) {
  const vec magic = spread(12582912.0f);
  vec shifted = SIMD_FMA(x, spread(1.44269504f), magic);
  vec n = shifted - magic;
  vec r = SIMD_FMA(n, spread(-0.693359375f), x);
  r = SIMD_FMA(n, spread(2.12194440e-4f), r);
  vec p = spread(1.0f / 720);
  if (degree == 7) p = SIMD_FMA(spread(1.0f / 5040), r, p);
  p = SIMD_FMA(p, r, spread(1.0f / 120));
  p = SIMD_FMA(p, r, spread(1.0f / 24));
  p = SIMD_FMA(p, r, spread(1.0f / 6));
  p = SIMD_FMA(p, r, spread(0.5f));
  p = SIMD_FMA(p, r, spread(1.0f));
  p = SIMD_FMA(p, r, spread(1.0f));
  return (vec)((ivec)p + ((ivec)shifted << 23)); /* n is in the low bits of `shifted` */
}

/* --- the normal distribution --- */

/* Phi(x), the chance that a normal number is below x, from e^(-x^2 / 2): 1 - erf(z) = (a1 t + ... +
 * a5 t^5) e^(-z^2), z = |x| / sqrt(2), t = 1 / (1 + p z), is off by 1.5e-7 at most (Abramowitz and
 * Stegun, 7.1.26). For floats. */
INLINE vec normal_below(vec x, vec density) {
  const vec t = 1.0f /
                SIMD_FMA(pick((ivec)(x < (vec){0}), -x, x), spread(0.231641889f), spread(1.0f));
  vec p = SIMD_FMA(spread(1.061405429f), t, spread(-1.453152027f));
  p = SIMD_FMA(p, t, spread(1.421413741f));
  p = SIMD_FMA(p, t, spread(-0.284496736f));
  p = SIMD_FMA(p, t, spread(0.254829592f));
  const vec beyond = 0.5f * p * t * density;
  return pick((ivec)(x < (vec){0}), beyond, 1.0f - beyond);
}
