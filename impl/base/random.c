/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/random.h"

#include <math.h>

static uint64_t splitmix64(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

void l4r_random_seed(struct l4r_random *random, uint64_t seed) {
  for (int i = 0; i < 4; ++i) random->state[i] = splitmix64(&seed);
}

void l4r_random_stream(struct l4r_random *random, uint64_t seed, uint64_t stream, uint64_t step) {
  uint64_t mixed = seed;
  mixed = splitmix64(&mixed) ^ stream;
  mixed = splitmix64(&mixed) ^ step;
  l4r_random_seed(random, splitmix64(&mixed));
}

static uint64_t rotate_left(uint64_t x, int k) {
  return (x << k) | (x >> (64 - k));
}

uint64_t l4r_random_next(struct l4r_random *random) {
  uint64_t *s = random->state;
  const uint64_t result = rotate_left(s[1] * 5, 7) * 9;
  const uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate_left(s[3], 45);
  return result;
}

double l4r_random_uniform(struct l4r_random *random) {
  return (double)(l4r_random_next(random) >> 11) * 0x1.0p-53;
}

/* Lemire 2019: takes the high half of a 128-bit product, and draws again where that would be
 * biased. */
/* Inlined into the loop below, which draws for bootstraps: a call a draw was half of their time. */
static inline uint64_t below(struct l4r_random *random, uint64_t bound) {
  __uint128_t product = (__uint128_t)l4r_random_next(random) * bound;
  if ((uint64_t)product < bound) {
    const uint64_t threshold = -bound % bound;
    while ((uint64_t)product < threshold) product = (__uint128_t)l4r_random_next(random) * bound;
  }
  return (uint64_t)(product >> 64);
}

uint64_t l4r_random_below(struct l4r_random *random, uint64_t bound) {
  return below(random, bound);
}

void l4r_random_many_below(struct l4r_random *random, uint64_t bound, uint32_t *drawn,
                           size_t count) {
  struct l4r_random own = *random; /* a copy lives in registers */
  for (size_t i = 0; i < count; i++) drawn[i] = (uint32_t)below(&own, bound);
  *random = own;
}

double l4r_random_normal(struct l4r_random *random) {
  const double u = 1.0 - l4r_random_uniform(random); /* (0, 1]: the logarithm is finite */
  const double v = l4r_random_uniform(random);
  return sqrt(-2.0 * log(u)) * cos(2.0 * M_PI * v);
}

double l4r_random_exponential(struct l4r_random *random) {
  return -log(1.0 - l4r_random_uniform(random));
}

void l4r_random_shuffle(struct l4r_random *random, int64_t *values, size_t count) {
  for (size_t i = count; i > 1; --i) {
    const size_t j = (size_t)l4r_random_below(random, i);
    const int64_t kept = values[i - 1];
    values[i - 1] = values[j];
    values[j] = kept;
  }
}
