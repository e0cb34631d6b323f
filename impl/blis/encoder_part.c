/* SPDX-License-Identifier: BSD-3-Clause */
/* One part of a batch through all blocks. Phases, a barrier of the group between them:
 *
 *   norm | q,k,v | attention | o, += | norm | wi, act | wo, +=       (per block)
 *
 * In the last block of a LAST read-out only k and v are computed for every position; q, o and the
 * feed-forward see one row a sequence. An empty sequence's row is zeros, and stays zeros. */
#include "impl/blis/encoder_part.h"

#include "impl/blis/finish.h"

#include <string.h>

struct view { /* of a part */
  const struct l4r_encode_part *part;
  const struct l4r_encoder *encoder;
  const struct l4r_encoder_scratch *s;
  const int64_t *start; /* of the part's sequences; start[0] is the first row in the batch */
  int64_t rows, d, inner;
};

static int64_t row_of(const struct view *v, int64_t sequence) {
  return v->start[sequence] - v->start[0];
}

static void load_rows(const struct l4r_work_group *group, const struct view *v) {
  const struct l4r_ragged *batch = v->part->batch;
  int64_t begin, end;
  l4r_split(v->rows, 1, group->worker, group->workers, &begin, &end);
  for (int64_t i = begin; i < end; i++) {
    int64_t at = v->start[0] + i;
    const float *from = batch->vector ? batch->vector + at * v->d
                                      : v->encoder->embedding + batch->token[at] * v->d;
    memcpy(v->s->x + i * v->d, from, (size_t)v->d * sizeof(float));
  }
}

void l4r_encode_attend(const struct l4r_work_group *group, const struct l4r_encode_part *part,
                       int tail) {
  const struct l4r_encoder *e = part->encoder;
  const struct l4r_encoder_scratch *s = part->scratch;
  const struct l4r_bias *bias = &e->bias;
  const int64_t *start = part->batch->start + part->first;
  const struct l4r_gemm_kernel *gemm = e->stack->gemm;
  int64_t heads = e->shape.heads, k = e->shape.d_kv, inner = heads * k, ld = 3 * inner;
  for (int64_t task = group->worker; task < part->count * heads; task += group->workers) {
    int64_t sequence = task / heads, h = task % heads;
    int64_t row = start[sequence] - start[0], length = start[sequence + 1] - start[sequence];
    const float *qkv = s->qkv + row * ld + h * k;
    struct l4r_attention a = {.queries = length,
                              .keys = length,
                              .width = k,
                              .q = qkv,
                              .k = qkv + inner,
                              .v = qkv + 2 * inner,
                              .ldq = ld,
                              .ldkv = ld,
                              .bias = bias->value ? bias->value + h * bias->stride + bias->zero
                                                  : NULL,
                              .causal = e->shape.causal,
                              .out = s->context + row * inner + h * k,
                              .ldo = inner,
                              .scratch = part->attention};
    if (tail) {
      a.queries = 1;
      a.first = length - 1;
      a.q = s->inner + sequence * inner + h * k;
      a.ldq = inner;
      a.out = s->context + sequence * inner + h * k;
    }
    if (gemm->attend && length > 0)
      gemm->attend(group->kernels, &a);
    else
      l4r_attend(group->kernels, &a);
  }
}

/* x += context o, then the feed-forward; rows of x. */
static void finish(const struct l4r_work_group *group, const struct view *v,
                   const struct l4r_block *block, int64_t rows, float *x, float *normed) {
  l4r_add_skip(group, &(struct l4r_skip){.gate = &block->self_gate.matrix,
                                         .gate_bias = block->self_gate.bias,
                                         .matrix = &block->self_o,
                                         .in = {rows, v->s->context, v->inner},
                                         .x = x,
                                         .added = normed,
                                         .gates = v->s->gate});
  l4r_work_group_end(group, L4R_SPENT_ATTENTION_OUT);
  l4r_feed_forward(group, &(struct l4r_feed_forward){.block = block,
                                                     .shape = &v->encoder->shape,
                                                     .rows = rows,
                                                     .x = x,
                                                     .normed = normed,
                                                     .inner = v->s->inner,
                                                     .gate = v->s->gate});
  l4r_work_group_end(group, L4R_SPENT_FEED_FORWARD);
}

static void norm_into(const struct l4r_work_group *group, const struct view *v,
                      const struct l4r_block *block) {
  l4r_norm_rows(group, &v->encoder->shape, v->rows, v->s->x, block->self_norm, v->s->normed);
  l4r_work_group_end(group, L4R_SPENT_NORMS);
}

static void whole_block(const struct l4r_work_group *group, const struct view *v,
                        const struct l4r_block *block) {
  norm_into(group, v, block);
  l4r_multiply(group, &block->qkv,
               &(struct l4r_product){.m = v->rows,
                                     .a = v->s->normed,
                                     .lda = v->d,
                                     .columns = 3 * v->inner,
                                     .c = v->s->qkv,
                                     .ldc = 3 * v->inner});
  l4r_work_group_end(group, L4R_SPENT_PROJECTING);
  l4r_encode_attend(group, v->part, 0);
  l4r_work_group_end(group, L4R_SPENT_ATTENTION);
  finish(group, v, block, v->rows, v->s->x, v->s->normed);
}

static void gather_tails(const struct l4r_work_group *group, const struct view *v) {
  int64_t begin, end;
  l4r_split(v->part->count, 1, group->worker, group->workers, &begin, &end);
  for (int64_t i = begin; i < end; i++) {
    size_t bytes = (size_t)v->d * sizeof(float);
    float *x = v->s->tail_x + i * v->d, *normed = v->s->tail_norm + i * v->d;
    int64_t last = row_of(v, i + 1) - 1;
    if (last < row_of(v, i)) {
      memset(x, 0, bytes);
      memset(normed, 0, bytes);
    } else {
      memcpy(x, v->s->x + last * v->d, bytes);
      memcpy(normed, v->s->normed + last * v->d, bytes);
    }
  }
}

static void tail_block(const struct l4r_work_group *group, const struct view *v,
                       const struct l4r_block *block) {
  int64_t count = v->part->count;
  norm_into(group, v, block);
  l4r_multiply(group, &block->qkv,
               &(struct l4r_product){.m = v->rows,
                                     .a = v->s->normed,
                                     .lda = v->d,
                                     .begin = v->inner,
                                     .columns = 2 * v->inner,
                                     .c = v->s->qkv + v->inner,
                                     .ldc = 3 * v->inner});
  gather_tails(group, v);
  l4r_work_group_end(group, L4R_SPENT_PROJECTING);
  l4r_multiply(group, &block->qkv,
               &(struct l4r_product){.m = count,
                                     .a = v->s->tail_norm,
                                     .lda = v->d,
                                     .columns = v->inner,
                                     .c = v->s->inner,
                                     .ldc = v->inner});
  l4r_work_group_end(group, L4R_SPENT_PROJECTING);
  l4r_encode_attend(group, v->part, 1);
  l4r_work_group_end(group, L4R_SPENT_ATTENTION);
  finish(group, v, block, count, v->s->tail_x, v->s->tail_norm);
}

static void mean_out(const struct l4r_work_group *group, const struct view *v) {
  const struct l4r_encoder *e = v->encoder;
  int64_t begin, end;
  l4r_split(v->part->count, 1, group->worker, group->workers, &begin, &end);
  for (int64_t i = begin; i < end; i++) {
    int64_t first = row_of(v, i), last = row_of(v, i + 1);
    float *out = v->part->out + (v->part->first + i) * v->d;
    memset(out, 0, (size_t)v->d * sizeof(float));
    for (int64_t r = first; r < last; r++) {
      float *row = v->s->normed + r * v->d;
      group->kernels->rms_norm(v->d, v->s->x + r * v->d, e->final_norm, (float)e->shape.epsilon,
                               row);
      group->kernels->axpy(v->d, 1.0f / (float)(last - first), row, out);
    }
  }
}

void l4r_encode_part(const struct l4r_work_group *group, const struct l4r_encode_part *part) {
  const struct l4r_encoder *e = part->encoder;
  struct view v = {.part = part,
                   .encoder = e,
                   .s = part->scratch,
                   .start = part->batch->start + part->first,
                   .d = e->shape.d_model,
                   .inner = e->shape.heads * e->shape.d_kv};
  v.rows = row_of(&v, part->count);
  load_rows(group, &v); /* a worker's norm below reads only the rows it loaded itself */
  l4r_spend(group->spent, L4R_SPENT_LOADING);
  for (int64_t b = 0; b < e->shape.encoder_blocks; b++)
    if (part->kind == L4R_OUT_LAST && b == e->shape.encoder_blocks - 1)
      tail_block(group, &v, &e->block[b]);
    else
      whole_block(group, &v, &e->block[b]);
  if (part->kind == L4R_OUT_ALL)
    l4r_norm_rows(group, &e->shape, v.rows, v.s->x, e->final_norm, part->out + v.start[0] * v.d);
  else if (part->kind == L4R_OUT_LAST)
    l4r_norm_rows(group, &e->shape, part->count, v.s->tail_x, e->final_norm,
                  part->out + part->first * v.d);
  else
    mean_out(group, &v);
  l4r_work_group_end(group, L4R_SPENT_READING_OUT); /* the next part overwrites the scratch */
}
