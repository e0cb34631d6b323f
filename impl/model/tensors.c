/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists a model's tensors.
 *
 * Names and shapes are Hugging Face's, so that models can be exchanged in both directions.
 * Deviations are those of T5's first implementation (Mesh TensorFlow, repeated in transformers'
 * T5PreTrainedModel._init_weights): attention logits are not divided by sqrt(K), so the queries
 * must start smaller by that factor. */
#include "impl/model/tensors.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "impl/base/text.h"
#include "impl/model/tensors_blocks.h"
#include "impl/model/tensors_list.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Streams of initialisation, distinct from those that a training run draws from. */
#define INIT_STREAM (UINT64_C(1) << 40)

static void add_attention(struct l4r_tensors_list *builder, const struct l4r_t5_shape *shape,
                          const char *where) {
  double width = (double)shape->d_model;
  int64_t inner = shape->heads * shape->d_kv;
  l4r_tensors_add(builder,
                  l4r_matrix_row(inner, shape->d_model, 1 / sqrt(width * (double)shape->d_kv)),
                  "%s.q.weight", where);
  l4r_tensors_add(builder, l4r_matrix_row(inner, shape->d_model, 1 / sqrt(width)), "%s.k.weight",
                  where);
  l4r_tensors_add(builder, l4r_matrix_row(inner, shape->d_model, 1 / sqrt(width)), "%s.v.weight",
                  where);
  l4r_tensors_add(builder, l4r_matrix_row(shape->d_model, inner, 1 / sqrt((double)inner)),
                  "%s.o.weight", where);
}

/* A gate of LiGR is a square matrix with a bias. */
static void add_gate(struct l4r_tensors_list *builder, int64_t width, const char *where,
                     int layer) {
  l4r_tensors_add(builder, l4r_matrix_row(width, width, 1 / sqrt((double)width)),
                  "%s.%d.gate.weight", where, layer);
  l4r_tensors_add(builder, (struct l4r_tensor_row){.rows = width}, "%s.%d.gate.bias", where, layer);
}

static void add_block(struct l4r_tensors_list *builder, const struct l4r_t5_shape *shape,
                      const char *stack, int64_t block, int crossed) {
  char base[64], where[96];
  double wi = 1 / sqrt((double)shape->d_model);
  snprintf(base, sizeof base, "%s.block.%lld.layer", stack, (long long)block);
  snprintf(where, sizeof where, "%s.0.SelfAttention", base);
  add_attention(builder, shape, where);
  if (block == 0) {
    struct l4r_tensor_row bias = {shape->buckets, shape->heads, wi, 0, 0};
    l4r_tensors_add(builder, bias, "%s.relative_attention_bias.weight", where);
  }
  l4r_tensors_add(builder, l4r_gain_row(shape->d_model), "%s.0.layer_norm.weight", base);
  if (crossed) {
    snprintf(where, sizeof where, "%s.1.EncDecAttention", base);
    add_attention(builder, shape, where);
    l4r_tensors_add(builder, l4r_gain_row(shape->d_model), "%s.1.layer_norm.weight", base);
  }
  int last = crossed ? 2 : 1;
  if (shape->gated) {
    l4r_tensors_add(builder, l4r_matrix_row(shape->d_ff, shape->d_model, wi),
                    "%s.%d.DenseReluDense.wi_0.weight", base, last);
    l4r_tensors_add(builder, l4r_matrix_row(shape->d_ff, shape->d_model, wi),
                    "%s.%d.DenseReluDense.wi_1.weight", base, last);
  } else {
    l4r_tensors_add(builder, l4r_matrix_row(shape->d_ff, shape->d_model, wi),
                    "%s.%d.DenseReluDense.wi.weight", base, last);
  }
  l4r_tensors_add(builder,
                  l4r_matrix_row(shape->d_model, shape->d_ff, 1 / sqrt((double)shape->d_ff)),
                  "%s.%d.DenseReluDense.wo.weight", base, last);
  l4r_tensors_add(builder, l4r_gain_row(shape->d_model), "%s.%d.layer_norm.weight", base, last);
  for (int layer = 0; shape->gates == L4R_GATES_LIGR && !crossed && layer < 2; layer++)
    add_gate(builder, shape->d_model, base, layer);
}

static void add_t5(struct l4r_tensors_list *builder, const struct l4r_t5_shape *shape,
                   const char *prefix) {
  builder->prefix = prefix;
  if (shape->vocabulary > 0)
    l4r_tensors_add(builder, l4r_vectors_row(builder, shape->vocabulary, shape->d_model),
                    "shared.weight");
  for (int64_t b = 0; b < shape->encoder_blocks; b++) add_block(builder, shape, "encoder", b, 0);
  l4r_tensors_add(builder, l4r_gain_row(shape->d_model), "encoder.final_layer_norm.weight");
  if (shape->decoder_blocks == 0) return;
  for (int64_t b = 0; b < shape->decoder_blocks; b++) add_block(builder, shape, "decoder", b, 1);
  l4r_tensors_add(builder, l4r_gain_row(shape->d_model), "decoder.final_layer_norm.weight");
  if (!shape->tied) {
    l4r_tensors_add(
        builder,
        l4r_matrix_row(shape->vocabulary, shape->d_model, 1 / sqrt((double)shape->d_model)),
        "lm_head.weight");
  }
}

/* The normal distribution of Xavier (Glorot and Bengio 2010), from which the port draws every
 * matrix. */
static double xavier(int64_t in, int64_t out) {
  return sqrt(2 / ((double)in + (double)out));
}

static void add_linear(struct l4r_tensors_list *builder, int64_t out, int64_t in, double deviation,
                       const char *name) {
  l4r_tensors_add(builder, l4r_matrix_row(out, in, deviation), "%s.weight", name);
  l4r_tensors_add(builder, (struct l4r_tensor_row){.rows = out}, "%s.bias", name);
}

static void add_layer_norm(struct l4r_tensors_list *builder, int64_t width, const char *name) {
  l4r_tensors_add(builder, l4r_gain_row(width), "%s.weight", name);
  l4r_tensors_add(builder, (struct l4r_tensor_row){.rows = width}, "%s.bias", name);
}

/* The port holds q, k and v in one matrix with three times the rows and draws it as one. */
static void add_sasrec(struct l4r_tensors_list *builder, const struct l4r_t5_shape *shape,
                       const char *prefix) {
  int64_t width = shape->d_model, inner = shape->heads * shape->d_kv, d_ff = shape->d_ff;
  const char *const norms[] = {"attention_norm", "feed_norm"}, *const inputs[] = {"q", "k", "v"};
  char name[96];
  builder->prefix = prefix;
  struct l4r_tensor_row positions = {shape->positions, width, xavier(shape->positions, width), 0,
                                     0};
  l4r_tensors_add(builder, positions, "position.weight");
  for (int64_t b = 0; b < shape->encoder_blocks; b++) {
    snprintf(name, sizeof name, "blocks.%lld.%s", (long long)b, norms[0]);
    add_layer_norm(builder, width, name);
    for (int i = 0; i < 3; i++) {
      snprintf(name, sizeof name, "blocks.%lld.attention.%s", (long long)b, inputs[i]);
      add_linear(builder, inner, width, xavier(width, 3 * inner), name);
    }
    snprintf(name, sizeof name, "blocks.%lld.attention.o", (long long)b);
    add_linear(builder, width, inner, xavier(inner, width), name);
    snprintf(name, sizeof name, "blocks.%lld.%s", (long long)b, norms[1]);
    add_layer_norm(builder, width, name);
    snprintf(name, sizeof name, "blocks.%lld.feed.wi", (long long)b);
    add_linear(builder, shape->gated ? 2 * d_ff : d_ff, width, xavier(width, d_ff), name);
    snprintf(name, sizeof name, "blocks.%lld.feed.wo", (long long)b);
    add_linear(builder, width, d_ff, xavier(d_ff, width), name);
    for (int g = 0; shape->gates == L4R_GATES_LIGR && g < 2; g++) {
      snprintf(name, sizeof name, "blocks.%lld.%s", (long long)b,
               g ? "feed.gate" : "attention.gate");
      add_linear(builder, width, width, xavier(width, width), name);
    }
  }
  add_layer_norm(builder, width, "final_norm");
}

/* Vectors that SASRec blocks multiply by sqrt(D) start small. Klenitskiy and Vasilev (2023) use
 * Normal(0.02); the port's Xavier gives .024 on MovieLens-1M but shrinks with the catalogue. */
static double embedding_deviation(const struct l4r_model_config *config) {
  if (config->embedding_deviation > 0) return config->embedding_deviation;
  return config->rec_llm.block == L4R_BLOCK_SASREC ? 0.02 : 1;
}

/* The blocks that make item vectors. A pretrained one learns at a rate of its own. */
static void add_texts(struct l4r_tensors_list *builder, const struct l4r_model_config *config) {
  struct l4r_tensors *tensors = builder->tensors;
  const int64_t first = tensors->count;
  if (config->items_input == L4R_ITEMS_ID) return;
  if (config->item_llm.block == L4R_BLOCK_BERT)
    l4r_tensors_bert(builder, &config->item_llm, "item_llm.");
  else
    add_t5(builder, &config->item_llm, "item_llm.");
  for (int64_t t = first; config->adapter && t < tensors->count; t++)
    tensors->tensor[t].pretrained = 1;
}

/* What no training changes stands at the end. */
static void add_fixed(struct l4r_tensors_list *builder, const struct l4r_model_config *config) {
  builder->tensors->trained = builder->tensors->floats;
  if (!config->adapter) return;
  if (config->frozen) add_texts(builder, config);
  l4r_tensors_whiten(builder, config);
}

static void add_item_llm(struct l4r_tensors_list *builder, const struct l4r_model_config *config) {
  int64_t width = config->rec_llm.d_model;
  if (!config->frozen) add_texts(builder, config);
  l4r_tensors_adapter(builder, config);
  builder->prefix = "item_llm.";
  if (config->items_input != L4R_ITEMS_ID && config->projection) {
    l4r_tensors_add(builder, l4r_matrix_row(width, width, 1 / sqrt((double)width)),
                    "projection.weight");
  }
  if (config->items_input != L4R_ITEMS_TEXT) {
    l4r_tensors_add(builder, l4r_vectors_row(builder, config->items, width), "id.weight");
  }
}

static void add_rec_llm(struct l4r_tensors_list *builder, const struct l4r_t5_shape *shape) {
  if (shape->block == L4R_BLOCK_SASREC)
    add_sasrec(builder, shape, "rec_llm.");
  else
    add_t5(builder, shape, "rec_llm.");
}

static void add_item_head(struct l4r_tensors_list *builder, int64_t items, int64_t width) {
  builder->prefix = "item_head.";
  l4r_tensors_add(builder, l4r_matrix_row(items, width, 1 / sqrt((double)width)), "weight");
  l4r_tensors_add(builder, (struct l4r_tensor_row){.rows = items}, "bias");
}

int l4r_tensors_of(const struct l4r_model_config *config, struct l4r_tensors *tensors) {
  struct l4r_tensors made = {0};
  struct l4r_tensors_list builder = {
      .tensors = &made, .prefix = "", .embedding = embedding_deviation(config)};
  switch (config->kind) {
  case L4R_KIND_LITE:
  case L4R_KIND_SASREC:
  case L4R_KIND_LITE_BEAM:
    add_item_llm(&builder, config);
    add_rec_llm(&builder, &config->rec_llm);
    if (config->kind == L4R_KIND_LITE && !config->tied_head) {
      add_item_head(&builder, config->items, config->rec_llm.d_model);
    }
    break;
  case L4R_KIND_P5:
  case L4R_KIND_P5_HEAD:
    add_t5(&builder, &config->p5, "");
    if (config->whole_word)
      l4r_tensors_add(&builder, l4r_vectors_row(&builder, config->history, config->p5.d_model),
                      "whole_word.weight");
    if (config->kind == L4R_KIND_P5_HEAD) {
      add_item_head(&builder, config->items, config->p5.d_model);
    }
    break;
  default:
    return l4r_fail(L4R_USAGE, "models of kind '%s' have no tensors", l4r_kind_name(config->kind));
  }
  add_fixed(&builder, config);
  if (builder.status) {
    l4r_tensors_free(&made);
    return builder.status;
  }
  *tensors = made;
  return L4R_OK;
}

int l4r_tensors_of_bert(const struct l4r_t5_shape *shape, struct l4r_tensors *tensors) {
  struct l4r_tensors made = {0};
  struct l4r_tensors_list list = {.tensors = &made, .prefix = ""};
  l4r_tensors_bert(&list, shape, "");
  made.trained = made.floats;
  if (list.status)
    l4r_tensors_free(&made);
  else
    *tensors = made;
  return list.status;
}

void l4r_tensors_free(struct l4r_tensors *tensors) {
  l4r_free(tensors->tensor);
  *tensors = (struct l4r_tensors){0};
}

const struct l4r_tensor *l4r_tensors_find(const struct l4r_tensors *tensors, const char *name) {
  for (int64_t i = 0; i < tensors->count; i++) {
    if (strcmp(tensors->tensor[i].name, name) == 0) return &tensors->tensor[i];
  }
  return NULL;
}

int64_t l4r_tensors_offset(const struct l4r_tensors *tensors, const char *name) {
  const struct l4r_tensor *tensor = l4r_tensors_find(tensors, name);
  return tensor ? tensor->offset : -1;
}

/* Draws what stands before a rank's rows, for the stream to be where it is on one rank. */
static void pass_by(const struct l4r_tensor *tensor, struct l4r_random *random) {
  for (int64_t j = 0; tensor->deviation > 0 && j < tensor->first * tensor->columns; j++)
    l4r_random_normal(random);
}

void l4r_tensors_init(const struct l4r_tensors *tensors, uint64_t seed, float *values) {
  memset(values, 0, (size_t)tensors->floats * sizeof *values);
  for (int64_t i = 0; i < tensors->count; i++) {
    const struct l4r_tensor *tensor = &tensors->tensor[i];
    struct l4r_random random;
    l4r_random_stream(&random, seed, INIT_STREAM + (uint64_t)i, 0);
    const int64_t count = tensor->whole ? l4r_tensor_held(tensor) * tensor->columns : tensor->count;
    pass_by(tensor, &random);
    for (int64_t j = 0; j < count; j++) {
      double value = tensor->deviation < 0 ? 1 : 0;
      if (tensor->deviation > 0) value = tensor->deviation * l4r_random_normal(&random);
      values[tensor->offset + j] = (float)value;
    }
  }
}
