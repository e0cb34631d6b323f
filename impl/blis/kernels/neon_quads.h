/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of A in int8 as 64-bit Arm's products take them: signed, so that nothing has to be taken off
 * the sums afterwards. No include guard: each file gets its own static copies. */

/* Four values of a row, those that there are. */
INLINE vec values_at(int64_t k, const float *x, int64_t i) {
  return i + LANES <= k ? load(x + i) : i < k ? load_part(x + i, k - i) : (vec){0};
}

/* To words 0, 1, `step`, `step` + 1, ... of `out`; NaN becomes 0. */
INLINE float to_quads(int64_t k, const float *x, uint32_t *out, int64_t words, int64_t step) {
  vec most = {0};
  for (int64_t i = 0; i < k; i += LANES)
    most = larger((vec)vabsq_f32((float32x4_t)values_at(k, x, i)), most);
  float scale = largest_of(most) / 127, factor = scale > 0 ? 1 / scale : 0;
  for (int64_t i = 0; i < words; i += 2, out += step) {
    vec low = values_at(k, x, 4 * i) * factor, high = values_at(k, x, 4 * i + 4) * factor;
    int16x4_t l = vqmovn_s32(vcvtnq_s32_f32((float32x4_t)low));
    int16x4_t h = vqmovn_s32(vcvtnq_s32_f32((float32x4_t)high));
    int8x8_t quads = vqmovn_s16(vcombine_s16(l, h));
    memcpy(out, &quads, (words - i < 2 ? 1 : 2) * sizeof *out);
  }
  return scale;
}
