/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens a stack of layers: finds its tensors, checks their shapes, and allocates one block of
 * memory. One function plans the block; it runs twice, first to count and then to place. */
#include "impl/train/layers/open.h"

#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/bucket.h"
#include "impl/stack.h"
#include "impl/train/layers/plan.h"

#include <stdio.h>
#include <string.h>

static void plan_part(struct l4r_block_plan *plan, const struct l4r_layer_stack *stack,
                      struct l4r_sublayer *part) {
  const struct l4r_t5_shape *shape = &stack->shape;
  int64_t rows = stack->max_positions, columns = part->inputs * part->input_rows;
  part->folded = place_reals(plan, columns * shape->d_model);
  part->d_folded = place_reals(plan, columns * shape->d_model);
  part->normed = place_reals(plan, rows * shape->d_model);
  part->rstd = place_reals(plan, rows);
  part->context = place_reals(plan, rows * part->input_rows);
  part->dropout_mask = place_bits(plan, rows, shape->d_model);
  if (part->kind != L4R_PART_FEED_FORWARD || shape->gated)
    part->projected = place_reals(plan, rows * columns);
  if (part->kind == L4R_PART_FEED_FORWARD && shape->gated)
    part->inner_mask = place_bits(plan, rows, shape->d_ff);
  int64_t keys = part->kind == L4R_PART_CROSS ? stack->max_memory_length : stack->max_length;
  if (part->kind != L4R_PART_FEED_FORWARD)
    part->weights = place_reals(plan, rows * shape->heads * l4r_padded_keys(keys));
  if (part->kind == L4R_PART_CROSS)
    part->memory_kv = place_reals(plan, stack->max_memory * 2 * part->input_rows);
  if (shape->gates == L4R_GATES_NONE) return;
  part->gate = place_reals(plan, rows * shape->d_model);
  part->ungated = place_reals(plan, rows * shape->d_model);
}

static int64_t larger(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static void plan_scratch(struct l4r_block_plan *plan, struct l4r_layer_stack *stack) {
  const struct l4r_t5_shape *shape = &stack->shape;
  int64_t width = shape->d_model, inner = shape->heads * shape->d_kv;
  int64_t length = larger(stack->max_length, stack->decoder ? stack->max_memory_length : 0);
  int64_t rows = L4R_CHUNK_ROWS + stack->max_length;
  if (rows > stack->max_positions) rows = stack->max_positions;
  int64_t memory = L4R_CHUNK_ROWS + stack->max_memory_length;
  if (memory > stack->max_memory) memory = stack->max_memory;
  stack->x = place_reals(plan, rows * width);
  stack->y = place_reals(plan, rows * width);
  stack->d_normed = place_reals(plan, rows * width);
  stack->d_context = place_reals(plan, rows * larger(inner, shape->d_ff));
  stack->d_projected = place_reals(plan, rows * 3 * inner);
  if (stack->decoder) stack->d_memory_kv = place_reals(plan, memory * 2 * inner);
  stack->attend = place_reals(plan, l4r_attend_scratch(stack->max_length, length, shape->d_kv));
  stack->attend_mask = place_bits(plan, 1, stack->max_length * l4r_padded_keys(length));
  stack->relu_mask = place_bits(plan, rows, shape->d_ff);
  if (shape->gates == L4R_GATES_NONE) return;
  stack->gated_x = place_reals(plan, rows * width);
  stack->d_gate = place_reals(plan, rows * width);
}

static size_t plan_stack(struct l4r_layer_stack *stack, void *base) {
  struct l4r_block_plan plan = {base, 0};
  int64_t rows = stack->max_positions, width = stack->shape.d_model;
  stack->part = place(&plan, stack->parts, sizeof *stack->part);
  struct l4r_sublayer counted = {0};
  for (int64_t i = 0; i < stack->parts; i++) {
    struct l4r_sublayer *part = base ? &stack->part[i] : &counted;
    int64_t kinds = stack->decoder ? 3 : 2, kind = i % kinds;
    part->kind = kind == kinds - 1 ? L4R_PART_FEED_FORWARD : kind ? L4R_PART_CROSS : L4R_PART_SELF;
    part->inputs = part->kind == L4R_PART_SELF    ? 3
                   : part->kind == L4R_PART_CROSS ? 1
                                                  : 1 + !!stack->shape.gated;
    part->input_rows = part->kind == L4R_PART_FEED_FORWARD ? stack->shape.d_ff
                                                           : stack->shape.heads * stack->shape.d_kv;
    plan_part(&plan, stack, part);
  }
  stack->final_normed = place_reals(&plan, rows * width);
  stack->final_rstd = place_reals(&plan, rows);
  stack->input_mask = place_bits(&plan, rows, width);
  stack->final_mask = place_bits(&plan, rows, width);
  stack->bucket = place(&plan, 2 * stack->max_length, sizeof *stack->bucket);
  stack->bias_stride = 2 * stack->max_length + L4R_PAD;
  stack->bias = place_reals(&plan, stack->shape.heads * stack->bias_stride);
  stack->d_bias = place_reals(&plan, stack->shape.heads * stack->bias_stride);
  stack->self_weights = place(&plan, l4r_layer_most_pieces(stack) + 1, sizeof *stack->self_weights);
  stack->cross_weights = place(&plan, stack->max_count + 1, sizeof *stack->cross_weights);
  plan_scratch(&plan, stack);
  return plan.used;
}

int l4r_layer_find(const struct l4r_train_spec *spec, const char *name, int64_t rows,
                   int64_t columns, int64_t *offset) {
  char full[256];
  snprintf(full, sizeof full, "%s%s", spec->prefix ? spec->prefix : "", name);
  const struct l4r_tensor *tensor = l4r_tensors_find(spec->tensors, full);
  if (!tensor)
    return l4r_fail(L4R_INPUT,
                    "tensor %s is missing from the model's list; check the kind and size"
                    " of the model",
                    full);
  if (tensor->rows != rows || tensor->columns != columns)
    return l4r_fail(L4R_INPUT,
                    "tensor %s is %lld x %lld, but the model's shape asks for %lld x %lld; check"
                    " config.json",
                    full, (long long)tensor->rows, (long long)tensor->columns, (long long)rows,
                    (long long)columns);
  *offset = tensor->offset;
  return 0;
}

struct wanted {
  const char *name;
  int64_t rows, columns;
  int64_t *offset;
};

/* Encoders alone have gates. */
static int find_gate(const struct l4r_train_spec *spec, struct l4r_layer_stack *stack,
                     int64_t index) {
  struct l4r_sublayer *part = &stack->part[index];
  const int64_t width = stack->shape.d_model;
  char name[160];
  snprintf(name, sizeof name, "encoder.block.%lld.layer.%lld.gate.weight", (long long)(index / 2),
           (long long)(index % 2));
  const int status = l4r_layer_find(spec, name, width, width, &part->gate_weight);
  snprintf(name, sizeof name, "encoder.block.%lld.layer.%lld.gate.bias", (long long)(index / 2),
           (long long)(index % 2));
  return status ? status : l4r_layer_find(spec, name, width, 0, &part->gate_bias);
}

static int find_part(const struct l4r_train_spec *spec, struct l4r_layer_stack *stack,
                     int64_t index) {
  const struct l4r_t5_shape *shape = &stack->shape;
  struct l4r_sublayer *part = &stack->part[index];
  int64_t per_block = stack->decoder ? 3 : 2, inner = part->input_rows, width = shape->d_model;
  int64_t in[2] = {inner, width}, out[2] = {width, inner};
  struct wanted attention[] = {{"q", in[0], in[1], &part->input[0]},
                               {"k", in[0], in[1], &part->input[1]},
                               {"v", in[0], in[1], &part->input[2]},
                               {"o", out[0], out[1], &part->output}};
  struct wanted relu[] = {{"wi", in[0], in[1], &part->input[0]},
                          {"wo", out[0], out[1], &part->output}};
  struct wanted gated[] = {{"wi_0", in[0], in[1], &part->input[0]},
                           {"wi_1", in[0], in[1], &part->input[1]},
                           {"wo", out[0], out[1], &part->output}};
  struct wanted *list = part->kind != L4R_PART_FEED_FORWARD ? attention
                        : shape->gated                      ? gated
                                                            : relu;
  int64_t count = part->kind != L4R_PART_FEED_FORWARD ? 4 : shape->gated ? 3 : 2;
  if (part->kind == L4R_PART_CROSS) {
    attention[1].offset = &part->memory[0];
    attention[2].offset = &part->memory[1];
  }
  static const char *const layer[] = {"SelfAttention", "EncDecAttention", "DenseReluDense"};
  char name[160];
  for (int64_t i = 0; i < count; i++) {
    snprintf(name, sizeof name, "%s.block.%lld.layer.%lld.%s.%s.weight",
             stack->decoder ? "decoder" : "encoder", (long long)(index / per_block),
             (long long)(index % per_block), layer[part->kind], list[i].name);
    int status = l4r_layer_find(spec, name, list[i].rows, list[i].columns, list[i].offset);
    if (status) return status;
  }
  snprintf(name, sizeof name, "%s.block.%lld.layer.%lld.layer_norm.weight",
           stack->decoder ? "decoder" : "encoder", (long long)(index / per_block),
           (long long)(index % per_block));
  const int status = l4r_layer_find(spec, name, width, 0, &part->norm_weight);
  return status || shape->gates == L4R_GATES_NONE ? status : find_gate(spec, stack, index);
}

static int find_all(const struct l4r_train_spec *spec, struct l4r_layer_stack *stack) {
  const struct l4r_t5_shape *shape = &stack->shape;
  const char *side = stack->decoder ? "decoder" : "encoder";
  char name[160];
  int status = 0;
  for (int64_t i = 0; i < stack->parts && !status; i++) status = find_part(spec, stack, i);
  if (status) return status;
  snprintf(name, sizeof name, "%s.final_layer_norm.weight", side);
  status = l4r_layer_find(spec, name, shape->d_model, 0, &stack->final_norm_weight);
  if (status) return status;
  snprintf(name, sizeof name, "%s.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
           side);
  status = l4r_layer_find(spec, name, shape->buckets, shape->heads, &stack->bias_table);
  if (status) return status;
  stack->embedding = -1;
  return shape->vocabulary ? l4r_layer_find(spec, "shared.weight", shape->vocabulary,
                                            shape->d_model, &stack->embedding)
                           : 0;
}

static int check_spec(const struct l4r_train_spec *spec, int decoder) {
  const struct l4r_t5_shape *shape = spec->shape;
  int64_t blocks = decoder ? shape->decoder_blocks : shape->encoder_blocks;
  if (shape->d_model < 1 || shape->d_kv < 1 || shape->heads < 1 || shape->d_ff < 1 || blocks < 1 ||
      shape->buckets < 2)
    return l4r_fail(L4R_INPUT,
                    "a %s needs width, key, heads, feed and blocks of at least 1 and 2"
                    " buckets; check config.json",
                    decoder ? "decoder" : "encoder");
  if (decoder && (shape->gates || shape->swiglu))
    return l4r_fail(L4R_INPUT, "a decoder has neither gates nor swiglu; check config.json");
  if (!(spec->dropout >= 0 && spec->dropout < 1))
    return l4r_fail(L4R_USAGE, "dropout is %g; it must be at least 0 and below 1", spec->dropout);
  if (spec->max_positions < 1 || spec->max_count < 1 || spec->max_length < 1 ||
      (decoder && (spec->max_memory < 1 || spec->max_memory_length < 1)))
    return l4r_fail(L4R_USAGE, "training layers need limits of at least 1 for positions, sequences"
                               " and lengths of a batch");
  return 0;
}

static void set_shape(struct l4r_layer_stack *stack, const struct l4r_train_spec *spec,
                      int decoder) {
  *stack = (struct l4r_layer_stack){
      .shape = *spec->shape,
      .max_positions = spec->max_positions,
      .max_count = spec->max_count,
      .max_length = spec->max_length,
      .max_memory = spec->max_memory,
      .max_memory_length = spec->max_memory_length,
      .decoder = decoder,
      .causal = decoder || spec->shape->causal,
      .parts = decoder ? 3 * spec->shape->decoder_blocks : 2 * spec->shape->encoder_blocks,
      .dropout = spec->dropout,
      .bf16 = spec->bf16,
      .between = spec->between,
      .context = spec->context,
  };
}

int64_t l4r_layer_stack_bytes(const struct l4r_train_spec *spec, int decoder) {
  int status = check_spec(spec, decoder);
  if (status) return status;
  struct l4r_layer_stack stack;
  set_shape(&stack, spec, decoder);
  return (int64_t)(plan_stack(&stack, NULL) + sizeof stack);
}

int l4r_layer_stack_open(const struct l4r_train_spec *spec, int decoder,
                         struct l4r_layer_stack **out) {
  int status = check_spec(spec, decoder);
  if (status) return status;
  l4r_blas_open();
  struct l4r_layer_stack *stack = l4r_alloc(1, sizeof *stack, "training layers");
  if (!stack) return L4R_ENVIRONMENT;
  set_shape(stack, spec, decoder);
  stack->kernels = l4r_layer_kernels_or_widest(spec->kernels);
  size_t bytes = plan_stack(stack, NULL);
  stack->block = l4r_alloc(bytes, 1, "activations of the training layers");
  if (!stack->block) {
    l4r_free(stack);
    return L4R_ENVIRONMENT;
  }
  plan_stack(stack, stack->block);
  status = find_all(spec, stack);
  if (status) {
    l4r_layer_stack_close(stack);
    return status;
  }
  for (int64_t i = 0; i < 2 * stack->max_length - 1; i++)
    stack->bucket[i] = l4r_t5_bucket(i - (stack->max_length - 1), !stack->causal,
                                     stack->shape.buckets, stack->shape.max_distance);
  *out = stack;
  return 0;
}

void l4r_layer_stack_close(struct l4r_layer_stack *stack) {
  if (!stack) return;
  l4r_free(stack->block);
  l4r_free(stack);
}
