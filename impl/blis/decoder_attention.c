/* SPDX-License-Identifier: BSD-3-Clause */
/* The decoder's attention, cached and plain.
 *
 * Cached, a step has one query a beam. Its keys lie scattered, one slot a step, so they are met one
 * by one; answers have a handful of tokens. Cross-attention takes all beams of a user as the
 * queries of one small product with the user's transposed keys.
 *
 * Plain is what a decoder without caches computes: every beam projects the encoded sequence anew in
 * every block and step, for itself, and its whole prefix attends to itself. */
#include "impl/blis/decoder_attention.h"

#include <string.h>

static int64_t inner_of(const struct l4r_decoder *d) {
  return d->shape.heads * d->shape.d_kv;
}

static float *slot(const struct l4r_decoder *d, int64_t block, int64_t step, int64_t row) {
  return d->cache.self + ((block * d->max_steps + step) * d->max_rows + row) * 2 * inner_of(d);
}

static void self_one(const struct l4r_work_group *group, const struct l4r_decode_part *part,
                     int64_t block, int64_t row, int64_t head) {
  const struct l4r_decoder *d = part->decoder;
  int64_t k = d->shape.d_kv, inner = inner_of(d), at = head * k, now = d->steps;
  const float *q = part->scratch->qkv + row * 3 * inner + at;
  const int32_t *ancestor = l4r_decode_list(d, now) + row * d->max_steps;
  float *mine = slot(d, block, now, row), *score = part->attention;
  float *out = part->scratch->context + row * inner + at;
  memcpy(mine + at, q + inner, (size_t)k * sizeof(float));
  memcpy(mine + inner + at, q + 2 * inner, (size_t)k * sizeof(float));
  for (int64_t t = 0; t <= now; t++)
    score[t] = group->kernels->dot(k, q, slot(d, block, t, ancestor[t]) + at);
  group->kernels->softmax(now + 1, score,
                          d->bias.value + head * d->bias.stride + d->bias.zero - now);
  memset(out, 0, (size_t)k * sizeof(float));
  for (int64_t t = 0; t <= now; t++)
    group->kernels->axpy(k, score[t], slot(d, block, t, ancestor[t]) + inner + at, out);
}

void l4r_decode_self_cached(const struct l4r_work_group *group, const struct l4r_decode_part *part,
                            int64_t block) {
  int64_t heads = part->decoder->shape.heads;
  for (int64_t task = group->worker; task < part->count * heads; task += group->workers)
    self_one(group, part, block, task / heads, task % heads);
}

void l4r_decode_self_plain(const struct l4r_work_group *group, const struct l4r_decode_part *part) {
  const struct l4r_decoder *d = part->decoder;
  int64_t heads = d->shape.heads, k = d->shape.d_kv, inner = inner_of(d);
  for (int64_t task = group->worker; task < part->count * heads; task += group->workers) {
    int64_t row = task / heads * part->prefix, h = task % heads;
    const float *qkv = part->scratch->qkv + row * 3 * inner + h * k;
    l4r_attend(group->kernels, &(struct l4r_attention){
                                   .queries = part->prefix,
                                   .keys = part->prefix,
                                   .width = k,
                                   .q = qkv,
                                   .k = qkv + inner,
                                   .v = qkv + 2 * inner,
                                   .ldq = 3 * inner,
                                   .ldkv = 3 * inner,
                                   .bias = d->bias.value + h * d->bias.stride + d->bias.zero,
                                   .causal = 1,
                                   .out = part->scratch->context + row * inner + h * k,
                                   .ldo = inner,
                                   .scratch = part->attention,
                               });
  }
}

static int64_t memory_length(const struct l4r_decoder *d, int64_t user) {
  return d->start[user + 1] - d->start[user];
}

void l4r_decode_cross_cache(const struct l4r_work_group *group, struct l4r_decoder *d) {
  int64_t inner = inner_of(d), k = d->shape.d_kv, rows = d->start[d->users];
  struct l4r_decoder_cache *c = &d->cache;
  for (int64_t b = 0; b < d->shape.decoder_blocks; b++) {
    struct l4r_product product = {.m = rows,
                                  .a = d->encoded,
                                  .lda = d->shape.d_model,
                                  .columns = inner,
                                  .c = c->key,
                                  .ldc = inner};
    l4r_multiply(group, &d->block[b].cross_kv, &product);
    product.begin = inner;
    product.c = c->value + b * d->max_memory * inner;
    l4r_multiply(group, &d->block[b].cross_kv, &product);
    l4r_work_group_meet(group);
    for (int64_t task = group->worker; task < d->users * d->shape.heads; task += group->workers) {
      int64_t user = task / d->shape.heads, h = task % d->shape.heads;
      int64_t ld = c->transposed_at[user + 1] - c->transposed_at[user];
      l4r_transpose_keys(c->key + d->start[user] * inner + h * k, inner, memory_length(d, user), k,
                         c->transposed + b * c->transposed_floats + c->transposed_at[user] * inner +
                             h * k * ld,
                         ld);
    }
    l4r_work_group_meet(group);
  }
}

void l4r_decode_cross_cached(const struct l4r_work_group *group, const struct l4r_decode_part *part,
                             int64_t block) {
  const struct l4r_decoder *d = part->decoder;
  const struct l4r_decoder_cache *c = &d->cache;
  int64_t heads = d->shape.heads, k = d->shape.d_kv, inner = inner_of(d);
  for (int64_t task = group->worker; task < d->runs * heads; task += group->workers) {
    int64_t row = d->run[task / heads], h = task % heads;
    int64_t user = part->rows->user[row], ld = c->transposed_at[user + 1] - c->transposed_at[user];
    l4r_attend(group->kernels,
               &(struct l4r_attention){
                   .queries = d->run[task / heads + 1] - row,
                   .keys = memory_length(d, user),
                   .width = k,
                   .q = part->scratch->query + row * inner + h * k,
                   .ldq = inner,
                   .v = c->value + (block * d->max_memory + d->start[user]) * inner + h * k,
                   .ldkv = inner,
                   .transposed = c->transposed + block * c->transposed_floats +
                                 c->transposed_at[user] * inner + h * k * ld,
                   .ld_transposed = ld,
                   .out = part->scratch->context + row * inner + h * k,
                   .ldo = inner,
                   .scratch = part->attention,
               });
  }
}

void l4r_decode_cross_plain(const struct l4r_work_group *group, const struct l4r_decode_part *part,
                            int64_t block) {
  const struct l4r_decoder *d = part->decoder;
  int64_t heads = d->shape.heads, k = d->shape.d_kv, inner = inner_of(d), n = part->prefix;
  for (int64_t beam = 0; beam < part->count; beam++) {
    int64_t user = part->rows->user[part->first + beam], length = memory_length(d, user);
    l4r_multiply(group, &d->block[block].cross_kv,
                 &(struct l4r_product){.m = length,
                                       .a = d->encoded + d->start[user] * d->shape.d_model,
                                       .lda = d->shape.d_model,
                                       .columns = 2 * inner,
                                       .c = part->memory_kv,
                                       .ldc = 2 * inner});
    l4r_work_group_meet(group);
    for (int64_t h = group->worker; h < heads; h += group->workers)
      l4r_attend(group->kernels, &(struct l4r_attention){
                                     .queries = n,
                                     .keys = length,
                                     .width = k,
                                     .q = part->scratch->query + beam * n * inner + h * k,
                                     .ldq = inner,
                                     .k = part->memory_kv + h * k,
                                     .v = part->memory_kv + inner + h * k,
                                     .ldkv = 2 * inner,
                                     .out = part->scratch->context + beam * n * inner + h * k,
                                     .ldo = inner,
                                     .scratch = part->attention,
                                 });
    l4r_work_group_meet(group);
  }
}
