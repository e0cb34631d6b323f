/* SPDX-License-Identifier: BSD-3-Clause */
/* A model folder as folders that Hugging Face transformers loads.
 *
 *   p5, p5-head   OUT/            T5ForConditionalGeneration with its tokenizer
 *   lite          OUT/item_llm/   T5EncoderModel with its tokenizer, where items are texts
 *                 OUT/rec_llm/    T5EncoderModel whose embedding is the table of item vectors: row
 *                                 0 is padding, row i item i
 *   lite-beam     the same, and OUT/decoder/, T5ForConditionalGeneration with one idle encoder
 * block
 *
 * Tensors have transformers' names in this project too, so that most of it is copying. Whatever is
 * no T5's is in lite4rec.safetensors under its own name, item ids are in item_tokens.tsv and
 * id_map.tsv, and lite4rec.json says what to do with all of it. A causal encoder is, in
 * transformers' words, a decoder stack without cross-attention; the one that is_decoder brings
 * along gets zeros. */
#include "bench/convert/hf.h"
#include "baselines/beam/ids/id_tokens.h"
#include "bench/convert/hf_tokenizer.h"
#include "bench/table/files.h"
#include "bench/convert/hf_json.h"
#include "bench/convert/model_source.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/model/safetensors_write.h"
#include "impl/model/weights.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct hf {
  struct l4r_model_source source;
  const struct l4r_model *model;
  const struct l4r_model_config *config;
  struct l4r_id_map map;
  struct l4r_served_ids ids; /* of kinds that have item ids */
  struct l4r_export_files files;
  const char *sentencepiece; /* why that library must divide texts; NULL: AutoTokenizer does */
};

static int has_ids(const struct l4r_model_config *config) {
  return config->kind != L4R_KIND_LITE;
}

static int starts(const char *text, const char *with) {
  return strncmp(text, with, strlen(with)) == 0;
}

static int is_t5s(const char *name) {
  return starts(name, "shared.") || starts(name, "encoder.") || starts(name, "decoder.") ||
         starts(name, "lm_head.");
}

/* --- weights --- */

enum { NAME = 128 };
struct weights { /* of one file */
  struct l4r_safetensors_part *part;
  char (*name)[NAME];
  int64_t count;
};

static int weights_open(struct weights *weights, int64_t most) {
  weights->count = 0;
  weights->part = l4r_alloc((size_t)most, sizeof *weights->part, "tensors to export");
  weights->name = l4r_alloc((size_t)most, sizeof *weights->name, "names of tensors to export");
  return weights->part && weights->name ? L4R_OK : L4R_ENVIRONMENT;
}

static void weights_free(struct weights *weights) {
  l4r_free(weights->part);
  l4r_free(weights->name);
}

static void add(struct weights *weights, const char *name, int64_t rows, int64_t columns,
                const float *values) {
  char *own = weights->name[weights->count];
  snprintf(own, NAME, "%s", name);
  weights->part[weights->count++] = (struct l4r_safetensors_part){
      .name = own, .rows = rows, .columns = columns, .values = values};
}

static int add_tensor(struct weights *weights, const struct l4r_model *model,
                      const struct l4r_tensor *tensor, const char *name) {
  const float *values;
  int status = l4r_weights_get(&model->weights, "", tensor->name, tensor->rows, tensor->columns,
                               &values);
  if (!status) add(weights, name, tensor->rows, tensor->columns, values);
  return status;
}

static int write_weights(struct hf *hf, const char *name, const struct weights *weights) {
  FILE *stream;
  int status = l4r_export_file(&hf->files, name, &stream);
  return status ? status : l4r_safetensors_print(stream, name, weights->part, weights->count);
}

/* Whether the output layer is a copy of the embedding there, and one tensor here. */
static int is_copied(const struct l4r_t5_shape *shape) {
  return shape->tied && !l4r_hf_is_tied(shape);
}

/* The tensors of one T5 whose names, after `prefix`, begin with one of `parts` (NULL: of a T5);
 * `copy`: the embedding once more as the output layer. */
static int add_t5(struct hf *hf, struct weights *weights, const char *prefix,
                  const char *const *parts, int copy) {
  const struct l4r_tensors *tensors = &hf->model->tensors;
  int status = L4R_OK;
  for (int64_t i = 0; i < tensors->count && !status; i++) {
    const char *name = tensors->tensor[i].name;
    if (!starts(name, prefix)) continue;
    name += strlen(prefix);
    int wanted = !parts && is_t5s(name);
    for (int p = 0; parts && parts[p]; p++) wanted |= starts(name, parts[p]);
    if (wanted) status = add_tensor(weights, hf->model, &tensors->tensor[i], name);
    if (wanted && !status && copy && !strcmp(name, "shared.weight"))
      status = add_tensor(weights, hf->model, &tensors->tensor[i], "lm_head.weight");
  }
  return status;
}

static int write_t5(struct hf *hf, const char *folder, const char *prefix, int copy) {
  struct weights weights;
  char path[64];
  int status = weights_open(&weights, hf->model->tensors.count + 1);
  if (!status) status = add_t5(hf, &weights, prefix, NULL, copy);
  snprintf(path, sizeof path, "%smodel.safetensors", folder);
  if (!status) status = write_weights(hf, path, &weights);
  weights_free(&weights);
  return status;
}

/* What is no T5's, under its own name. Vectors of items that are ids alone are rec_llm's embedding.
 */
static int write_rest(struct hf *hf) {
  const struct l4r_tensors *tensors = &hf->model->tensors;
  const int ids_alone = !l4r_kind_is_prompted(hf->config->kind) &&
                        hf->config->items_input == L4R_ITEMS_ID;
  struct weights weights;
  int status = weights_open(&weights, tensors->count);
  for (int64_t i = 0; i < tensors->count && !status; i++) {
    const char *name = tensors->tensor[i].name, *own = name;
    if (starts(name, "item_llm.") || starts(name, "rec_llm.")) own = strchr(name, '.') + 1;
    if (is_t5s(own) || (ids_alone && !strcmp(own, "id.weight"))) continue;
    status = add_tensor(&weights, hf->model, &tensors->tensor[i], name);
  }
  if (!status && weights.count) status = write_weights(hf, L4R_HF_REST, &weights);
  weights_free(&weights);
  return status;
}

/* --- rec_llm --- */

/* Names of a block's layers after is_decoder: 0 self-attention, 1 cross-attention, 2 feed-forward.
 */
static void decoder_name(const char *name, char out[NAME]) {
  const char *layer = strstr(name, ".layer.1.");
  if (layer)
    snprintf(out, NAME, "%.*s.layer.2.%s", (int)(layer - name), name, layer + strlen(".layer.1."));
  else
    snprintf(out, NAME, "%s", name);
}

static void add_cross_attention(struct weights *weights, const struct l4r_t5_shape *shape,
                                const float *zeros) {
  static const char *const inputs[] = {"q", "k", "v"};
  const int64_t inner = shape->heads * shape->d_kv;
  char name[NAME];
  for (int64_t b = 0; b < shape->encoder_blocks; b++) {
    for (int i = 0; i < 3; i++) {
      snprintf(name, sizeof name, "encoder.block.%lld.layer.1.EncDecAttention.%s.weight",
               (long long)b, inputs[i]);
      add(weights, name, inner, shape->d_model, zeros);
    }
    snprintf(name, sizeof name, "encoder.block.%lld.layer.1.EncDecAttention.o.weight",
             (long long)b);
    add(weights, name, shape->d_model, inner, zeros);
    snprintf(name, sizeof name, "encoder.block.%lld.layer.1.layer_norm.weight", (long long)b);
    add(weights, name, shape->d_model, 0, zeros);
  }
}

static int add_rec_llm(struct hf *hf, struct weights *weights, const float *zeros) {
  const struct l4r_t5_shape *shape = &hf->config->rec_llm;
  const struct l4r_tensors *tensors = &hf->model->tensors;
  int status = L4R_OK;
  add(weights, "shared.weight", hf->config->items + 1, shape->d_model, hf->source.table);
  for (int64_t i = 0; i < tensors->count && !status; i++) {
    const char *name = tensors->tensor[i].name;
    char renamed[NAME];
    if (!starts(name, "rec_llm.encoder.")) continue;
    name += strlen("rec_llm.");
    if (shape->causal) decoder_name(name, renamed);
    status = add_tensor(weights, hf->model, &tensors->tensor[i], shape->causal ? renamed : name);
  }
  if (shape->causal) add_cross_attention(weights, shape, zeros);
  return status;
}

static int write_rec_llm(struct hf *hf) {
  const struct l4r_t5_shape *shape = &hf->config->rec_llm;
  const struct l4r_hf_t5 t5 = {.shape = shape,
                               .vocabulary = hf->config->items + 1,
                               .encoder_blocks = shape->encoder_blocks,
                               .causal = shape->causal,
                               .dropout = hf->config->dropout};
  struct weights weights;
  float *zeros = l4r_alloc((size_t)shape->d_model,
                           (size_t)(shape->heads * shape->d_kv) * sizeof *zeros,
                           "a cross-attention of zeros");
  int status = weights_open(&weights, hf->model->tensors.count + 1 + 5 * shape->encoder_blocks);
  if (!zeros) status = L4R_ENVIRONMENT;
  if (!status) status = add_rec_llm(hf, &weights, zeros);
  if (!status) status = write_weights(hf, L4R_HF_REC_LLM "model.safetensors", &weights);
  weights_free(&weights);
  l4r_free(zeros);
  if (status) return status;
  return l4r_export_file_json(&hf->files, L4R_HF_REC_LLM "config.json", l4r_hf_config(&t5));
}

/* --- files beside the weights --- */

static int copy_file(struct hf *hf, const char *from, const char *to) {
  char path[L4R_PATH_MAX], *content;
  size_t bytes;
  FILE *stream;
  int status = l4r_path_join(path, hf->model->path, from);
  if (!status) status = l4r_read_file(path, 0, &content, &bytes);
  if (status) return status;
  status = l4r_export_file(&hf->files, to, &stream);
  if (!status) fwrite(content, 1, bytes, stream);
  l4r_free(content);
  return status;
}

/* `free_rows`: of the embedding behind the pieces, before item tokens. T5's sentinels are there in
 * models that began as a T5. */
static int write_tokenizer(struct hf *hf, const char *folder, int64_t free_rows) {
  char path[L4R_PATH_MAX], *content;
  size_t bytes;
  struct l4r_spm spm;
  const int64_t sentinels = free_rows < 0 ? 0 : free_rows < 100 ? free_rows : 100;
  int status = l4r_path_join(path, hf->model->path, "tokenizer.model");
  if (!status) status = l4r_read_file(path, 0, &content, &bytes);
  if (status) return status;
  status = l4r_spm_parse(path, content, bytes, &spm);
  const char *reason = status ? NULL : l4r_hf_no_tokenizer(&spm);
  snprintf(path, sizeof path, "%sspiece.model", folder);
  if (!status) status = copy_file(hf, "tokenizer.model", path);
  if (!status && reason) {
    l4r_warn("no tokenizer of transformers divides texts as this model's does, because %s; use "
             "sentencepiece.SentencePieceProcessor(model_file=\"%sspiece.model\")",
             reason, folder);
    hf->sentencepiece = reason;
  } else if (!status) {
    snprintf(path, sizeof path, "%stokenizer.json", folder);
    status = l4r_export_file_json(&hf->files, path, l4r_hf_tokenizer_json(&spm, sentinels));
    snprintf(path, sizeof path, "%stokenizer_config.json", folder);
    if (!status)
      status = l4r_export_file_json(&hf->files, path, l4r_hf_tokenizer_config(sentinels));
  }
  l4r_spm_free(&spm);
  l4r_free(content);
  return status;
}

static int write_item_tokens(struct hf *hf) {
  const struct l4r_id_tokens *tokens = &hf->ids.tokens;
  FILE *stream;
  int status = copy_file(hf, "id_map.tsv", "id_map.tsv");
  if (!status) status = l4r_export_file(&hf->files, "item_tokens.tsv", &stream);
  if (status) return status;
  fprintf(stream, "item\ttokens\n");
  for (int64_t item = 1; item <= tokens->items; item++)
    for (int64_t t = tokens->start[item - 1]; t < tokens->start[item]; t++) {
      if (t == tokens->start[item - 1]) fprintf(stream, "%lld\t", (long long)item);
      fprintf(stream, "%d%c", (int)tokens->token[t], t + 1 < tokens->start[item] ? ' ' : '\n');
    }
  return L4R_OK;
}

/* --- the kinds --- */

static int write_p5(struct hf *hf) {
  const struct l4r_t5_shape *shape = &hf->config->p5;
  const struct l4r_hf_t5 t5 = {.shape = shape,
                               .vocabulary = shape->vocabulary,
                               .encoder_blocks = shape->encoder_blocks,
                               .has_decoder = 1,
                               .dropout = hf->config->dropout};
  int status = write_t5(hf, "", "", is_copied(shape));
  if (!status) status = write_rest(hf);
  if (!status)
    status = write_tokenizer(hf, "", hf->ids.unused_end - l4r_tokenizer_size(hf->model->tokenizer));
  if (!status) status = write_item_tokens(hf);
  if (!status && hf->config->kind == L4R_KIND_P5)
    status = l4r_export_file_json(&hf->files, "generation_config.json",
                                  l4r_hf_generation(hf->config->max_id_tokens));
  return status ? status : l4r_export_file_json(&hf->files, "config.json", l4r_hf_config(&t5));
}

static int write_item_llm(struct hf *hf) {
  const struct l4r_t5_shape *shape = &hf->config->item_llm;
  const struct l4r_hf_t5 t5 = {.shape = shape,
                               .vocabulary = shape->vocabulary,
                               .encoder_blocks = shape->encoder_blocks,
                               .dropout = hf->config->dropout};
  int status = write_t5(hf, L4R_HF_ITEM_LLM, "item_llm.", 0);
  if (!status)
    status = write_tokenizer(hf, L4R_HF_ITEM_LLM,
                             shape->vocabulary - l4r_tokenizer_size(hf->model->tokenizer));
  if (status) return status;
  return l4r_export_file_json(&hf->files, L4R_HF_ITEM_LLM "config.json", l4r_hf_config(&t5));
}

/* Encoder blocks of zeros, which nothing runs, as many as the decoder has: transformers 4.57 and
 * later refuse a T5 without blocks, and make the decoder's cache for as many layers as the encoder
 * has. */
static void add_idle_blocks(struct weights *weights, const struct l4r_t5_shape *shape,
                            const float *zeros) {
  static const char *const inputs[] = {"q", "k", "v"};
  static const char *const wi[] = {"wi", "wi_0", "wi_1"};
  const int64_t inner = shape->heads * shape->d_kv;
  char name[NAME], block[64];
  for (int64_t b = 0; b < shape->decoder_blocks; b++) {
    snprintf(block, sizeof block, "encoder.block.%lld.layer.", (long long)b);
    for (int i = 0; i < 3; i++) {
      snprintf(name, sizeof name, "%s0.SelfAttention.%s.weight", block, inputs[i]);
      add(weights, name, inner, shape->d_model, zeros);
    }
    snprintf(name, sizeof name, "%s0.SelfAttention.o.weight", block);
    add(weights, name, shape->d_model, inner, zeros);
    snprintf(name, sizeof name, "%s0.SelfAttention.relative_attention_bias.weight", block);
    if (!b) add(weights, name, shape->buckets, shape->heads, zeros);
    for (int n = 0; n < 2; n++) {
      snprintf(name, sizeof name, "%s%d.layer_norm.weight", block, n);
      add(weights, name, shape->d_model, 0, zeros);
    }
    for (int i = shape->gated; i < 1 + 2 * shape->gated; i++) {
      snprintf(name, sizeof name, "%s1.DenseReluDense.%s.weight", block, wi[i]);
      add(weights, name, shape->d_ff, shape->d_model, zeros);
    }
    snprintf(name, sizeof name, "%s1.DenseReluDense.wo.weight", block);
    add(weights, name, shape->d_model, shape->d_ff, zeros);
  }
}

static int64_t larger(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static int write_decoder_weights(struct hf *hf) {
  enum { IDLE = 12 }; /* tensors of an idle block, and more */
  static const char *const parts[] = {"shared.", "decoder.", "lm_head.",
                                      "encoder.final_layer_norm.", NULL};
  const struct l4r_t5_shape *shape = &hf->config->rec_llm;
  const int64_t widest = larger(larger(shape->heads * shape->d_kv, shape->d_ff), shape->buckets);
  struct weights weights;
  float *zeros = l4r_alloc((size_t)larger(shape->d_model, shape->heads),
                           (size_t)widest * sizeof *zeros, "an idle block");
  int status = weights_open(&weights, hf->model->tensors.count + IDLE * shape->decoder_blocks);
  if (!zeros) status = L4R_ENVIRONMENT;
  if (!status) status = add_t5(hf, &weights, "rec_llm.", parts, is_copied(shape));
  if (!status) add_idle_blocks(&weights, shape, zeros);
  if (!status) status = write_weights(hf, L4R_HF_DECODER "model.safetensors", &weights);
  weights_free(&weights);
  l4r_free(zeros);
  return status;
}

static int write_decoder(struct hf *hf) {
  const struct l4r_hf_t5 t5 = {.shape = &hf->config->rec_llm,
                               .vocabulary = hf->config->rec_llm.vocabulary,
                               .encoder_blocks = hf->config->rec_llm.decoder_blocks,
                               .has_decoder = 1,
                               .dropout = hf->config->dropout};
  int status = write_decoder_weights(hf);
  if (!status) status = write_item_tokens(hf);
  if (!status)
    status = l4r_export_file_json(&hf->files, L4R_HF_DECODER "generation_config.json",
                                  l4r_hf_generation(hf->config->max_id_tokens));
  if (status) return status;
  return l4r_export_file_json(&hf->files, L4R_HF_DECODER "config.json", l4r_hf_config(&t5));
}

static int write_lite(struct hf *hf) {
  int status = write_rec_llm(hf);
  if (!status && hf->config->items_input != L4R_ITEMS_ID) status = write_item_llm(hf);
  if (!status && hf->config->kind == L4R_KIND_LITE_BEAM) status = write_decoder(hf);
  return status ? status : write_rest(hf);
}

/* --- the export --- */

static int check_model(const struct l4r_model *model) {
  const struct l4r_model_config *config = &model->config;
  if (config->rec_llm.block == L4R_BLOCK_SASREC)
    return l4r_fail(L4R_USAGE,
                    "%s: SASRec's blocks are no T5's, and transformers has no model of them; "
                    "model.safetensors in that folder can be read as it is",
                    model->path);
  if (config->adapter)
    return l4r_fail(L4R_USAGE,
                    "%s: its Item LLM is a pretrained encoder behind an adapter, for which "
                    "transformers has no model; take the encoder from the folder that --init-item "
                    "named (%s), and the rest of model.safetensors as it is",
                    model->path, config->init);
  if (config->rec_llm.gates || config->rec_llm.swiglu || config->scores)
    return l4r_fail(L4R_USAGE,
                    "%s: it has gates, swiglu or cosine scores, which export hf does not write; "
                    "model.safetensors in that folder can be read as it is",
                    model->path);
  if (l4r_kind_is_prompted(config->kind) ? config->p5.causal : config->item_llm.causal)
    return l4r_fail(L4R_USAGE, "%s: its encoder of texts is causal, which no T5 in transformers is",
                    model->path);
  const struct l4r_t5_shape *shape = l4r_kind_is_prompted(config->kind) ? &config->p5
                                                                        : &config->rec_llm;
  if (shape->decoder_blocks && shape->output_scale == L4R_SCALED && !shape->tied)
    return l4r_fail(L4R_USAGE,
                    "%s: its output layer is scaled and not tied, which transformers 4 cannot load",
                    model->path);
  return L4R_OK;
}

/* A folder that holds a model, of this project or a downloaded one, is not overwritten; an export
 * is, as other exports are. */
static int check_folder(const char *folder) {
  char config[L4R_PATH_MAX], about[L4R_PATH_MAX];
  int status = l4r_path_join(config, folder, "config.json");
  if (!status) status = l4r_path_join(about, folder, "lite4rec.json");
  if (status || access(config, F_OK) || !access(about, F_OK)) return status;
  return l4r_fail(L4R_USAGE,
                  "--out %s: there is a model that is no export (config.json without "
                  "lite4rec.json); name another folder",
                  folder);
}

static int read_ids(struct hf *hf) {
  const struct l4r_model_config *config = hf->config;
  if (!has_ids(config)) return L4R_OK;
  int status = l4r_id_map_read(hf->model->path, config->items, config->id_map_sha256, &hf->map);
  if (status) return status;
  return l4r_served_ids_make(hf->model, &hf->map,
                             l4r_kind_is_prompted(config->kind) ? config->p5.vocabulary
                                                                : config->rec_llm.vocabulary,
                             &hf->ids);
}

/* A former export's files, of whatever kind the model was. */
static int owns(const char *name) {
  static const char *const names[] = {
      "config.json",       "lite4rec.json",   "generation_config.json",
      "model.safetensors", "piece.model",     "tokenizer_config.json",
      "id_map.tsv",        "item_tokens.tsv", L4R_HF_REST};
  static const char *const folders[] = {L4R_HF_REC_LLM, L4R_HF_ITEM_LLM, L4R_HF_DECODER};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!strcmp(name, names[i])) return 1;
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) /* they end with a slash */
    if (!strncmp(name, folders[i], strlen(name)) && folders[i][strlen(name)] == '/') return 1;
  return 0;
}

static int write_folder(struct hf *hf, const char *out) {
  int status = l4r_export_files_open(&hf->files, out);
  if (status) return status;
  status = l4r_kind_is_prompted(hf->config->kind) ? write_p5(hf) : write_lite(hf);
  if (!status)
    status = l4r_export_file_json(
        &hf->files, "lite4rec.json",
        l4r_hf_about(hf->model, has_ids(hf->config) ? &hf->ids : NULL, hf->sentencepiece));
  return l4r_export_files_end(&hf->files, status, owns, "lite4rec.json");
}

static int export_source(struct hf *hf, const char *out) {
  hf->model = hf->source.model;
  hf->config = &hf->model->config;
  int status = check_model(hf->model);
  if (!status) status = check_folder(out);
  if (!status) status = read_ids(hf);
  if (!status && !l4r_kind_is_prompted(hf->config->kind))
    status = l4r_model_source_vectors(&hf->source);
  if (!status) status = write_folder(hf, out);
  if (!status)
    l4r_info("%s: for transformers' from_pretrained; what that does not know stands in its "
             "lite4rec.json",
             out);
  return status;
}

int l4r_export_hf(const char *model, const char *data, const char *out) {
  struct hf *hf = l4r_alloc(1, sizeof *hf, "an export");
  if (!hf) return L4R_ENVIRONMENT;
  int status = l4r_model_source_open(model, data, &hf->source);
  if (!status) {
    status = export_source(hf, out);
    l4r_model_source_close(&hf->source);
  }
  l4r_id_tokens_free(&hf->ids.tokens);
  l4r_id_map_free(&hf->map);
  l4r_free(hf);
  return status;
}
