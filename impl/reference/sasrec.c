/* SPDX-License-Identifier: BSD-3-Clause */
/* SASRec's blocks in the reference stack: plain loops, never optimised. The formulas stand at
 * struct l4r_t5_shape (impl/model/config.h); here each is a line. A worker takes whole sequences,
 * and computes every position of every block, whatever is read out. */
#include "impl/reference/sasrec.h"

#include "impl/base/error.h"
#include "impl/reference/biased.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct block {
  struct l4r_biased before, between, q, k, v, o, wi, wo;
  struct l4r_biased attention_gate, feed_gate; /* LiGR's; weight NULL: none */
};

struct scratch {    /* of one worker: a sequence */
  float *x, *query; /* [T][D] */
  float *q, *k, *v; /* [T][H*K] */
  float *context;   /* [H*K] */
  float *y, *z;     /* [D] */
  float *gate;      /* [D] */
  float *inner;     /* [F], with swiglu [2F] */
  double *sum, *weight;
};

struct l4r_reference_sasrec {
  struct l4r_stack *stack;
  struct l4r_t5_shape shape;
  int64_t max_positions, max_count, max_length, inner;
  struct l4r_arena weights, room;
  struct block *block;
  struct l4r_biased final;
  const float *position; /* [shape.positions][D] */
  struct scratch *scratch;
};

/* --- opening --- */

static int copy_block(struct l4r_reference_sasrec *s, const struct l4r_encoder_spec *spec,
                      int64_t index) {
  struct block *b = &s->block[index];
  int64_t width = s->shape.d_model, d_ff = s->shape.d_ff, wi = s->shape.swiglu ? 2 * d_ff : d_ff;
  const struct {
    const char *name;
    int64_t out, in; /* in 0: a norm */
    struct l4r_biased *to;
  } list[] = {{"attention_norm", width, 0, &b->before},
              {"attention.q", s->inner, width, &b->q},
              {"attention.k", s->inner, width, &b->k},
              {"attention.v", s->inner, width, &b->v},
              {"attention.o", width, s->inner, &b->o},
              {"feed_norm", width, 0, &b->between},
              {"feed.wi", wi, width, &b->wi},
              {"feed.wo", width, d_ff, &b->wo},
              {"attention.gate", width, width, &b->attention_gate},
              {"feed.gate", width, width, &b->feed_gate}};
  const size_t count = sizeof list / sizeof *list - (s->shape.gates ? 0 : 2);
  for (size_t i = 0; i < count; i++) {
    char part[80];
    snprintf(part, sizeof part, "blocks.%lld.%s", (long long)index, list[i].name);
    int status = l4r_biased_copy(&s->weights, spec, part, list[i].out, list[i].in, list[i].to);
    if (status) return status;
  }
  return L4R_OK;
}

static int copy_all(struct l4r_reference_sasrec *s, const struct l4r_encoder_spec *spec) {
  for (int64_t b = 0; b < s->shape.encoder_blocks; b++) {
    int status = copy_block(s, spec, b);
    if (status) return status;
  }
  int status = l4r_biased_copy(&s->weights, spec, "final_norm", s->shape.d_model, 0, &s->final);
  return status ? status
                : l4r_biased_copy_table(&s->weights, spec, "position.weight", s->shape.positions,
                                        &s->position);
}

static size_t weights_bytes(const struct l4r_reference_sasrec *s) {
  int64_t width = s->shape.d_model, d_ff = s->shape.d_ff;
  size_t matrices = 3 * l4r_arena_rounded(width * s->inner, sizeof(float)) +
                    l4r_arena_rounded(width * s->inner, sizeof(float)) +
                    (s->shape.swiglu ? 3 : 2) * l4r_arena_rounded(width * d_ff, sizeof(float));
  size_t vectors = 6 * l4r_arena_rounded(width, sizeof(float)) +
                   3 * l4r_arena_rounded(s->inner, sizeof(float)) +
                   (s->shape.swiglu ? 2 : 1) * l4r_arena_rounded(d_ff, sizeof(float));
  if (s->shape.gates)
    vectors += 2 * (l4r_arena_rounded(width * width, sizeof(float)) +
                    l4r_arena_rounded(width, sizeof(float)));
  return (size_t)s->shape.encoder_blocks * (matrices + vectors) +
         2 * l4r_arena_rounded(width, sizeof(float)) +
         l4r_arena_rounded(s->shape.positions * width, sizeof(float));
}

static int64_t widest(const struct l4r_reference_sasrec *s) {
  int64_t width = s->shape.d_model > s->inner ? s->shape.d_model : s->inner;
  const int64_t feed = s->shape.swiglu ? 2 * s->shape.d_ff : s->shape.d_ff;
  return width > feed ? width : feed;
}

static size_t scratch_bytes(const struct l4r_reference_sasrec *s) {
  int64_t length = s->max_length, width = s->shape.d_model;
  return 2 * l4r_arena_rounded(length * width, sizeof(float)) +
         3 * l4r_arena_rounded(length * s->inner, sizeof(float)) +
         l4r_arena_rounded(s->inner, sizeof(float)) + 3 * l4r_arena_rounded(width, sizeof(float)) +
         l4r_arena_rounded(2 * s->shape.d_ff, sizeof(float)) +
         l4r_arena_rounded(widest(s), sizeof(double)) + l4r_arena_rounded(length, sizeof(double));
}

static int take_scratch(struct l4r_reference_sasrec *s, struct scratch *to) {
  const size_t length = (size_t)s->max_length, width = (size_t)s->shape.d_model;
  const size_t inner = (size_t)s->inner;
  to->x = l4r_arena_take(&s->room, length * width, sizeof(float));
  to->query = l4r_arena_take(&s->room, length * width, sizeof(float));
  to->q = l4r_arena_take(&s->room, length * inner, sizeof(float));
  to->k = l4r_arena_take(&s->room, length * inner, sizeof(float));
  to->v = l4r_arena_take(&s->room, length * inner, sizeof(float));
  to->context = l4r_arena_take(&s->room, inner, sizeof(float));
  to->y = l4r_arena_take(&s->room, width, sizeof(float));
  to->z = l4r_arena_take(&s->room, width, sizeof(float));
  to->gate = l4r_arena_take(&s->room, width, sizeof(float));
  to->inner = l4r_arena_take(&s->room, 2 * (size_t)s->shape.d_ff, sizeof(float));
  to->sum = l4r_arena_take(&s->room, (size_t)widest(s), sizeof(double));
  to->weight = l4r_arena_take(&s->room, length, sizeof(double));
  return to->weight && to->sum ? L4R_OK : L4R_ENVIRONMENT;
}

static int open_all(struct l4r_reference_sasrec *s, const struct l4r_encoder_spec *spec,
                    int workers) {
  s->block = l4r_alloc((size_t)s->shape.encoder_blocks, sizeof *s->block, "SASRec's blocks");
  s->scratch = l4r_alloc((size_t)workers, sizeof *s->scratch, "an encoder's scratch");
  if (!s->block || !s->scratch) return L4R_ENVIRONMENT;
  int status = l4r_arena_init(&s->weights, weights_bytes(s), "SASRec's weights");
  if (!status) status = copy_all(s, spec);
  if (!status)
    status = l4r_arena_init(&s->room, (size_t)workers * scratch_bytes(s), "an encoder's scratch");
  for (int w = 0; w < workers && !status; w++) status = take_scratch(s, &s->scratch[w]);
  return status;
}

int l4r_reference_sasrec_open(struct l4r_stack *stack, const struct l4r_encoder_spec *spec,
                              struct l4r_reference_sasrec **sasrec) {
  if (spec->max_length > spec->shape->positions)
    return l4r_fail(L4R_USAGE, "encoder %s: sequences of %lld, but the model has %lld positions",
                    spec->prefix, (long long)spec->max_length, (long long)spec->shape->positions);
  struct l4r_reference_sasrec *s = l4r_alloc(1, sizeof *s, "an encoder");
  if (!s) return L4R_ENVIRONMENT;
  s->stack = stack;
  s->shape = *spec->shape;
  s->inner = s->shape.heads * s->shape.d_kv;
  s->max_positions = spec->max_positions;
  s->max_count = spec->max_count;
  s->max_length = spec->max_length;
  int status = open_all(s, spec, l4r_team_size(stack->team));
  stack->weights_bytes += (int64_t)s->weights.size;
  stack->scratch_bytes += (int64_t)s->room.size;
  if (status) {
    l4r_reference_sasrec_close(s);
    return status;
  }
  *sasrec = s;
  return L4R_OK;
}

void l4r_reference_sasrec_close(struct l4r_reference_sasrec *s) {
  s->stack->weights_bytes -= (int64_t)s->weights.size;
  s->stack->scratch_bytes -= (int64_t)s->room.size;
  l4r_arena_free(&s->weights);
  l4r_arena_free(&s->room);
  l4r_free(s->block);
  l4r_free(s->scratch);
  l4r_free(s);
}

/* --- computing --- */

/* Position p of a sequence through the second half of a block, keys and values being there. */
static void finish(const struct l4r_reference_sasrec *s, const struct block *block,
                   struct scratch *own, int64_t p, int64_t length) {
  const int64_t width = s->shape.d_model, inner = s->inner, d_ff = s->shape.d_ff;
  const struct l4r_reference_attention attention = {.q = own->q + p * inner,
                                                    .k = own->k,
                                                    .v = own->v,
                                                    .keys = s->shape.causal ? p + 1 : length,
                                                    .heads = s->shape.heads,
                                                    .key = s->shape.d_kv,
                                                    .weight = own->weight};
  const float *query = own->query + p * width;
  float *x = own->x + p * width;
  l4r_reference_attend(own->context, &attention);
  l4r_biased_apply(&block->o, own->context, inner, width, own->sum, own->y);
  memcpy(own->z, query, (size_t)width * sizeof *own->z);
  l4r_reference_add_gated(&block->attention_gate, width, own->y, own->sum, own->gate, own->z);
  l4r_biased_norm(&s->shape, &block->between, own->z, own->z);
  l4r_biased_apply(&block->wi, own->z, width, s->shape.swiglu ? 2 * d_ff : d_ff, own->sum,
                   own->inner);
  for (int64_t i = 0; i < d_ff; i++)
    if (s->shape.swiglu)
      own->inner[i] = (float)(l4r_reference_silu(own->inner[i]) * own->inner[d_ff + i]);
    else
      own->inner[i] = own->inner[i] > 0 ? own->inner[i] : 0;
  l4r_biased_apply(&block->wo, own->inner, d_ff, width, own->sum, own->y);
  memcpy(x, own->z, (size_t)width * sizeof *x);
  l4r_reference_add_gated(&block->feed_gate, width, own->y, own->sum, own->gate, x);
}

/* own->x[length][D], before the final norm. */
static void encode_sequence(const struct l4r_reference_sasrec *s, const float *vector,
                            int64_t length, struct scratch *own) {
  const int64_t width = s->shape.d_model, inner = s->inner;
  const float *position = s->position + (s->shape.positions - length) * width;
  for (int64_t i = 0; i < length * width; i++)
    own->x[i] = (float)(vector[i] * sqrt((double)width) + position[i]);
  for (int64_t b = 0; b < s->shape.encoder_blocks; b++) {
    const struct block *block = &s->block[b];
    for (int64_t p = 0; p < length; p++) {
      const float *x = own->x + p * width;
      float *q = own->q + p * inner;
      l4r_biased_norm(&s->shape, &block->before, x, own->query + p * width);
      l4r_biased_apply(&block->q, own->query + p * width, width, inner, own->sum, q);
      for (int64_t i = 0; i < inner; i++) q[i] = (float)(q[i] / sqrt((double)s->shape.d_kv));
      l4r_biased_apply(&block->k, x, width, inner, own->sum, own->k + p * inner);
      l4r_biased_apply(&block->v, x, width, inner, own->sum, own->v + p * inner);
    }
    for (int64_t p = 0; p < length; p++) finish(s, block, own, p, length);
  }
}

struct encoding {
  struct l4r_reference_sasrec *sasrec;
  const struct l4r_ragged *batch;
  enum l4r_output_kind kind;
  float *out;
};

static void read_out(const struct encoding *job, int64_t sequence, struct scratch *own) {
  const struct l4r_reference_sasrec *s = job->sasrec;
  const int64_t width = s->shape.d_model, first = job->batch->start[sequence];
  const int64_t length = job->batch->start[sequence + 1] - first;
  for (int64_t p = 0; p < length && job->kind == L4R_OUT_ALL; p++)
    l4r_biased_norm(&s->shape, &s->final, own->x + p * width, job->out + (first + p) * width);
  if (job->kind == L4R_OUT_ALL) return;
  float *out = job->out + sequence * width;
  for (int64_t i = 0; i < width; i++) own->sum[i] = 0;
  for (int64_t p = job->kind == L4R_OUT_LAST && length ? length - 1 : 0; p < length; p++) {
    l4r_biased_norm(&s->shape, &s->final, own->x + p * width, own->y);
    for (int64_t i = 0; i < width; i++) own->sum[i] += own->y[i];
  }
  const double share = job->kind == L4R_OUT_LAST || length == 0 ? 1 : (double)length;
  for (int64_t i = 0; i < width; i++) out[i] = (float)(own->sum[i] / share);
}

static int encode_part(void *argument, int worker, int workers) {
  const struct encoding *job = argument;
  struct l4r_reference_sasrec *s = job->sasrec;
  int64_t begin, end;
  l4r_split(job->batch->count, 1, worker, workers, &begin, &end);
  for (int64_t i = begin; i < end; i++) {
    const int64_t first = job->batch->start[i], length = job->batch->start[i + 1] - first;
    encode_sequence(s, job->batch->vector + first * s->shape.d_model, length, &s->scratch[worker]);
    read_out(job, i, &s->scratch[worker]);
  }
  return L4R_OK;
}

static int check(const struct l4r_reference_sasrec *s, const struct l4r_ragged *batch) {
  int status = l4r_biased_check(batch, s->max_count, s->max_length, s->max_positions);
  if (status) return status;
  if (batch->token || !batch->vector)
    return l4r_fail(L4R_USAGE, "encode: SASRec's blocks read vectors, not tokens");
  return L4R_OK;
}

int l4r_reference_sasrec_encode(struct l4r_reference_sasrec *sasrec, const struct l4r_ragged *batch,
                                enum l4r_output_kind kind, float *out) {
  int status = check(sasrec, batch);
  if (status) return status;
  struct encoding job = {.sasrec = sasrec, .batch = batch, .kind = kind, .out = out};
  return l4r_team_run(sasrec->stack->team, encode_part, &job);
}
