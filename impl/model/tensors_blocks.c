/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists the tensors of BERT's blocks, and of what stands behind a pretrained Item LLM. */
#include "impl/model/tensors_blocks.h"

#include "impl/model/config_sizes.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

void l4r_tensors_add(struct l4r_tensors_list *builder, struct l4r_tensor_row row,
                     const char *format, ...) {
  struct l4r_tensors *tensors = builder->tensors;
  if (builder->status) return;
  builder->status = l4r_grow(&tensors->tensor, &builder->capacity, (size_t)tensors->count + 1,
                             sizeof *tensors->tensor, "the list of tensors");
  if (builder->status) return;
  struct l4r_tensor *tensor = &tensors->tensor[tensors->count];
  char name[sizeof tensor->name];
  size_t used = 0;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(name, sizeof name, format, arguments);
  va_end(arguments);
  l4r_text_add(tensor->name, sizeof tensor->name, &used, "%s%s", builder->prefix, name);
  tensor->rows = row.rows;
  tensor->columns = row.columns;
  tensor->deviation = row.deviation;
  tensor->decay = row.decay;
  tensor->embedding = row.embedding;
  tensor->offset = tensors->floats;
  int64_t padded;
  if (__builtin_mul_overflow(row.rows, row.columns ? row.columns : 1, &tensor->count) ||
      __builtin_add_overflow(tensor->count, L4R_TENSOR_FLOATS - 1, &padded) ||
      __builtin_add_overflow(tensors->floats, padded / L4R_TENSOR_FLOATS * L4R_TENSOR_FLOATS,
                             &tensors->floats)) {
    builder->status = l4r_fail(L4R_INPUT, "tensor %s of %lld x %lld is too large", tensor->name,
                               (long long)row.rows, (long long)row.columns);
    return;
  }
  tensors->count++;
}

static void add_linear(struct l4r_tensors_list *list, int64_t out, int64_t in, double deviation,
                       const char *name) {
  l4r_tensors_add(list, l4r_matrix_row(out, in, deviation), "%s.weight", name);
  l4r_tensors_add(list, (struct l4r_tensor_row){.rows = out}, "%s.bias", name);
}

static void add_layer_norm(struct l4r_tensors_list *list, int64_t width, const char *name) {
  l4r_tensors_add(list, l4r_gain_row(width), "%s.weight", name);
  l4r_tensors_add(list, (struct l4r_tensor_row){.rows = width}, "%s.bias", name);
}

/* BERT's own deviation (initializer_range), for models that begin from no folder. */
#define BERT_DEVIATION 0.02

static void add_bert_block(struct l4r_tensors_list *list, const struct l4r_t5_shape *shape,
                           int64_t block) {
  const int64_t width = shape->d_model;
  const char *const inputs[] = {"query", "key", "value"};
  char base[64], name[96];
  snprintf(base, sizeof base, "encoder.layer.%lld", (long long)block);
  for (int i = 0; i < 3; i++) {
    snprintf(name, sizeof name, "%s.attention.self.%s", base, inputs[i]);
    add_linear(list, width, width, BERT_DEVIATION, name);
  }
  snprintf(name, sizeof name, "%s.attention.output.dense", base);
  add_linear(list, width, width, BERT_DEVIATION, name);
  snprintf(name, sizeof name, "%s.attention.output.LayerNorm", base);
  add_layer_norm(list, width, name);
  snprintf(name, sizeof name, "%s.intermediate.dense", base);
  add_linear(list, shape->d_ff, width, BERT_DEVIATION, name);
  snprintf(name, sizeof name, "%s.output.dense", base);
  add_linear(list, width, shape->d_ff, BERT_DEVIATION, name);
  snprintf(name, sizeof name, "%s.output.LayerNorm", base);
  add_layer_norm(list, width, name);
}

void l4r_tensors_bert(struct l4r_tensors_list *list, const struct l4r_t5_shape *shape,
                      const char *prefix) {
  const int64_t width = shape->d_model;
  list->prefix = prefix;
  l4r_tensors_add(list, l4r_matrix_row(shape->vocabulary, width, BERT_DEVIATION),
                  "embeddings.word_embeddings.weight");
  struct l4r_tensor_row positions = {shape->positions, width, BERT_DEVIATION, 0, 0};
  l4r_tensors_add(list, positions, "embeddings.position_embeddings.weight");
  struct l4r_tensor_row types = {shape->types, width, BERT_DEVIATION, 0, 0};
  l4r_tensors_add(list, types, "embeddings.token_type_embeddings.weight");
  add_layer_norm(list, width, "embeddings.LayerNorm");
  for (int64_t b = 0; b < shape->encoder_blocks; b++) add_bert_block(list, shape, b);
}

/* Deviations keep the length of whitened vectors, as T5's do. */
void l4r_tensors_adapter(struct l4r_tensors_list *list, const struct l4r_model_config *config) {
  const int64_t in = config->item_llm.d_model, out = config->rec_llm.d_model;
  const int64_t middle = l4r_adapter_middle(config);
  list->prefix = "item_llm.";
  if (config->adapter == L4R_ADAPTER_NONE) return;
  add_linear(list, middle ? middle : out, in, 1 / sqrt((double)in), "adapter.0");
  if (middle) add_linear(list, out, middle, 1 / sqrt((double)middle), "adapter.1");
}

void l4r_tensors_whiten(struct l4r_tensors_list *list, const struct l4r_model_config *config) {
  const int64_t width = config->item_llm.d_model;
  list->prefix = "item_llm.";
  if (!config->whiten) return;
  l4r_tensors_add(list, l4r_matrix_row(width, width, 0), "whiten.weight");
  l4r_tensors_add(list, (struct l4r_tensor_row){.rows = width}, "whiten.mean");
}
