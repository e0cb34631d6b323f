/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening and closing a decoder. The tied output layer is kept once: packed, where an input token's
 * embedding is gathered from it (a few KiB a beam and step), or row by row where it is restricted.
 */
#include "impl/blis/decoder_open.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/blis/decoder_state.h"

#include <string.h>

enum { PART_POSITIONS = 256, COLUMN_PAD = 48 /* transposed keys: to a tile, and off 1 KiB */ };

static int check_spec(const struct l4r_decoder_spec *spec) {
  const struct l4r_t5_shape *s = spec->shape;
  if (s->d_model < 1 || s->d_kv < 1 || s->heads < 1 || s->d_ff < 1 || s->decoder_blocks < 1 ||
      s->vocabulary < 1)
    return l4r_fail(L4R_INPUT,
                    "decoder: a size is 0 (width %lld, key %lld, heads %lld, feed %lld, blocks "
                    "%lld, vocabulary %lld); mend config.json",
                    (long long)s->d_model, (long long)s->d_kv, (long long)s->heads,
                    (long long)s->d_ff, (long long)s->decoder_blocks, (long long)s->vocabulary);
  if (spec->max_users < 1 || spec->max_memory < 1 || spec->max_rows < 1 || spec->max_steps < 1)
    return l4r_fail(L4R_USAGE,
                    "decoder: bounds must be at least 1 (users %lld, memory %lld, rows %lld, "
                    "steps %lld)",
                    (long long)spec->max_users, (long long)spec->max_memory,
                    (long long)spec->max_rows, (long long)spec->max_steps);
  return L4R_OK;
}

/* A copy of a [V][D] weight, counted. */
static int copy_rows(struct l4r_decoder *d, const float *from, const char *what, float **to) {
  size_t bytes = (size_t)(d->shape.vocabulary * d->shape.d_model) * sizeof(float);
  *to = l4r_alloc(bytes, 1, what);
  if (!*to) return L4R_ENVIRONMENT;
  memcpy(*to, from, bytes);
  d->weights_bytes += (int64_t)bytes;
  return L4R_OK;
}

static int open_vocabulary(struct l4r_decoder *d, const struct l4r_decoder_spec *spec) {
  const struct l4r_t5_shape *shape = &d->shape;
  const float *shared, *head;
  int status = l4r_weights_get(spec->weights, spec->prefix, "shared.weight", shape->vocabulary,
                               shape->d_model, &shared);
  if (status) return status;
  head = shared;
  if (!shape->tied) {
    status = l4r_weights_get(spec->weights, spec->prefix, "lm_head.weight", shape->vocabulary,
                             shape->d_model, &head);
    if (status) return status;
  }
  if (!shape->tied || d->restricted) {
    status = copy_rows(d, shared, "shared.weight", &d->embedding);
    if (status) return status;
  }
  if (d->restricted) return shape->tied ? L4R_OK : copy_rows(d, head, "lm_head.weight", &d->choice);
  status = l4r_matrix_open(&d->output, d->stack->gemm, shape->d_model, shape->vocabulary,
                           "the output layer");
  if (status) return status;
  l4r_matrix_put(&d->output, 0, shape->vocabulary, head);
  d->weights_bytes += l4r_matrix_bytes(&d->output);
  return L4R_OK;
}

static int open_weights(struct l4r_decoder *d, const struct l4r_decoder_spec *spec) {
  const struct l4r_t5_shape *shape = &d->shape;
  d->block = l4r_alloc((size_t)shape->decoder_blocks, sizeof *d->block, "decoder blocks");
  if (!d->block) return L4R_ENVIRONMENT;
  int status = L4R_OK;
  for (int64_t b = 0; !status && b < shape->decoder_blocks; b++) {
    status = l4r_block_open(&d->block[b], shape, spec->weights, spec->prefix, 1, b, d->stack->gemm);
    d->weights_bytes += l4r_block_bytes(&d->block[b], shape->d_model);
  }
  if (!status)
    status = l4r_norm_weight_open(&d->final_norm, spec->weights, spec->prefix,
                                  "decoder.final_layer_norm.weight", shape->d_model);
  if (!status)
    status = l4r_bias_open(&d->bias, shape, spec->weights, spec->prefix,
                           "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                           0, d->max_steps);
  d->weights_bytes += shape->d_model * (int64_t)sizeof(float) +
                      l4r_bias_bytes(&d->bias, shape->heads);
  return status ? status : open_vocabulary(d, spec);
}

/* count x size of scratch, counted; NULL with a message. */
static void *take(struct l4r_decoder *d, int64_t count, size_t size) {
  void *memory = l4r_alloc((size_t)count, size, "decoder scratch");
  if (memory) d->scratch_bytes += count * (int64_t)size;
  return memory;
}

static int open_parts(struct l4r_decoder *d) {
  int64_t width = d->shape.d_model, inner = d->shape.heads * d->shape.d_kv;
  int64_t ff = l4r_inner_ld(&d->shape), total = 0;
  int64_t column[] = {width, width, 3 * inner, inner, inner, ff};
  int64_t longest = d->max_memory > d->max_steps ? d->max_memory : d->max_steps;
  int parts = d->cached ? 1 : d->stack->workers;
  for (size_t i = 0; i < sizeof column / sizeof *column; i++) total += column[i];
  d->scratch = take(d, parts, sizeof *d->scratch);
  d->attention = take(d, d->stack->workers, sizeof *d->attention);
  d->memory_kv = take(d, d->stack->workers, sizeof *d->memory_kv);
  if (!d->scratch || !d->attention || !d->memory_kv) return L4R_ENVIRONMENT;
  for (int w = 0; w < d->stack->workers; w++) {
    d->attention[w] = take(d, l4r_attention_scratch(longest, d->shape.d_kv), sizeof(float));
    if (!d->attention[w]) return L4R_ENVIRONMENT;
    if (d->cached) continue;
    d->memory_kv[w] = take(d, d->max_memory * 2 * inner, sizeof(float));
    if (!d->memory_kv[w]) return L4R_ENVIRONMENT;
  }
  for (int w = 0; w < parts; w++) {
    struct l4r_decoder_scratch *s = &d->scratch[w];
    s->memory = take(d, d->part * total, sizeof(float));
    if (!s->memory) return L4R_ENVIRONMENT;
    float **pointer[] = {&s->x, &s->normed, &s->qkv, &s->query, &s->context, &s->inner};
    float *next = s->memory;
    for (size_t i = 0; i < sizeof column / sizeof *column; i++) {
      *pointer[i] = next;
      next += d->part * column[i];
    }
  }
  return L4R_OK;
}

static int open_state(struct l4r_decoder *d) {
  int64_t inner = d->shape.heads * d->shape.d_kv, blocks = d->shape.decoder_blocks;
  d->state = take(d, d->max_rows * d->shape.d_model, sizeof(float));
  d->scaled = take(d, d->max_rows * d->shape.d_model, sizeof(float));
  d->run = take(d, d->max_rows + 1, sizeof *d->run);
  d->start = take(d, d->max_users + 1, sizeof *d->start);
  d->rows = take(d, d->max_steps, sizeof *d->rows);
  int32_t *lists = take(d, d->lists * d->max_rows * d->max_steps, sizeof *lists);
  if (d->cached)
    d->cache.ancestor = lists;
  else
    d->token = lists;
  if (!d->state || !d->scaled || !d->run || !d->start || !d->rows || !lists) return L4R_ENVIRONMENT;
  if (!d->cached) return L4R_OK;
  struct l4r_decoder_cache *c = &d->cache;
  c->transposed_floats = inner * (d->max_memory + COLUMN_PAD * d->max_users);
  c->self = take(d, blocks * d->max_steps * d->max_rows * 2 * inner, sizeof(float));
  c->transposed = take(d, blocks * c->transposed_floats, sizeof(float));
  c->value = take(d, blocks * d->max_memory * inner, sizeof(float));
  c->key = take(d, d->max_memory * inner, sizeof(float));
  c->transposed_at = take(d, d->max_users + 1, sizeof *c->transposed_at);
  return c->self && c->transposed && c->value && c->key && c->transposed_at ? L4R_OK
                                                                            : L4R_ENVIRONMENT;
}

int l4r_blis_decoder_open(struct l4r_stack *stack, const struct l4r_decoder_spec *spec,
                          struct l4r_decoder **out) {
  int status = check_spec(spec);
  if (status) return status;
  struct l4r_decoder *d = l4r_alloc(1, sizeof *d, "a decoder");
  if (!d) return L4R_ENVIRONMENT;
  d->stack = stack;
  d->shape = *spec->shape;
  d->max_users = spec->max_users;
  d->max_memory = spec->max_memory;
  d->max_rows = spec->max_rows;
  d->max_steps = spec->max_steps;
  d->cached = spec->cached;
  d->restricted = spec->restricted;
  d->rewinds = spec->rewinds;
  d->lists = d->rewinds ? d->max_steps : 2;
  d->part = spec->max_rows;
  if (!d->cached) d->part = d->max_steps > PART_POSITIONS ? d->max_steps : PART_POSITIONS;
  d->part = (d->part + 15) / 16 * 16; /* so that every array begins at a cache line */
  status = open_weights(d, spec);
  if (!status) status = open_parts(d);
  if (!status) status = open_state(d);
  stack->weights_bytes += d->weights_bytes;
  stack->scratch_bytes += d->scratch_bytes;
  if (status) {
    l4r_blis_decoder_close(d);
    return status;
  }
  *out = d;
  return L4R_OK;
}

static void close_parts(struct l4r_decoder *d) {
  int parts = d->cached ? 1 : d->stack->workers;
  for (int w = 0; d->scratch && w < parts; w++) l4r_free(d->scratch[w].memory);
  for (int w = 0; d->attention && w < d->stack->workers; w++) l4r_free(d->attention[w]);
  for (int w = 0; d->memory_kv && w < d->stack->workers; w++) l4r_free(d->memory_kv[w]);
  l4r_free(d->scratch);
  l4r_free(d->attention);
  l4r_free(d->memory_kv);
}

void l4r_blis_decoder_close(struct l4r_decoder *d) {
  if (!d) return;
  d->stack->weights_bytes -= d->weights_bytes;
  d->stack->scratch_bytes -= d->scratch_bytes;
  for (int64_t b = 0; d->block && b < d->shape.decoder_blocks; b++) l4r_block_close(&d->block[b]);
  close_parts(d);
  l4r_matrix_close(&d->output);
  l4r_bias_close(&d->bias);
  void *memory[] = {d->block,         d->final_norm, d->embedding,
                    d->choice,        d->state,      d->scaled,
                    d->run,           d->start,      d->rows,
                    d->token,         d->cache.self, d->cache.transposed,
                    d->cache.value,   d->cache.key,  d->cache.transposed_at,
                    d->cache.ancestor};
  for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) l4r_free(memory[i]);
  l4r_free(d);
}
