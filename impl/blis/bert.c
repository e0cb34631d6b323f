/* SPDX-License-Identifier: BSD-3-Clause */
/* BERT's blocks (formulas at struct l4r_t5_shape), one part of a batch at a time. Phases, a barrier
 * of the group between them:
 *
 *   embeddings, norm | q,k,v | attention | o, += | norm | wi, GELU | wo, += | norm   (per block)
 *
 * 1/sqrt(K) is multiplied into q's weights at open; the embeddings hold token type 0 in their
 * positions. */
#include "impl/blis/bert.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/blis/biased.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct block {
  struct l4r_blis_layer qkv, o, wi, wo;
  struct l4r_blis_norm attention_norm, feed_norm;
};

struct l4r_blis_bert {
  int64_t blocks;
  struct block *block;
  struct l4r_blis_norm input_norm;
  float *word, *position; /* [V][D]; [positions][D] */
};

/* --- weights --- */

static int open_block(struct l4r_blis_source *source, int64_t index, struct block *block) {
  const struct l4r_t5_shape *shape = source->spec->shape;
  const int64_t d = shape->d_model, f = shape->d_ff;
  const float scale = (float)(1 / sqrt((double)shape->d_kv));
  snprintf(source->base, sizeof source->base, "encoder.layer.%lld.", (long long)index);
  int status = l4r_blis_layer_open(
      source, &block->qkv,
      L4R_PARTS("attention.self.query", "attention.self.key", "attention.self.value"), d, d, scale);
  if (!status)
    status = l4r_blis_layer_open(source, &block->o, L4R_PARTS("attention.output.dense"), d, d, 1);
  if (!status)
    status = l4r_blis_norm_open(source, &block->attention_norm, "attention.output.LayerNorm");
  if (!status)
    status = l4r_blis_layer_open(source, &block->wi, L4R_PARTS("intermediate.dense"), f, d, 1);
  if (!status) status = l4r_blis_layer_open(source, &block->wo, L4R_PARTS("output.dense"), d, f, 1);
  if (!status) status = l4r_blis_norm_open(source, &block->feed_norm, "output.LayerNorm");
  source->base[0] = 0;
  return status;
}

static int open_embeddings(const struct l4r_blis_source *source, struct l4r_blis_bert *b) {
  const struct l4r_t5_shape *shape = source->spec->shape;
  const float *type;
  int status = l4r_blis_table_open(source, &b->word, "embeddings.word_embeddings.weight",
                                   shape->vocabulary);
  if (!status)
    status = l4r_blis_table_open(source, &b->position, "embeddings.position_embeddings.weight",
                                 shape->positions);
  if (!status)
    status = l4r_weights_get(source->spec->weights, source->spec->prefix,
                             "embeddings.token_type_embeddings.weight", shape->types,
                             shape->d_model, &type);
  for (int64_t i = 0; i < shape->positions * shape->d_model && !status; i++)
    b->position[i] += type[i % shape->d_model];
  return status ? status : l4r_blis_norm_open(source, &b->input_norm, "embeddings.LayerNorm");
}

int l4r_blis_bert_open(struct l4r_stack *stack, const struct l4r_encoder_spec *spec,
                       struct l4r_blis_bert **out, int64_t *bytes) {
  const struct l4r_t5_shape *shape = spec->shape;
  if (spec->max_length > shape->positions)
    return l4r_fail(L4R_USAGE, "encoder %s: sequences of %lld, but the model has %lld positions",
                    spec->prefix, (long long)spec->max_length, (long long)shape->positions);
  struct l4r_blis_bert *b = l4r_alloc(1, sizeof *b, "an encoder");
  if (!b) return L4R_ENVIRONMENT;
  *out = b;
  b->block = l4r_alloc((size_t)shape->encoder_blocks, sizeof *b->block, "encoder blocks");
  if (!b->block) return L4R_ENVIRONMENT;
  b->blocks = shape->encoder_blocks;
  struct l4r_blis_source source = {.spec = spec, .gemm = stack->gemm, .bytes = bytes};
  int status = open_embeddings(&source, b);
  for (int64_t i = 0; i < b->blocks && !status; i++) status = open_block(&source, i, &b->block[i]);
  return status;
}

void l4r_blis_bert_close(struct l4r_blis_bert *b) {
  if (!b) return;
  for (int64_t i = 0; i < b->blocks; i++) {
    struct block *block = &b->block[i];
    struct l4r_blis_layer *layer[] = {&block->qkv, &block->o, &block->wi, &block->wo};
    for (size_t l = 0; l < sizeof layer / sizeof *layer; l++) l4r_blis_layer_close(layer[l]);
    l4r_blis_norm_close(&block->attention_norm);
    l4r_blis_norm_close(&block->feed_norm);
  }
  l4r_blis_norm_close(&b->input_norm);
  l4r_free(b->word);
  l4r_free(b->position);
  l4r_free(b->block);
  l4r_free(b);
}

/* --- one part --- */

struct view { /* of a part */
  const struct l4r_encode_part *part;
  const struct l4r_t5_shape *shape;
  const struct l4r_blis_bert *bert;
  const struct l4r_encoder_scratch *s;
  const int64_t *start; /* of the part's sequences; start[0] is the first row in the batch */
  int64_t rows, d;
};

static int64_t row_of(const struct view *v, int64_t sequence) {
  return v->start[sequence] - v->start[0];
}

static void load(const struct l4r_work_group *group, const struct view *v) {
  const struct l4r_blis_norm *norm = &v->bert->input_norm;
  for (int64_t i = group->worker; i < v->part->count; i += group->workers) {
    const int64_t first = row_of(v, i), length = row_of(v, i + 1) - first;
    const int32_t *token = v->part->batch->token + v->start[i];
    float *x = v->s->x + first * v->d;
    memcpy(x, v->bert->position, (size_t)(length * v->d) * sizeof *x);
    for (int64_t p = 0; p < length; p++, x += v->d) {
      group->kernels->axpy(v->d, 1, v->bert->word + token[p] * v->d, x);
      group->kernels->layer_norm(v->d, x, norm->weight, norm->bias, (float)v->shape->epsilon, x);
    }
  }
  l4r_work_group_end(group, L4R_SPENT_LOADING);
}

static void run_block(const struct l4r_work_group *group, const struct view *v,
                      const struct block *block) {
  const struct l4r_blis_rows x = {v->rows, v->s->x, v->d}, qkv = {v->rows, v->s->qkv, 3 * v->d};
  const struct l4r_blis_rows context = {v->rows, v->s->context, v->d};
  const struct l4r_blis_rows inner = {v->rows, v->s->inner, l4r_inner_ld(v->shape)};
  l4r_blis_apply(group, &block->qkv, x, L4R_SET, qkv);
  l4r_work_group_end(group, L4R_SPENT_PROJECTING);
  l4r_encode_attend(group, v->part, 0);
  l4r_work_group_end(group, L4R_SPENT_ATTENTION);
  l4r_blis_apply(group, &block->o, context, L4R_ADD, x);
  l4r_work_group_end(group, L4R_SPENT_ATTENTION_OUT);
  l4r_blis_norm_rows(group, v->shape, &block->attention_norm, v->rows, x.at, x.at);
  l4r_work_group_end(group, L4R_SPENT_NORMS);
  l4r_blis_apply(group, &block->wi, x, L4R_GELU, inner);
  l4r_work_group_end(group, L4R_SPENT_FEED_FORWARD);
  l4r_blis_apply(group, &block->wo, inner, L4R_ADD, x);
  l4r_work_group_end(group, L4R_SPENT_FEED_FORWARD);
  l4r_blis_norm_rows(group, v->shape, &block->feed_norm, v->rows, x.at, x.at);
  l4r_work_group_end(group, L4R_SPENT_NORMS);
}

/* A row a sequence; an empty one's is zeros. */
static void pool(const struct l4r_work_group *group, const struct view *v) {
  for (int64_t i = group->worker; i < v->part->count; i += group->workers) {
    int64_t first = row_of(v, i), last = row_of(v, i + 1);
    float *out = v->part->out + (v->part->first + i) * v->d;
    memset(out, 0, (size_t)v->d * sizeof *out);
    if (v->part->kind == L4R_OUT_LAST && first < last) first = last - 1;
    for (int64_t r = first; r < last; r++)
      group->kernels->axpy(v->d, 1.0f / (float)(last - first), v->s->x + r * v->d, out);
  }
}

void l4r_blis_bert_part(const struct l4r_work_group *group, const struct l4r_encode_part *part) {
  const struct l4r_encoder *e = part->encoder;
  struct view v = {.part = part,
                   .shape = &e->shape,
                   .bert = e->bert,
                   .s = part->scratch,
                   .start = part->batch->start + part->first,
                   .d = e->shape.d_model};
  int64_t begin, end;
  v.rows = row_of(&v, part->count);
  load(group, &v);
  for (int64_t b = 0; b < v.bert->blocks; b++) run_block(group, &v, &v.bert->block[b]);
  l4r_split(v.rows, 1, group->worker, group->workers, &begin, &end);
  if (part->kind == L4R_OUT_ALL)
    memcpy(part->out + (v.start[0] + begin) * v.d, v.s->x + begin * v.d,
           (size_t)((end - begin) * v.d) * sizeof(float));
  else
    pool(group, &v);
  l4r_work_group_end(group, L4R_SPENT_READING_OUT); /* the next part overwrites the scratch */
}
