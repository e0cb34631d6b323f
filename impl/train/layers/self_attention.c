/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/layers/self_attention.h"

#include <math.h>

void l4r_self_attention_places(const struct l4r_batch *batch, int64_t heads, int64_t *weights_at) {
  weights_at[0] = 0;
  for (int64_t i = 0; i < batch->count; i++) {
    int64_t length = batch->start[i + 1] - batch->start[i];
    weights_at[i + 1] = weights_at[i] + heads * length * l4r_padded_keys(length);
  }
}

static struct l4r_attend head_of(const struct l4r_self_attention *s, l4r_real *qkv,
                                 l4r_real *weights, int64_t sequence, int64_t head) {
  int64_t row = s->start[sequence], key = s->key, inner = s->heads * key;
  struct l4r_attend a = {.queries = s->start[sequence + 1] - row,
                         .depth = key,
                         .causal = s->causal,
                         .dropped = s->dropping,
                         .scale = s->dropper->scale,
                         .q = qkv + row * 3 * inner + head * key,
                         .q_stride = 3 * inner,
                         .k_stride = 3 * inner,
                         .out_stride = inner,
                         .scratch = s->scratch};
  a.keys = a.queries;
  a.k = a.q + inner;
  a.v = a.k + inner;
  a.weights = weights + s->weights_at[sequence] + head * a.queries * l4r_padded_keys(a.keys);
  return a;
}

void l4r_self_attention(const struct l4r_self_attention *s, l4r_real *qkv, l4r_real *weights,
                        l4r_real *context) {
  int64_t inner = s->heads * s->key;
  for (int64_t sequence = s->sequence[0]; sequence < s->sequence[1]; sequence++)
    for (int64_t head = 0; head < s->heads; head++) {
      struct l4r_attend a = head_of(s, qkv, weights, sequence, head);
      if (a.queries == 0) break;
      a.out = context + s->start[sequence] * inner + head * a.depth;
      if (s->dropping) {
        a.dropout_mask = s->mask;
        s->kernels->draw(s->dropper, s->mask, l4r_mask_words(a.queries * l4r_padded_keys(a.keys)));
      }
      s->kernels->attend(&a);
    }
}

void l4r_self_attention_back(const struct l4r_self_attention *s, l4r_real *qkv, l4r_real *weights,
                             l4r_real *d_context, l4r_real *d_qkv) {
  int64_t inner = s->heads * s->key, first = s->start[s->sequence[0]];
  for (int64_t sequence = s->sequence[0]; sequence < s->sequence[1]; sequence++)
    for (int64_t head = 0; head < s->heads; head++) {
      struct l4r_attend a = head_of(s, qkv, weights, sequence, head);
      if (a.queries == 0) break;
      int64_t row = s->start[sequence] - first;
      a.d_out = d_context + row * inner + head * a.depth;
      a.d_q = d_qkv + row * 3 * inner + head * a.depth;
      a.d_k = a.d_q + inner;
      a.d_v = a.d_k + inner;
      s->kernels->attend_back(&a);
    }
  l4r_real scale = (l4r_real)(1 / sqrt((double)s->key));
  for (int64_t row = 0; row < s->start[s->sequence[1]] - first; row++)
    for (int64_t i = 0; i < inner; i++) d_qkv[row * 3 * inner + i] *= scale;
}
