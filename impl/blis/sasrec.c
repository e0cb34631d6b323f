/* SPDX-License-Identifier: BSD-3-Clause */
/* SASRec's blocks (formulas at struct l4r_t5_shape), one part of a batch at a time. Phases, a
 * barrier of the group between them:
 *
 *   query norm | q; k,v | attention | o, += query | norm | wi, ReLU | wo, +=       (per block)
 *
 * 1/sqrt(K) is multiplied into q's weights at open. In the
 * last block of a LAST read-out only k and v are computed for every position. */
#include "impl/blis/sasrec.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/blis/biased.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct block {
  struct l4r_blis_norm before, between;
  struct l4r_blis_layer q, kv, o, wi, wo;          /* kv: k | v; wi with swiglu: wi_0 | wi_1 */
  struct l4r_blis_layer attention_gate, feed_gate; /* LiGR's; without a bias: none */
};

struct l4r_blis_sasrec {
  int64_t blocks;
  struct block *block;
  struct l4r_blis_norm final;
  float *position; /* [positions][D] */
};

/* --- weights --- */

static int open_block(struct l4r_blis_source *source, int64_t index, struct block *block) {
  const struct l4r_t5_shape *shape = source->spec->shape;
  int64_t d = shape->d_model, inner = shape->heads * shape->d_kv;
  float scale = (float)(1 / sqrt((double)shape->d_kv));
  snprintf(source->base, sizeof source->base, "blocks.%lld.", (long long)index);
  int status = l4r_blis_norm_open(source, &block->before, "attention_norm");
  if (!status) status = l4r_blis_norm_open(source, &block->between, "feed_norm");
  if (!status)
    status = l4r_blis_layer_open(source, &block->q, L4R_PARTS("attention.q"), inner, d, scale);
  if (!status)
    status = l4r_blis_layer_open(source, &block->kv, L4R_PARTS("attention.k", "attention.v"), inner,
                                 d, 1);
  if (!status)
    status = l4r_blis_layer_open(source, &block->o, L4R_PARTS("attention.o"), d, inner, 1);
  const int64_t wi = shape->swiglu ? 2 * shape->d_ff : shape->d_ff;
  if (!status) status = l4r_blis_layer_open(source, &block->wi, L4R_PARTS("feed.wi"), wi, d, 1);
  if (!status)
    status = l4r_blis_layer_open(source, &block->wo, L4R_PARTS("feed.wo"), d, shape->d_ff, 1);
  if (!status && shape->gates == L4R_GATES_LIGR) {
    status = l4r_blis_layer_open(source, &block->attention_gate, L4R_PARTS("attention.gate"), d, d,
                                 1);
    if (!status)
      status = l4r_blis_layer_open(source, &block->feed_gate, L4R_PARTS("feed.gate"), d, d, 1);
  }
  source->base[0] = 0;
  return status;
}

int l4r_blis_sasrec_open(struct l4r_stack *stack, const struct l4r_encoder_spec *spec,
                         struct l4r_blis_sasrec **out, int64_t *bytes) {
  const struct l4r_t5_shape *shape = spec->shape;
  if (spec->max_length > shape->positions)
    return l4r_fail(L4R_USAGE, "encoder %s: sequences of %lld, but the model has %lld positions",
                    spec->prefix, (long long)spec->max_length, (long long)shape->positions);
  struct l4r_blis_sasrec *s = l4r_alloc(1, sizeof *s, "an encoder");
  if (!s) return L4R_ENVIRONMENT;
  *out = s;
  s->block = l4r_alloc((size_t)shape->encoder_blocks, sizeof *s->block, "encoder blocks");
  if (!s->block) return L4R_ENVIRONMENT;
  s->blocks = shape->encoder_blocks;
  struct l4r_blis_source source = {.spec = spec, .gemm = stack->gemm, .bytes = bytes};
  int status = l4r_blis_norm_open(&source, &s->final, "final_norm");
  for (int64_t b = 0; b < s->blocks && !status; b++) status = open_block(&source, b, &s->block[b]);
  if (!status)
    status = l4r_blis_table_open(&source, &s->position, "position.weight", shape->positions);
  return status;
}

void l4r_blis_sasrec_close(struct l4r_blis_sasrec *s) {
  if (!s) return;
  for (int64_t b = 0; b < s->blocks; b++) {
    struct block *block = &s->block[b];
    struct l4r_blis_layer *layer[] = {&block->q,        &block->kv, &block->o,
                                      &block->wi,       &block->wo, &block->attention_gate,
                                      &block->feed_gate};
    for (size_t i = 0; i < sizeof layer / sizeof *layer; i++) l4r_blis_layer_close(layer[i]);
    l4r_blis_norm_close(&block->before);
    l4r_blis_norm_close(&block->between);
  }
  l4r_blis_norm_close(&s->final);
  l4r_free(s->position);
  l4r_free(s->block);
  l4r_free(s);
}

/* --- one part --- */

struct view { /* of a part */
  const struct l4r_encode_part *part;
  const struct l4r_t5_shape *shape;
  const struct l4r_blis_sasrec *sasrec;
  const struct l4r_encoder_scratch *s;
  const int64_t *start; /* of the part's sequences; start[0] is the first row in the batch */
  int64_t rows, d, inner;
};

static int64_t row_of(const struct view *v, int64_t sequence) {
  return v->start[sequence] - v->start[0];
}

static void load(const struct l4r_work_group *group, const struct view *v) {
  float scale = sqrtf((float)v->d);
  int64_t positions = v->shape->positions;
  for (int64_t i = group->worker; i < v->part->count; i += group->workers) {
    int64_t row = row_of(v, i), length = row_of(v, i + 1) - row;
    float *x = v->s->x + row * v->d;
    memcpy(x, v->sasrec->position + (positions - length) * v->d,
           (size_t)(length * v->d) * sizeof *x);
    group->kernels->axpy(length * v->d, scale, v->part->batch->vector + v->start[i] * v->d, x);
  }
  l4r_work_group_end(group, L4R_SPENT_LOADING);
}

/* to[rows][D] += in . layer + bias, by way of its gate where there is one. `added`: scratch
 * [rows][D], neither of the two. */
static void add_skip(const struct l4r_work_group *group, const struct view *v,
                     const struct l4r_blis_layer *layer, const struct l4r_blis_layer *gate,
                     struct l4r_blis_rows in, float *to, float *added) {
  l4r_add_skip(group, &(struct l4r_skip){.matrix = &layer->matrix,
                                         .bias = layer->bias,
                                         .gate = &gate->matrix,
                                         .gate_bias = gate->bias,
                                         .in = in,
                                         .x = to,
                                         .added = added,
                                         .gates = v->s->gate});
}

/* From attention's context and the queries to the block's output, in x. */
static void finish_block(const struct l4r_work_group *group, const struct view *v,
                         const struct block *block, int64_t rows, float *query, float *x) {
  struct l4r_blis_rows inner = {rows, v->s->inner, v->shape->d_ff * (v->shape->swiglu ? 2 : 1)};
  struct l4r_blis_rows z = {rows, x, v->d};
  add_skip(group, v, &block->o, &block->attention_gate,
           (struct l4r_blis_rows){rows, v->s->context, v->inner}, query, x);
  l4r_work_group_end(group, L4R_SPENT_ATTENTION_OUT);
  l4r_blis_norm_rows(group, v->shape, &block->between, rows, query, x);
  l4r_work_group_end(group, L4R_SPENT_NORMS);
  l4r_blis_apply(group, &block->wi, z, v->shape->swiglu ? L4R_SWIGLU : L4R_RELU, inner);
  l4r_work_group_end(group, L4R_SPENT_FEED_FORWARD);
  add_skip(group, v, &block->wo, &block->feed_gate, inner, x, query);
  l4r_work_group_end(group, L4R_SPENT_FEED_FORWARD);
}

static void keys_and_values(const struct l4r_work_group *group, const struct view *v,
                            const struct block *block) {
  l4r_blis_apply(group, &block->kv, (struct l4r_blis_rows){v->rows, v->s->x, v->d}, L4R_SET,
                 (struct l4r_blis_rows){v->rows, v->s->qkv + v->inner, 3 * v->inner});
}

static void whole_block(const struct l4r_work_group *group, const struct view *v,
                        const struct block *block) {
  l4r_blis_norm_rows(group, v->shape, &block->before, v->rows, v->s->x, v->s->normed);
  l4r_work_group_end(group, L4R_SPENT_NORMS);
  l4r_blis_apply(group, &block->q, (struct l4r_blis_rows){v->rows, v->s->normed, v->d}, L4R_SET,
                 (struct l4r_blis_rows){v->rows, v->s->qkv, 3 * v->inner});
  keys_and_values(group, v, block);
  l4r_work_group_end(group, L4R_SPENT_PROJECTING);
  l4r_encode_attend(group, v->part, 0);
  l4r_work_group_end(group, L4R_SPENT_ATTENTION);
  finish_block(group, v, block, v->rows, v->s->normed, v->s->x);
}

/* Only the newest position of each sequence is carried on, in tail_x. */
static void tail_block(const struct l4r_work_group *group, const struct view *v,
                       const struct block *block) {
  int64_t count = v->part->count, begin, end;
  l4r_split(count, 1, group->worker, group->workers, &begin, &end);
  for (int64_t i = begin; i < end; i++) {
    int64_t last = row_of(v, i + 1) - 1;
    float *x = v->s->tail_x + i * v->d;
    if (last < row_of(v, i))
      memset(x, 0, (size_t)v->d * sizeof *x);
    else
      memcpy(x, v->s->x + last * v->d, (size_t)v->d * sizeof *x);
  }
  l4r_blis_norm_rows(group, v->shape, &block->before, count, v->s->tail_x, v->s->tail_norm);
  keys_and_values(group, v, block);
  l4r_work_group_end(group, L4R_SPENT_PROJECTING);
  l4r_blis_apply(group, &block->q, (struct l4r_blis_rows){count, v->s->tail_norm, v->d}, L4R_SET,
                 (struct l4r_blis_rows){count, v->s->inner, v->inner});
  l4r_work_group_end(group, L4R_SPENT_PROJECTING);
  l4r_encode_attend(group, v->part, 1);
  l4r_work_group_end(group, L4R_SPENT_ATTENTION);
  finish_block(group, v, block, count, v->s->tail_norm, v->s->tail_x);
}

/* A row a sequence; an empty one's is zeros. */
static void pool(const struct l4r_work_group *group, const struct view *v) {
  const struct l4r_blis_norm *final = &v->sasrec->final;
  float epsilon = (float)v->shape->epsilon;
  for (int64_t i = group->worker; i < v->part->count; i += group->workers) {
    int64_t first = row_of(v, i), last = row_of(v, i + 1);
    float *out = v->part->out + (v->part->first + i) * v->d;
    memset(out, 0, (size_t)v->d * sizeof *out);
    if (first == last) continue;
    if (v->part->kind == L4R_OUT_LAST) {
      group->kernels->layer_norm(v->d, v->s->tail_x + i * v->d, final->weight, final->bias, epsilon,
                                 out);
      continue;
    }
    for (int64_t r = first; r < last; r++) {
      float *row = v->s->normed + r * v->d;
      group->kernels->layer_norm(v->d, v->s->x + r * v->d, final->weight, final->bias, epsilon,
                                 row);
      group->kernels->axpy(v->d, 1.0f / (float)(last - first), row, out);
    }
  }
}

void l4r_blis_sasrec_part(const struct l4r_work_group *group, const struct l4r_encode_part *part) {
  const struct l4r_encoder *e = part->encoder;
  struct view v = {.part = part,
                   .shape = &e->shape,
                   .sasrec = e->sasrec,
                   .s = part->scratch,
                   .start = part->batch->start + part->first,
                   .d = e->shape.d_model,
                   .inner = e->shape.heads * e->shape.d_kv};
  v.rows = row_of(&v, part->count);
  load(group, &v);
  for (int64_t b = 0; b < v.sasrec->blocks; b++)
    if (part->kind == L4R_OUT_LAST && b == v.sasrec->blocks - 1)
      tail_block(group, &v, &v.sasrec->block[b]);
    else
      whole_block(group, &v, &v.sasrec->block[b]);
  if (part->kind == L4R_OUT_ALL)
    l4r_blis_norm_rows(group, v.shape, &v.sasrec->final, v.rows, v.s->x,
                       part->out + v.start[0] * v.d);
  else
    pool(group, &v);
  l4r_work_group_end(group, L4R_SPENT_READING_OUT); /* the next part overwrites the scratch */
}
