/* SPDX-License-Identifier: BSD-3-Clause */
/* The encoder of the reference stack: plain loops, never optimised.
 *
 * A ragged batch is a list of positions; workers share the positions out. Per block they meet
 * twice: when all keys and values of the block are there, and when all have been read. */
#include "impl/reference/bert.h"
#include "impl/reference/sasrec.h"

#include "impl/base/error.h"

#include <string.h>

struct l4r_encoder {
  struct l4r_reference_sasrec *sasrec; /* all of it, when the blocks are SASRec's; else NULL */
  struct l4r_reference_bert *bert;     /* likewise */
  struct l4r_stack *stack;
  struct l4r_reference_half half;
  struct l4r_arena arena;
  int64_t max_positions, max_count;
  int64_t *sequence;                     /* [max_positions] which sequence a position belongs to */
  float *x;                              /* [max_positions][D] the residual stream */
  float *q, *k, *v;                      /* [max_positions][H*K] */
  struct l4r_reference_scratch *scratch; /* [workers] */
};

static size_t scratch_bytes(const struct l4r_encoder *e, int64_t max_length, int workers) {
  size_t position = (size_t)(e->half.shape.d_model + 3 * e->half.inner) * sizeof(float);
  return (size_t)e->max_positions * (position + sizeof *e->sequence) + 5 * 64 +
         (size_t)workers *
             (l4r_reference_scratch_bytes(&e->half, max_length) + sizeof *e->scratch) +
         64;
}

static int take_scratch(struct l4r_encoder *e, int64_t max_length, int workers) {
  const size_t positions = (size_t)e->max_positions, inner = (size_t)e->half.inner;
  struct l4r_arena *arena = &e->arena;
  e->sequence = l4r_arena_take(arena, positions, sizeof *e->sequence);
  e->x = l4r_arena_take(arena, positions * (size_t)e->half.shape.d_model, sizeof *e->x);
  e->q = l4r_arena_take(arena, positions * inner, sizeof *e->q);
  e->k = l4r_arena_take(arena, positions * inner, sizeof *e->k);
  e->v = l4r_arena_take(arena, positions * inner, sizeof *e->v);
  e->scratch = l4r_arena_take(arena, (size_t)workers, sizeof *e->scratch);
  if (!e->sequence || !e->x || !e->q || !e->k || !e->v || !e->scratch) return L4R_ENVIRONMENT;
  for (int w = 0; w < workers; w++) {
    int status = l4r_reference_scratch_take(&e->half, max_length, arena, &e->scratch[w]);
    if (status) return status;
  }
  return L4R_OK;
}

int l4r_reference_encoder_open(struct l4r_stack *stack, const struct l4r_encoder_spec *spec,
                               struct l4r_encoder **encoder) {
  struct l4r_encoder *e = l4r_alloc(1, sizeof *e, "an encoder");
  if (!e) return L4R_ENVIRONMENT;
  e->stack = stack;
  if (spec->shape->block != L4R_BLOCK_T5) {
    int opened = spec->shape->block == L4R_BLOCK_SASREC
                     ? l4r_reference_sasrec_open(stack, spec, &e->sasrec)
                     : l4r_reference_bert_open(stack, spec, &e->bert);
    if (opened)
      l4r_free(e);
    else
      *encoder = e;
    return opened;
  }
  e->max_positions = spec->max_positions;
  e->max_count = spec->max_count;
  const int workers = l4r_team_size(stack->team);
  int status = l4r_reference_half_open(spec->shape, spec->weights, spec->prefix, 0,
                                       spec->max_length, &e->half);
  if (!status)
    status = l4r_arena_init(&e->arena, scratch_bytes(e, spec->max_length, workers),
                            "an encoder's scratch");
  if (!status) status = take_scratch(e, spec->max_length, workers);
  if (status) {
    l4r_arena_free(&e->arena);
    l4r_reference_half_close(&e->half);
    l4r_free(e);
    return status;
  }
  stack->weights_bytes += (int64_t)e->half.arena.size;
  stack->scratch_bytes += (int64_t)e->arena.size;
  *encoder = e;
  return L4R_OK;
}

void l4r_reference_encoder_close(struct l4r_encoder *encoder) {
  if (!encoder) return;
  if (encoder->sasrec || encoder->bert) {
    if (encoder->sasrec) l4r_reference_sasrec_close(encoder->sasrec);
    if (encoder->bert) l4r_reference_bert_close(encoder->bert);
    l4r_free(encoder);
    return;
  }
  encoder->stack->weights_bytes -= (int64_t)encoder->half.arena.size;
  encoder->stack->scratch_bytes -= (int64_t)encoder->arena.size;
  l4r_arena_free(&encoder->arena);
  l4r_reference_half_close(&encoder->half);
  l4r_free(encoder);
}

struct encoding { /* what the workers of one call share */
  struct l4r_encoder *encoder;
  const struct l4r_ragged *batch;
  enum l4r_output_kind kind;
  float *out;
};

static void input(const struct encoding *job, int64_t p) {
  const struct l4r_reference_half *half = &job->encoder->half;
  const size_t width = (size_t)half->shape.d_model;
  const float *from = job->batch->token ? half->embedding + (size_t)job->batch->token[p] * width
                                        : job->batch->vector + (size_t)p * width;
  memcpy(job->encoder->x + (size_t)p * width, from, width * sizeof(float));
}

static void project(struct l4r_encoder *e, const struct l4r_reference_block *block, int64_t p,
                    struct l4r_reference_scratch *scratch) {
  const int64_t width = e->half.shape.d_model, inner = e->half.inner;
  l4r_reference_norm(scratch->normed, e->x + p * width, block->self.norm_weight, width,
                     e->half.shape.epsilon);
  l4r_reference_linear(e->q + p * inner, scratch->normed, block->self.q, width, inner,
                       scratch->sum);
  l4r_reference_linear(e->k + p * inner, scratch->normed, block->self.k, width, inner,
                       scratch->sum);
  l4r_reference_linear(e->v + p * inner, scratch->normed, block->self.v, width, inner,
                       scratch->sum);
}

static void attend(const struct encoding *job, const struct l4r_reference_block *block, int64_t p,
                   struct l4r_reference_scratch *scratch) {
  struct l4r_encoder *e = job->encoder;
  const struct l4r_reference_half *half = &e->half;
  const int64_t s = e->sequence[p], first = job->batch->start[s];
  const int64_t query = p - first, length = job->batch->start[s + 1] - first;
  const struct l4r_reference_attention attention = {
      .q = e->q + p * half->inner,
      .k = e->k + first * half->inner,
      .v = e->v + first * half->inner,
      .keys = half->shape.causal ? query + 1 : length,
      .heads = half->shape.heads,
      .key = half->shape.d_kv,
      .bias = half->bias + half->origin - query,
      .bias_stride = half->span,
      .weight = scratch->weight,
  };
  l4r_reference_add_attention(half, block->self.o, &block->self_gate, &attention, scratch,
                              e->x + p * half->shape.d_model);
}

/* LAST and MEAN of one sequence; the final norm is taken here. */
static void pool(const struct encoding *job, int64_t s, struct l4r_reference_scratch *scratch) {
  const struct l4r_reference_half *half = &job->encoder->half;
  const int64_t width = half->shape.d_model;
  const int64_t begin = job->batch->start[s], end = job->batch->start[s + 1];
  float *out = job->out + s * width;
  if (begin == end) {
    memset(out, 0, (size_t)width * sizeof *out);
  } else if (job->kind == L4R_OUT_LAST) {
    l4r_reference_norm(out, job->encoder->x + (end - 1) * width, half->norm_weight, width,
                       half->shape.epsilon);
  } else {
    for (int64_t i = 0; i < width; i++) scratch->sum[i] = 0;
    for (int64_t p = begin; p < end; p++) {
      l4r_reference_norm(scratch->normed, job->encoder->x + p * width, half->norm_weight, width,
                         half->shape.epsilon);
      for (int64_t i = 0; i < width; i++) scratch->sum[i] += scratch->normed[i];
    }
    for (int64_t i = 0; i < width; i++) out[i] = (float)(scratch->sum[i] / (double)(end - begin));
  }
}

static void meet(const struct l4r_encoder *e, int workers) {
  if (workers > 1) l4r_team_barrier(e->stack->team);
}

static int encode_part(void *argument, int worker, int workers) {
  const struct encoding *job = argument;
  struct l4r_encoder *e = job->encoder;
  struct l4r_reference_scratch *scratch = &e->scratch[worker];
  const int64_t positions = job->batch->start[job->batch->count], width = e->half.shape.d_model;
  int64_t begin, end;
  l4r_split(positions, 1, worker, workers, &begin, &end);
  for (int64_t p = begin; p < end; p++) input(job, p);
  for (int64_t b = 0; b < e->half.blocks; b++) {
    const struct l4r_reference_block *block = &e->half.block[b];
    for (int64_t p = begin; p < end; p++) project(e, block, p, scratch);
    meet(e, workers);
    for (int64_t p = begin; p < end; p++) {
      attend(job, block, p, scratch);
      l4r_reference_add_feed_forward(&e->half, block, scratch, e->x + p * width);
    }
    meet(e, workers);
  }
  if (job->kind == L4R_OUT_ALL) {
    for (int64_t p = begin; p < end; p++)
      l4r_reference_norm(job->out + p * width, e->x + p * width, e->half.norm_weight, width,
                         e->half.shape.epsilon);
    return L4R_OK;
  }
  meet(e, workers); /* a model of no blocks has not met since its input */
  l4r_split(job->batch->count, 1, worker, workers, &begin, &end);
  for (int64_t s = begin; s < end; s++) pool(job, s, scratch);
  return L4R_OK;
}

static int check(const struct l4r_encoder *e, const struct l4r_ragged *batch) {
  if (batch->count < 0 || batch->count > e->max_count)
    return l4r_fail(L4R_USAGE, "encode: %lld sequences, opened for at most %lld",
                    (long long)batch->count, (long long)e->max_count);
  for (int64_t s = 0; s < batch->count; s++) {
    int64_t length = batch->start[s + 1] - batch->start[s];
    if (length < 0 || length > e->half.max_length)
      return l4r_fail(L4R_USAGE,
                      "encode: sequence %lld has %lld positions, opened for at most %lld",
                      (long long)s, (long long)length, (long long)e->half.max_length);
  }
  const int64_t positions = batch->start[batch->count];
  if (positions > e->max_positions)
    return l4r_fail(L4R_USAGE, "encode: %lld positions, opened for at most %lld",
                    (long long)positions, (long long)e->max_positions);
  if (!batch->token == !batch->vector)
    return l4r_fail(L4R_USAGE, "encode: exactly one of tokens and vectors must be given");
  if (batch->token && !e->half.embedding)
    return l4r_fail(L4R_USAGE, "encode: tokens given, but this model has no embedding");
  for (int64_t p = 0; batch->token && p < positions; p++)
    if (batch->token[p] < 0 || batch->token[p] >= e->half.shape.vocabulary)
      return l4r_fail(L4R_USAGE, "encode: token %lld at position %lld, the vocabulary has %lld",
                      (long long)batch->token[p], (long long)p,
                      (long long)e->half.shape.vocabulary);
  return L4R_OK;
}

int l4r_reference_encode(struct l4r_encoder *encoder, const struct l4r_ragged *batch,
                         enum l4r_output_kind kind, float *out) {
  if (encoder->sasrec) return l4r_reference_sasrec_encode(encoder->sasrec, batch, kind, out);
  if (encoder->bert) return l4r_reference_bert_encode(encoder->bert, batch, kind, out);
  int status = check(encoder, batch);
  if (status) return status;
  for (int64_t s = 0; s < batch->count; s++)
    for (int64_t p = batch->start[s]; p < batch->start[s + 1]; p++) encoder->sequence[p] = s;
  struct encoding job = {.encoder = encoder, .batch = batch, .kind = kind, .out = out};
  return l4r_team_run(encoder->stack->team, encode_part, &job);
}
