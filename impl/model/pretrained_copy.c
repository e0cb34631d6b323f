/* SPDX-License-Identifier: BSD-3-Clause */
/* Copies the folder's tensors to a model: which of them, to which place, with which shape. */
#include "impl/model/pretrained_copy.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/bucket.h"
#include "impl/model/config_sizes.h"
#include "impl/model/pretrained.h"
#include "impl/model/pretrained_files.h"
#include "impl/model/safetensors.h"

#include <stdio.h>
#include <string.h>

#define ITEM_LLM "item_llm."
#define REC_LLM  "rec_llm."

static int starts(const char *text, const char *with) {
  return strncmp(text, with, strlen(with)) == 0;
}

static int has_vectors(const struct l4r_model_config *config) {
  return config->kind == L4R_KIND_LITE || config->kind == L4R_KIND_LITE_BEAM;
}

static int has_item_llm(const struct l4r_model_config *config) {
  return has_vectors(config) && config->items_input != L4R_ITEMS_ID;
}

static int is_p5(const struct l4r_model_config *config) {
  return l4r_kind_is_prompted(config->kind);
}

/* --- shapes --- */

static void take(const struct l4r_t5_shape *from, int keep_size, struct l4r_t5_shape *to) {
  to->gated = from->gated;
  to->buckets = from->buckets;
  to->max_distance = from->max_distance;
  to->epsilon = from->epsilon;
  if (keep_size) return;
  to->d_model = from->d_model;
  to->d_kv = from->d_kv;
  to->heads = from->heads;
  to->d_ff = from->d_ff;
  to->encoder_blocks = from->encoder_blocks;
  if (to->decoder_blocks > 0 && from->decoder_blocks > 0) to->decoder_blocks = from->decoder_blocks;
}

static int same_size(const struct l4r_t5_shape *a, const struct l4r_t5_shape *b) {
  return a->d_model == b->d_model && a->d_kv == b->d_kv && a->heads == b->heads &&
         a->d_ff == b->d_ff && a->encoder_blocks == b->encoder_blocks &&
         a->decoder_blocks == b->decoder_blocks;
}

static void name_size(struct l4r_model_config *config) {
  static const char *const names[] = {"tiny", "mini", "base", "t5-small"};
  const char *found = "custom";
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct l4r_model_config named;
    if (l4r_config_defaults(config->kind, names[i], &named)) continue;
    if (is_p5(config) ? same_size(&config->p5, &named.p5)
                      : same_size(&config->rec_llm, &named.rec_llm) &&
                            same_size(&config->item_llm, &named.item_llm))
      found = names[i];
  }
  snprintf(config->size, sizeof config->size, "%s", found);
}

static const char remedy[] = "leave --size out and the model takes the folder's shape, or give a "
                             "folder of that size";

/* Checks that every tensor of a T5 of this shape is in the folder, and that no block is left
 * over. */
static int fit_lists(const struct l4r_pretrained *pretrained, const char *size,
                     const struct l4r_tensors *wanted) {
  for (int64_t i = 0; i < wanted->count; i++) {
    const struct l4r_tensor *want = &wanted->tensor[i];
    const struct l4r_tensor *have = l4r_tensors_find(&pretrained->tensors, want->name);
    if (!have)
      return l4r_fail(L4R_INPUT, "--init %s: tensor %s, which size %s has, is not there; %s",
                      pretrained->path, want->name, size, remedy);
    if (have->rows != want->rows || have->columns != want->columns)
      return l4r_fail(L4R_INPUT,
                      "--init %s: tensor %s is %lld x %lld, size %s needs %lld x %lld; %s",
                      pretrained->path, want->name, (long long)have->rows,
                      (long long)(have->columns ? have->columns : 1), size, (long long)want->rows,
                      (long long)(want->columns ? want->columns : 1), remedy);
  }
  for (int64_t i = 0; i < pretrained->tensors.count; i++) {
    const char *name = pretrained->tensors.tensor[i].name;
    int in_blocks = starts(name, "encoder.block.") || starts(name, "decoder.block.");
    if (!in_blocks || l4r_tensors_find(wanted, name)) continue;
    return l4r_fail(L4R_INPUT,
                    "--init %s: tensor %s has no place in size %s, which has fewer "
                    "blocks; %s",
                    pretrained->path, name, size, remedy);
  }
  return L4R_OK;
}

static int fit(const struct l4r_pretrained *pretrained, const char *size,
               const struct l4r_t5_shape *shape) {
  struct l4r_model_config config = {.kind = L4R_KIND_P5, .p5 = *shape};
  config.p5.vocabulary = pretrained->shape.vocabulary;
  config.p5.tied = pretrained->shape.tied;
  if (config.p5.decoder_blocks == 0) config.p5.decoder_blocks = pretrained->shape.decoder_blocks;
  struct l4r_tensors wanted;
  int status = l4r_tensors_of(&config, &wanted);
  if (!status) status = fit_lists(pretrained, size, &wanted);
  l4r_tensors_free(&wanted);
  return status;
}

static int needs_decoder(const struct l4r_pretrained *pretrained,
                         const struct l4r_model_config *config) {
  if (is_p5(config)) return 1;
  return config->kind == L4R_KIND_LITE_BEAM && !pretrained->item_llm_only;
}

int l4r_pretrained_shape(const struct l4r_pretrained *pretrained, int keep_size,
                         struct l4r_model_config *config) {
  const struct l4r_t5_shape *from = &pretrained->shape;
  int rec = has_vectors(config) && !pretrained->item_llm_only;
  if (needs_decoder(pretrained, config) && from->decoder_blocks == 0)
    return l4r_fail(L4R_INPUT,
                    "--init %s: the folder holds an encoder alone, and a model of kind %s begins "
                    "with a decoder too; give a folder of T5ForConditionalGeneration",
                    pretrained->path, l4r_kind_name(config->kind));
  if (is_p5(config)) {
    take(from, keep_size, &config->p5);
    if (config->kind == L4R_KIND_P5) { /* p5-head has no such output */
      config->p5.tied = from->tied;
      config->p5.output_scale = from->output_scale;
    }
  } else {
    take(from, keep_size, &config->item_llm);
    take(from, keep_size, &config->rec_llm);
    if (rec && config->kind == L4R_KIND_LITE_BEAM) {
      config->rec_llm.tied = from->tied;
      config->rec_llm.output_scale = from->output_scale;
    }
  }
  if (!keep_size) {
    name_size(config);
    return L4R_OK;
  }
  int status = L4R_OK;
  if (has_item_llm(config)) status = fit(pretrained, config->size, &config->item_llm);
  if (!status && rec) status = fit(pretrained, config->size, &config->rec_llm);
  if (!status && is_p5(config)) status = fit(pretrained, config->size, &config->p5);
  return status;
}

int l4r_pretrained_item(const struct l4r_pretrained *pretrained, int pooled,
                        struct l4r_model_config *config) {
  config->item_llm = pretrained->shape;
  config->item_llm.decoder_blocks = 0;
  config->item_llm.tied = 0;
  config->item_llm.output_scale = L4R_SCALED_IF_TIED;
  if (!pooled) config->pooling = pretrained->pooling;
  config->normalize = pretrained->normalize;
  return l4r_pretrained_provenance(pretrained, config);
}

int l4r_pretrained_rows(const struct l4r_pretrained *pretrained, int64_t pieces, int64_t *rows) {
  *rows = pieces;
  if (!pretrained) return L4R_OK;
  *rows = pretrained->shape.vocabulary;
  if (pieces <= *rows) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "--init%s %s: the tokenizer has %lld pieces, the embedding only %lld rows; give "
                  "the tokenizer that belongs to the folder",
                  pretrained->shape.block == L4R_BLOCK_BERT ? "-item" : "", pretrained->path,
                  (long long)pieces, (long long)*rows);
}

/* --- values --- */

/* Returns the folder's name of a model's tensor, or NULL where the model begins at random. */
static const char *source_of(const struct l4r_pretrained *pretrained, const char *name) {
  if (starts(name, ITEM_LLM)) return name + strlen(ITEM_LLM);
  if (!starts(name, REC_LLM)) return name;
  return pretrained->item_llm_only ? NULL : name + strlen(REC_LLM);
}

/* Gives each causal bucket the folder's bias for the nearest distance in it; `table` holds the
 * folder's rows before and the model's rows after. */
static int turn_causal(const struct l4r_t5_shape *shape, float *table) {
  size_t bytes = (size_t)(shape->buckets * shape->heads) * sizeof *table;
  float *old = l4r_alloc(1, bytes, "a position bias");
  if (!old) return L4R_ENVIRONMENT;
  memcpy(old, table, bytes);
  int64_t next = 0; /* the bucket grows with distance, one at a time */
  for (int64_t distance = 0; distance <= shape->max_distance; distance++) {
    int64_t bucket = l4r_t5_bucket(-distance, 0, shape->buckets, shape->max_distance);
    for (; next <= bucket; next++) {
      int64_t row = l4r_t5_bucket(-distance, 1, shape->buckets, shape->max_distance);
      memcpy(table + next * shape->heads, old + row * shape->heads,
             (size_t)shape->heads * sizeof *table);
    }
  }
  l4r_free(old);
  return L4R_OK;
}

static int is_turned(const struct l4r_model_config *config, const char *name) {
  return has_vectors(config) && config->rec_llm.causal && starts(name, REC_LLM "encoder.") &&
         strstr(name, "relative_attention_bias");
}

static int copy_tensor(const struct l4r_pretrained *pretrained,
                       const struct l4r_model_config *config, const struct l4r_tensor *tensor,
                       float *values) {
  const char *source = source_of(pretrained, tensor->name);
  const struct l4r_tensor *have = source ? l4r_tensors_find(&pretrained->tensors, source) : NULL;
  if (!have) return L4R_OK;
  /* Our own item tokens come after the folder's rows. */
  int grows = strcmp(source, "shared.weight") == 0 || strcmp(source, "lm_head.weight") == 0;
  if (have->columns != tensor->columns ||
      (grows ? have->rows > tensor->rows : have->rows != tensor->rows))
    return l4r_fail(L4R_INPUT, "--init %s: tensor %s is %lld x %lld, %s of this model %lld x %lld",
                    pretrained->path, source, (long long)have->rows,
                    (long long)(have->columns ? have->columns : 1), tensor->name,
                    (long long)tensor->rows, (long long)(tensor->columns ? tensor->columns : 1));
  int status = l4r_safetensors_copy(pretrained->safetensors, source, have->rows, have->columns,
                                    values);
  if (!status && is_turned(config, tensor->name)) status = turn_causal(&config->rec_llm, values);
  return status;
}

static int copy_from(const struct l4r_pretrained *pretrained, const struct l4r_model_config *config,
                     const struct l4r_tensors *tensors, int64_t from, float *values) {
  for (int64_t i = 0; i < tensors->count; i++) {
    const struct l4r_tensor *tensor = &tensors->tensor[i];
    if (tensor->offset < from) continue;
    int status = copy_tensor(pretrained, config, tensor, values + tensor->offset);
    if (status) return status;
    l4r_safetensors_drop_pages(pretrained->safetensors);
  }
  return L4R_OK;
}

int l4r_pretrained_copy(const struct l4r_pretrained *pretrained,
                        const struct l4r_model_config *config, const struct l4r_tensors *tensors,
                        float *values) {
  return copy_from(pretrained, config, tensors, 0, values);
}

int l4r_pretrained_copy_fixed(const struct l4r_pretrained *pretrained,
                              const struct l4r_model_config *config,
                              const struct l4r_tensors *tensors, float *values) {
  return copy_from(pretrained, config, tensors, tensors->trained, values);
}
