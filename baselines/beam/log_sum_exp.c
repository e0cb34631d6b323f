/* The normaliser of a log-softmax. It reads the whole vocabulary for every beam and step, 20 x
 * 32,000 values for one user's step at the paper's scale, so libm's expf would cost more than the
 * decoder's matrix products. The loops run over sixteen independent lanes, which compilers turn
 * into vector instructions without being allowed to reorder floating-point sums. */
#include "baselines/beam/search.h"

#include <math.h>
#include <string.h>

enum { LANES = 16 };

/* exp(x) for x <= 0: 2^n * e^r with |r| <= ln2 / 2 and a polynomial of degree 6 (Taylor's
 * remainder r^7/7! is below 2e-7 of the result). Below -87, where floats end, 1.6e-38 instead of
 * less: nothing beside a maximum of 1. */
static inline float exp_below_zero(float x) {
  const float log2e = 1.44269504f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
  x = x > -87.0f ? x : -87.0f;
  int32_t n = (int32_t)(x * log2e - 0.5f); /* truncation rounds to nearest, x being negative */
  float r = x - (float)n * ln2_high - (float)n * ln2_low;
  float p = 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  int32_t bits = (n + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return p * power;
}

static float range_max(const float *row, int64_t count) {
  float lane[LANES], best = -INFINITY;
  for (int i = 0; i < LANES; i++) lane[i] = -INFINITY;
  int64_t at = 0;
  for (; at + LANES <= count; at += LANES)
    for (int i = 0; i < LANES; i++) lane[i] = row[at + i] > lane[i] ? row[at + i] : lane[i];
  for (; at < count; at++) best = row[at] > best ? row[at] : best;
  for (int i = 0; i < LANES; i++) best = lane[i] > best ? lane[i] : best;
  return best;
}

static float range_sum(const float *row, int64_t count, float shift) {
  float lane[LANES] = {0}, sum = 0;
  int64_t at = 0;
  for (; at + LANES <= count; at += LANES)
    for (int i = 0; i < LANES; i++) lane[i] += exp_below_zero(row[at + i] - shift);
  for (; at < count; at++) sum += exp_below_zero(row[at] - shift);
  for (int i = 0; i < LANES; i++) sum += lane[i];
  return sum;
}

float l4r_log_sum_exp(const float *row, int64_t count, int64_t unused_begin, int64_t unused_end) {
  if (unused_begin >= unused_end) unused_begin = unused_end = count;
  const float *rest = row + unused_end;
  int64_t rest_count = count - unused_end;
  float first = range_max(row, unused_begin), second = range_max(rest, rest_count);
  float shift = first > second ? first : second;
  return shift + logf(range_sum(row, unused_begin, shift) + range_sum(rest, rest_count, shift));
}
