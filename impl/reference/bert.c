/* SPDX-License-Identifier: BSD-3-Clause */
/* BERT's blocks in the reference stack: plain loops, never optimised. The formulas stand at struct
 * l4r_t5_shape (impl/model/config.h); here each is a line. A worker takes whole sequences. */
#include "impl/reference/bert.h"

#include "impl/base/error.h"
#include "impl/reference/biased.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct block {
  struct l4r_biased q, k, v, o, attention_norm, wi, wo, feed_norm;
};

struct scratch {    /* of one worker: a sequence */
  float *x;         /* [T][D] */
  float *q, *k, *v; /* [T][D] */
  float *context, *y;
  float *inner; /* [F] */
  double *sum, *weight;
};

struct l4r_reference_bert {
  struct l4r_stack *stack;
  struct l4r_t5_shape shape;
  int64_t max_positions, max_count, max_length;
  struct l4r_arena weights, room;
  struct block *block;
  struct l4r_biased input_norm;
  const float *word, *position, *type; /* [V][D], [positions][D], [types][D] */
  struct scratch *scratch;
};

/* --- opening --- */

static int copy_block(struct l4r_reference_bert *s, const struct l4r_encoder_spec *spec,
                      int64_t index) {
  struct block *b = &s->block[index];
  const int64_t width = s->shape.d_model, d_ff = s->shape.d_ff;
  const struct {
    const char *name;
    int64_t out, in; /* in 0: a norm */
    struct l4r_biased *to;
  } list[] = {{"attention.self.query", width, width, &b->q},
              {"attention.self.key", width, width, &b->k},
              {"attention.self.value", width, width, &b->v},
              {"attention.output.dense", width, width, &b->o},
              {"attention.output.LayerNorm", width, 0, &b->attention_norm},
              {"intermediate.dense", d_ff, width, &b->wi},
              {"output.dense", width, d_ff, &b->wo},
              {"output.LayerNorm", width, 0, &b->feed_norm}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    char part[96];
    snprintf(part, sizeof part, "encoder.layer.%lld.%s", (long long)index, list[i].name);
    int status = l4r_biased_copy(&s->weights, spec, part, list[i].out, list[i].in, list[i].to);
    if (status) return status;
  }
  return L4R_OK;
}

static int copy_all(struct l4r_reference_bert *s, const struct l4r_encoder_spec *spec) {
  int status = l4r_biased_copy_table(&s->weights, spec, "embeddings.word_embeddings.weight",
                                     s->shape.vocabulary, &s->word);
  if (!status)
    status = l4r_biased_copy_table(&s->weights, spec, "embeddings.position_embeddings.weight",
                                   s->shape.positions, &s->position);
  if (!status)
    status = l4r_biased_copy_table(&s->weights, spec, "embeddings.token_type_embeddings.weight",
                                   s->shape.types, &s->type);
  if (!status)
    status = l4r_biased_copy(&s->weights, spec, "embeddings.LayerNorm", s->shape.d_model, 0,
                             &s->input_norm);
  for (int64_t b = 0; b < s->shape.encoder_blocks && !status; b++) status = copy_block(s, spec, b);
  return status;
}

static size_t weights_bytes(const struct l4r_reference_bert *s) {
  const int64_t width = s->shape.d_model, d_ff = s->shape.d_ff;
  const size_t vector = l4r_arena_rounded(width, sizeof(float));
  const size_t block = 4 * l4r_arena_rounded(width * width, sizeof(float)) +
                       2 * l4r_arena_rounded(width * d_ff, sizeof(float)) + 9 * vector +
                       l4r_arena_rounded(d_ff, sizeof(float));
  return (size_t)s->shape.encoder_blocks * block + 2 * vector +
         l4r_arena_rounded(s->shape.vocabulary * width, sizeof(float)) +
         l4r_arena_rounded(s->shape.positions * width, sizeof(float)) +
         l4r_arena_rounded(s->shape.types * width, sizeof(float));
}

static int64_t widest(const struct l4r_reference_bert *s) {
  return s->shape.d_model > s->shape.d_ff ? s->shape.d_model : s->shape.d_ff;
}

static size_t scratch_bytes(const struct l4r_reference_bert *s) {
  const int64_t width = s->shape.d_model;
  return 4 * l4r_arena_rounded(s->max_length * width, sizeof(float)) +
         2 * l4r_arena_rounded(width, sizeof(float)) +
         l4r_arena_rounded(s->shape.d_ff, sizeof(float)) +
         l4r_arena_rounded(widest(s), sizeof(double)) +
         l4r_arena_rounded(s->max_length, sizeof(double));
}

static int take_scratch(struct l4r_reference_bert *s, struct scratch *to) {
  const size_t width = (size_t)s->shape.d_model, sequence = (size_t)s->max_length * width;
  to->x = l4r_arena_take(&s->room, sequence, sizeof(float));
  to->q = l4r_arena_take(&s->room, sequence, sizeof(float));
  to->k = l4r_arena_take(&s->room, sequence, sizeof(float));
  to->v = l4r_arena_take(&s->room, sequence, sizeof(float));
  to->context = l4r_arena_take(&s->room, width, sizeof(float));
  to->y = l4r_arena_take(&s->room, width, sizeof(float));
  to->inner = l4r_arena_take(&s->room, (size_t)s->shape.d_ff, sizeof(float));
  to->sum = l4r_arena_take(&s->room, (size_t)widest(s), sizeof(double));
  to->weight = l4r_arena_take(&s->room, (size_t)s->max_length, sizeof(double));
  return to->weight && to->sum && to->inner ? L4R_OK : L4R_ENVIRONMENT;
}

static int open_all(struct l4r_reference_bert *s, const struct l4r_encoder_spec *spec,
                    int workers) {
  s->block = l4r_alloc((size_t)s->shape.encoder_blocks, sizeof *s->block, "BERT's blocks");
  s->scratch = l4r_alloc((size_t)workers, sizeof *s->scratch, "an encoder's scratch");
  if (!s->block || !s->scratch) return L4R_ENVIRONMENT;
  int status = l4r_arena_init(&s->weights, weights_bytes(s), "BERT's weights");
  if (!status) status = copy_all(s, spec);
  if (!status)
    status = l4r_arena_init(&s->room, (size_t)workers * scratch_bytes(s), "an encoder's scratch");
  for (int w = 0; w < workers && !status; w++) status = take_scratch(s, &s->scratch[w]);
  return status;
}

int l4r_reference_bert_open(struct l4r_stack *stack, const struct l4r_encoder_spec *spec,
                            struct l4r_reference_bert **bert) {
  if (spec->max_length > spec->shape->positions)
    return l4r_fail(L4R_USAGE, "encoder %s: sequences of %lld, but the model has %lld positions",
                    spec->prefix, (long long)spec->max_length, (long long)spec->shape->positions);
  struct l4r_reference_bert *s = l4r_alloc(1, sizeof *s, "an encoder");
  if (!s) return L4R_ENVIRONMENT;
  s->stack = stack;
  s->shape = *spec->shape;
  s->max_positions = spec->max_positions;
  s->max_count = spec->max_count;
  s->max_length = spec->max_length;
  int status = open_all(s, spec, l4r_team_size(stack->team));
  stack->weights_bytes += (int64_t)s->weights.size;
  stack->scratch_bytes += (int64_t)s->room.size;
  if (status) {
    l4r_reference_bert_close(s);
    return status;
  }
  *bert = s;
  return L4R_OK;
}

void l4r_reference_bert_close(struct l4r_reference_bert *s) {
  s->stack->weights_bytes -= (int64_t)s->weights.size;
  s->stack->scratch_bytes -= (int64_t)s->room.size;
  l4r_arena_free(&s->weights);
  l4r_arena_free(&s->room);
  l4r_free(s->block);
  l4r_free(s->scratch);
  l4r_free(s);
}

/* --- computing --- */

static double gelu(double x) {
  return 0.5 * x * (1 + erf(x / sqrt(2)));
}

/* Position p of a sequence through a block, keys and values being there. */
static void finish(const struct l4r_reference_bert *s, const struct block *block,
                   struct scratch *own, int64_t p, int64_t length) {
  const int64_t width = s->shape.d_model, d_ff = s->shape.d_ff;
  const struct l4r_reference_attention attention = {.q = own->q + p * width,
                                                    .k = own->k,
                                                    .v = own->v,
                                                    .keys = length,
                                                    .heads = s->shape.heads,
                                                    .key = s->shape.d_kv,
                                                    .weight = own->weight};
  float *x = own->x + p * width;
  l4r_reference_attend(own->context, &attention);
  l4r_biased_apply(&block->o, own->context, width, width, own->sum, own->y);
  for (int64_t i = 0; i < width; i++) own->y[i] += x[i];
  l4r_biased_norm(&s->shape, &block->attention_norm, own->y, own->y);
  l4r_biased_apply(&block->wi, own->y, width, d_ff, own->sum, own->inner);
  for (int64_t i = 0; i < d_ff; i++) own->inner[i] = (float)gelu(own->inner[i]);
  l4r_biased_apply(&block->wo, own->inner, d_ff, width, own->sum, x);
  for (int64_t i = 0; i < width; i++) x[i] += own->y[i];
  l4r_biased_norm(&s->shape, &block->feed_norm, x, x);
}

static void encode_sequence(const struct l4r_reference_bert *s, const int32_t *token,
                            int64_t length, struct scratch *own) {
  const int64_t width = s->shape.d_model;
  for (int64_t p = 0; p < length; p++) {
    const float *word = s->word + token[p] * width, *position = s->position + p * width;
    float *x = own->x + p * width;
    for (int64_t i = 0; i < width; i++) x[i] = word[i] + position[i] + s->type[i];
    l4r_biased_norm(&s->shape, &s->input_norm, x, x);
  }
  for (int64_t b = 0; b < s->shape.encoder_blocks; b++) {
    const struct block *block = &s->block[b];
    for (int64_t p = 0; p < length; p++) {
      const float *x = own->x + p * width;
      float *q = own->q + p * width;
      l4r_biased_apply(&block->q, x, width, width, own->sum, q);
      for (int64_t i = 0; i < width; i++) q[i] = (float)(q[i] / sqrt((double)s->shape.d_kv));
      l4r_biased_apply(&block->k, x, width, width, own->sum, own->k + p * width);
      l4r_biased_apply(&block->v, x, width, width, own->sum, own->v + p * width);
    }
    for (int64_t p = 0; p < length; p++) finish(s, block, own, p, length);
  }
}

struct encoding {
  struct l4r_reference_bert *bert;
  const struct l4r_ragged *batch;
  enum l4r_output_kind kind;
  float *out;
};

static void read_out(const struct encoding *job, int64_t sequence, struct scratch *own) {
  const int64_t width = job->bert->shape.d_model, first = job->batch->start[sequence];
  const int64_t length = job->batch->start[sequence + 1] - first;
  if (job->kind == L4R_OUT_ALL) {
    memcpy(job->out + first * width, own->x, (size_t)(length * width) * sizeof *own->x);
    return;
  }
  for (int64_t i = 0; i < width; i++) own->sum[i] = 0;
  const int64_t from = job->kind == L4R_OUT_LAST && length ? length - 1 : 0;
  for (int64_t p = from; p < length; p++)
    for (int64_t i = 0; i < width; i++) own->sum[i] += own->x[p * width + i];
  const double share = length > from ? (double)(length - from) : 1;
  for (int64_t i = 0; i < width; i++) job->out[sequence * width + i] = (float)(own->sum[i] / share);
}

static int encode_part(void *argument, int worker, int workers) {
  const struct encoding *job = argument;
  struct l4r_reference_bert *s = job->bert;
  int64_t begin, end;
  l4r_split(job->batch->count, 1, worker, workers, &begin, &end);
  for (int64_t i = begin; i < end; i++) {
    const int64_t first = job->batch->start[i], length = job->batch->start[i + 1] - first;
    encode_sequence(s, job->batch->token + first, length, &s->scratch[worker]);
    read_out(job, i, &s->scratch[worker]);
  }
  return L4R_OK;
}

static int check(const struct l4r_reference_bert *s, const struct l4r_ragged *batch) {
  int status = l4r_biased_check(batch, s->max_count, s->max_length, s->max_positions);
  if (status) return status;
  if (batch->vector || !batch->token)
    return l4r_fail(L4R_USAGE, "encode: BERT's blocks read tokens, not vectors");
  for (int64_t p = 0; p < batch->start[batch->count]; p++)
    if (batch->token[p] < 0 || batch->token[p] >= s->shape.vocabulary)
      return l4r_fail(L4R_USAGE, "encode: token %lld at position %lld, the vocabulary has %lld",
                      (long long)batch->token[p], (long long)p, (long long)s->shape.vocabulary);
  return L4R_OK;
}

int l4r_reference_bert_encode(struct l4r_reference_bert *bert, const struct l4r_ragged *batch,
                              enum l4r_output_kind kind, float *out) {
  int status = check(bert, batch);
  if (status) return status;
  struct encoding job = {.bert = bert, .batch = batch, .kind = kind, .out = out};
  return l4r_team_run(bert->stack->team, encode_part, &job);
}
