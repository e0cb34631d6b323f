/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens SASRec's training layers: finds tensors by name and allocates one block of memory. */
#include "impl/train/layers/sasrec_open.h"

#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/train/layers/chunk.h"
#include "impl/train/layers/open.h"
#include "impl/train/layers/plan.h"
#include "impl/train/layers/sasrec_inner.h"

#include <stdio.h>

static int64_t larger(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static void plan_block(struct l4r_block_plan *plan, const struct l4r_sasrec_layers *s,
                       struct l4r_sasrec_block *block) {
  int64_t rows = s->max_positions, width = s->shape.d_model, inner = s->shape.heads * s->shape.d_kv;
  l4r_layer_norm_plan(plan, rows, width, &block->before);
  l4r_layer_norm_plan(plan, rows, width, &block->between);
  block->x = place_reals(plan, rows * width);
  block->query = place_reals(plan, rows * width);
  block->qkv = place_reals(plan, rows * 3 * inner);
  block->weights = place_reals(plan, rows * s->shape.heads * l4r_padded_keys(s->max_length));
  block->context = place_reals(plan, rows * inner);
  block->z = place_reals(plan, rows * width);
  block->inner = place_reals(plan, rows * s->shape.d_ff);
  block->dropout_mask = place_bits(plan, rows, width);
  if (s->shape.swiglu) {
    block->wide = place_reals(plan, rows * 2 * s->shape.d_ff);
    block->inner_mask = place_bits(plan, rows, s->shape.d_ff);
  }
  for (int g = 0; s->shape.gates == L4R_GATES_LIGR && g < 2; g++) {
    block->gate[g].value = place_reals(plan, rows * width);
    block->gate[g].ungated = place_reals(plan, rows * width);
  }
}

static size_t plan_all(struct l4r_sasrec_layers *s, void *base) {
  struct l4r_block_plan plan = {base, 0};
  const struct l4r_t5_shape *shape = &s->shape;
  int64_t width = shape->d_model, inner = shape->heads * shape->d_kv;
  struct l4r_sasrec_block counted = {0};
  s->block = place(&plan, shape->encoder_blocks, sizeof *s->block);
  for (int64_t b = 0; b < shape->encoder_blocks; b++)
    plan_block(&plan, s, base ? &s->block[b] : &counted);
  l4r_layer_norm_plan(&plan, s->max_positions, width, &s->final);
  s->input_mask = place_bits(&plan, s->max_positions, width);
  s->weights_at = place(&plan, s->max_count + 1, sizeof *s->weights_at);
  int64_t rows = L4R_CHUNK_ROWS + s->max_length;
  if (rows > s->max_positions) rows = s->max_positions;
  s->x = place_reals(&plan, rows * width);
  s->y = place_reals(&plan, rows * width);
  s->d_x = place_reals(&plan, rows * width);
  s->d_y = place_reals(&plan, rows * width);
  s->d_inner = place_reals(&plan, rows * shape->d_ff);
  s->d_context = place_reals(&plan, rows * inner);
  s->d_qkv = place_reals(&plan, rows * 3 * inner);
  s->attend = place_reals(&plan, l4r_attend_scratch(s->max_length, s->max_length, shape->d_kv));
  s->attend_mask = place_bits(&plan, 1, s->max_length * l4r_padded_keys(s->max_length));
  s->relu_mask = place_bits(&plan, rows, larger(width, shape->d_ff));
  if (shape->gates == L4R_GATES_LIGR) s->d_gate = place_reals(&plan, rows * width);
  return plan.used;
}

static int find_pair(const struct l4r_train_spec *spec, int64_t block, const char *part,
                     int64_t out, int64_t in, int64_t *weight, int64_t *bias) {
  char name[112];
  snprintf(name, sizeof name, "blocks.%lld.%s", (long long)block, part);
  return l4r_layer_find_pair(spec, name, out, in, weight, bias);
}

static int find_block(const struct l4r_train_spec *spec, int64_t index,
                      struct l4r_sasrec_block *block) {
  int64_t width = spec->shape->d_model, inner = spec->shape->heads * spec->shape->d_kv;
  int64_t d_ff = spec->shape->d_ff, wi = spec->shape->swiglu ? 2 * d_ff : d_ff;
  const struct {
    const char *name;
    int64_t out, in;
    struct l4r_layer_linears *linear;
  } list[] = {{"attention.q", inner, width, &block->q},
              {"attention.k", inner, width, &block->k},
              {"attention.v", inner, width, &block->v},
              {"attention.o", width, inner, &block->o},
              {"feed.wi", wi, width, &block->wi},
              {"feed.wo", width, d_ff, &block->wo},
              {"attention.gate", width, width, &block->gate[0].linear},
              {"feed.gate", width, width, &block->gate[1].linear}};
  const size_t count = sizeof list / sizeof *list - (spec->shape->gates ? 0 : 2);
  int status = find_pair(spec, index, "attention_norm", width, 0, &block->before.weight,
                         &block->before.bias);
  if (!status)
    status = find_pair(spec, index, "feed_norm", width, 0, &block->between.weight,
                       &block->between.bias);
  for (size_t i = 0; i < count && !status; i++) {
    struct l4r_layer_linears *linear = list[i].linear;
    *linear = (struct l4r_layer_linears){
        .out = list[i].out, .in = list[i].in, .bf16 = spec->bf16, .kernels = spec->kernels};
    status = find_pair(spec, index, list[i].name, linear->out, linear->in, &linear->weight,
                       &linear->bias);
  }
  return status;
}

static int check_spec(const struct l4r_train_spec *spec) {
  const struct l4r_t5_shape *shape = spec->shape;
  if (shape->d_model < 1 || shape->d_kv < 1 || shape->heads < 1 || shape->d_ff < 1 ||
      shape->encoder_blocks < 1)
    return l4r_fail(L4R_INPUT, "SASRec's encoder needs width, key, heads, feed and blocks of at "
                               "least 1; check config.json");
  return l4r_chunk_check_spec(spec);
}

static void set_shape(struct l4r_sasrec_layers *s, const struct l4r_train_spec *spec) {
  *s = (struct l4r_sasrec_layers){.shape = *spec->shape,
                                  .max_positions = spec->max_positions,
                                  .max_count = spec->max_count,
                                  .max_length = spec->max_length,
                                  .dropout = spec->dropout};
}

int64_t l4r_sasrec_bytes(const struct l4r_train_spec *spec) {
  int status = check_spec(spec);
  if (status) return status;
  struct l4r_sasrec_layers s;
  set_shape(&s, spec);
  return (int64_t)(plan_all(&s, NULL) + sizeof s);
}

int l4r_sasrec_open(const struct l4r_train_spec *spec, struct l4r_sasrec_layers **layers) {
  int status = check_spec(spec);
  if (status) return status;
  l4r_blas_open();
  struct l4r_sasrec_layers *s = l4r_alloc(1, sizeof *s, "training layers");
  if (!s) return L4R_ENVIRONMENT;
  set_shape(s, spec);
  s->kernels = l4r_layer_kernels_or_widest(spec->kernels);
  s->memory = l4r_alloc(plan_all(s, NULL), 1, "activations of the training layers");
  if (s->memory) {
    plan_all(s, s->memory);
  } else {
    status = L4R_ENVIRONMENT;
  }
  for (int64_t b = 0; b < s->shape.encoder_blocks && !status; b++)
    status = find_block(spec, b, &s->block[b]);
  if (!status)
    status = l4r_layer_find_pair(spec, "final_norm", s->shape.d_model, 0, &s->final.weight,
                                 &s->final.bias);
  if (!status)
    status = l4r_layer_find(spec, "position.weight", s->shape.positions, s->shape.d_model,
                            &s->position);
  if (status) {
    l4r_sasrec_close(s);
    return status;
  }
  *layers = s;
  return 0;
}

void l4r_sasrec_close(struct l4r_sasrec_layers *s) {
  if (!s) return;
  l4r_free(s->memory);
  l4r_free(s);
}
