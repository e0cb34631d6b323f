/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens BERT's training layers: finds tensors by name and allocates one block of memory. */
#include "impl/train/layers/bert_open.h"

#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/train/layers/bert_inner.h"
#include "impl/train/layers/chunk.h"
#include "impl/train/layers/open.h"

#include <stdio.h>

static void plan_block(struct l4r_block_plan *plan, const struct l4r_bert_layers *s,
                       struct l4r_bert_block *block) {
  int64_t rows = s->max_positions, width = s->shape.d_model;
  l4r_layer_norm_plan(plan, rows, width, &block->attention_norm);
  l4r_layer_norm_plan(plan, rows, width, &block->feed_norm);
  block->x = place_reals(plan, rows * width);
  block->qkv = place_reals(plan, rows * 3 * width);
  block->weights = place_reals(plan, rows * s->shape.heads * l4r_padded_keys(s->max_length));
  block->context = place_reals(plan, rows * width);
  block->z = place_reals(plan, rows * width);
  block->inner = place_reals(plan, rows * s->shape.d_ff);
  for (int i = 0; i < 2; i++) block->mask[i] = place_bits(plan, rows, width);
}

static size_t plan_all(struct l4r_bert_layers *s, void *base) {
  struct l4r_block_plan plan = {base, 0};
  const struct l4r_t5_shape *shape = &s->shape;
  int64_t width = shape->d_model;
  struct l4r_bert_block counted = {0};
  s->block = place(&plan, shape->encoder_blocks, sizeof *s->block);
  for (int64_t b = 0; b < shape->encoder_blocks; b++)
    plan_block(&plan, s, base ? &s->block[b] : &counted);
  l4r_layer_norm_plan(&plan, s->max_positions, width, &s->input_norm);
  s->input_mask = place_bits(&plan, s->max_positions, width);
  s->weights_at = place(&plan, s->max_count + 1, sizeof *s->weights_at);
  int64_t rows = L4R_CHUNK_ROWS + s->max_length;
  if (rows > s->max_positions) rows = s->max_positions;
  l4r_real **const wide[] = {&s->x, &s->y, &s->d_x, &s->d_y, &s->d_context};
  for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
    *wide[i] = place_reals(&plan, rows * width);
  s->act = place_reals(&plan, rows * shape->d_ff);
  s->d_inner = place_reals(&plan, rows * shape->d_ff);
  s->d_qkv = place_reals(&plan, rows * 3 * width);
  s->attend = place_reals(&plan, l4r_attend_scratch(s->max_length, s->max_length, shape->d_kv));
  s->attend_mask = place_bits(&plan, 1, s->max_length * l4r_padded_keys(s->max_length));
  return plan.used;
}

static int find_block(const struct l4r_train_spec *spec, int64_t index,
                      struct l4r_bert_block *block) {
  int64_t width = spec->shape->d_model, d_ff = spec->shape->d_ff;
  const struct {
    const char *name;
    int64_t out, in;
    struct l4r_layer_linears *linear;
  } list[] = {{"attention.self.query", width, width, &block->q},
              {"attention.self.key", width, width, &block->k},
              {"attention.self.value", width, width, &block->v},
              {"attention.output.dense", width, width, &block->o},
              {"intermediate.dense", d_ff, width, &block->wi},
              {"output.dense", width, d_ff, &block->wo}};
  char name[112];
  int status = 0;
  for (size_t i = 0; i < sizeof list / sizeof *list && !status; i++) {
    struct l4r_layer_linears *linear = list[i].linear;
    *linear = (struct l4r_layer_linears){
        .out = list[i].out, .in = list[i].in, .bf16 = spec->bf16, .kernels = spec->kernels};
    snprintf(name, sizeof name, "encoder.layer.%lld.%s", (long long)index, list[i].name);
    status = l4r_layer_find_pair(spec, name, linear->out, linear->in, &linear->weight,
                                 &linear->bias);
  }
  struct l4r_layer_norms *norm[] = {&block->attention_norm, &block->feed_norm};
  const char *const norms[] = {"attention.output.LayerNorm", "output.LayerNorm"};
  for (int i = 0; i < 2 && !status; i++) {
    snprintf(name, sizeof name, "encoder.layer.%lld.%s", (long long)index, norms[i]);
    status = l4r_layer_find_pair(spec, name, width, 0, &norm[i]->weight, &norm[i]->bias);
  }
  return status;
}

static int find_all(const struct l4r_train_spec *spec, struct l4r_bert_layers *s) {
  const int64_t width = s->shape.d_model;
  int status = l4r_layer_find(spec, "embeddings.word_embeddings.weight", s->shape.vocabulary, width,
                              &s->word);
  if (!status)
    status = l4r_layer_find(spec, "embeddings.position_embeddings.weight", s->shape.positions,
                            width, &s->position);
  if (!status)
    status = l4r_layer_find(spec, "embeddings.token_type_embeddings.weight", s->shape.types, width,
                            &s->type);
  if (!status)
    status = l4r_layer_find_pair(spec, "embeddings.LayerNorm", width, 0, &s->input_norm.weight,
                                 &s->input_norm.bias);
  for (int64_t b = 0; b < s->shape.encoder_blocks && !status; b++)
    status = find_block(spec, b, &s->block[b]);
  return status;
}

static int check_spec(const struct l4r_train_spec *spec) {
  const struct l4r_t5_shape *shape = spec->shape;
  if (shape->d_model < 1 || shape->d_kv < 1 || shape->heads < 1 || shape->d_ff < 1 ||
      shape->encoder_blocks < 1 || shape->heads * shape->d_kv != shape->d_model)
    return l4r_fail(L4R_INPUT,
                    "BERT's encoder needs width, key, heads, feed and blocks of at least "
                    "1, and heads times key equal to width; check config.json");
  return l4r_chunk_check_spec(spec);
}

static void set_shape(struct l4r_bert_layers *s, const struct l4r_train_spec *spec) {
  *s = (struct l4r_bert_layers){.shape = *spec->shape,
                                .max_positions = spec->max_positions,
                                .max_count = spec->max_count,
                                .max_length = spec->max_length,
                                .dropout = spec->dropout};
}

int64_t l4r_bert_bytes(const struct l4r_train_spec *spec) {
  int status = check_spec(spec);
  if (status) return status;
  struct l4r_bert_layers s;
  set_shape(&s, spec);
  return (int64_t)(plan_all(&s, NULL) + sizeof s);
}

int l4r_bert_open(const struct l4r_train_spec *spec, struct l4r_bert_layers **layers) {
  int status = check_spec(spec);
  if (status) return status;
  l4r_blas_open();
  struct l4r_bert_layers *s = l4r_alloc(1, sizeof *s, "training layers");
  if (!s) return L4R_ENVIRONMENT;
  set_shape(s, spec);
  s->kernels = l4r_layer_kernels_or_widest(spec->kernels);
  s->memory = l4r_alloc(plan_all(s, NULL), 1, "activations of the training layers");
  if (s->memory) {
    plan_all(s, s->memory);
    status = find_all(spec, s);
  } else {
    status = L4R_ENVIRONMENT;
  }
  if (status) {
    l4r_bert_close(s);
    return status;
  }
  *layers = s;
  return 0;
}

void l4r_bert_close(struct l4r_bert_layers *s) {
  if (!s) return;
  l4r_free(s->memory);
  l4r_free(s);
}
