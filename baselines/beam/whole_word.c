/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/beam/whole_word.h"

#include <string.h>

static void add(float *restrict to, const float *restrict from, int64_t count) {
  for (int64_t i = 0; i < count; i++) to[i] += from[i];
}

void l4r_whole_word_embed(const struct l4r_prompt_batch *batch, const float *table,
                          const float *whole, float *out) {
  int64_t width = batch->width;
  for (int64_t p = 0; p < batch->positions; p++) {
    memcpy(out + p * width, table + batch->token[p] * width, (size_t)width * sizeof *out);
    if (batch->word[p] >= 0) add(out + p * width, whole + batch->word[p] * width, width);
  }
}

void l4r_whole_word_back(const struct l4r_prompt_batch *batch, const float *d_out, float *d_table,
                         float *d_whole) {
  int64_t width = batch->width;
  for (int64_t p = 0; p < batch->positions; p++) {
    add(d_table + batch->token[p] * width, d_out + p * width, width);
    if (batch->word[p] >= 0) add(d_whole + batch->word[p] * width, d_out + p * width, width);
  }
}
