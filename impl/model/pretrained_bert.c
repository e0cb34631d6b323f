/* SPDX-License-Identifier: BSD-3-Clause */
/* What only folders of sentence encoders have: a BertConfig, and how the states of a text become
 * one vector. */
#include "impl/model/pretrained_bert.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* BertConfig's fields and defaults (0: no default). */
static const struct l4r_count_field COUNTS[] = {
    {"hidden_size", offsetof(struct l4r_t5_shape, d_model), 1 << 20, 0},
    {"num_attention_heads", offsetof(struct l4r_t5_shape, heads), 4096, 0},
    {"intermediate_size", offsetof(struct l4r_t5_shape, d_ff), 1 << 20, 0},
    {"vocab_size", offsetof(struct l4r_t5_shape, vocabulary), 1 << 30, 0},
    {"num_hidden_layers", offsetof(struct l4r_t5_shape, encoder_blocks), 256, 0},
    {"max_position_embeddings", offsetof(struct l4r_t5_shape, positions), 1 << 20, 512},
    {"type_vocab_size", offsetof(struct l4r_t5_shape, types), 4096, 2},
};

int l4r_pretrained_count(const json_t *root, const char *path, const struct l4r_count_field *field,
                         struct l4r_t5_shape *shape) {
  const json_t *value = json_object_get(root, field->name);
  int64_t count = field->otherwise;
  if (value && !json_is_integer(value))
    return l4r_fail(L4R_INPUT, "%s: field '%s' is not an integer", path, field->name);
  if (value) count = json_integer_value(value);
  if (!value && count == 0)
    return l4r_fail(L4R_INPUT, "%s: field '%s' is missing", path, field->name);
  if (count < 1 || count > field->most)
    return l4r_fail(L4R_INPUT, "%s: field '%s' is %lld, outside 1..%lld", path, field->name,
                    (long long)count, (long long)field->most);
  memcpy((char *)shape + field->offset, &count, sizeof count);
  return L4R_OK;
}

/* A text that must be this one where the file has it. */
static int need_text(const json_t *root, const char *path, const char *name, const char *only) {
  const json_t *value = json_object_get(root, name);
  const char *text = json_string_value(value);
  if (!value || (text && !strcmp(text, only))) return L4R_OK;
  return l4r_fail(L4R_INPUT, "%s: field '%s' is '%s'; only %s can be computed here", path, name,
                  text ? text : "no string", only);
}

int l4r_pretrained_bert_shape(const json_t *root, const char *path, struct l4r_t5_shape *shape) {
  const json_t *epsilon = json_object_get(root, "layer_norm_eps");
  shape->block = L4R_BLOCK_BERT;
  int status = L4R_OK;
  for (size_t i = 0; i < sizeof COUNTS / sizeof *COUNTS && !status; i++)
    status = l4r_pretrained_count(root, path, &COUNTS[i], shape);
  if (!status) status = need_text(root, path, "hidden_act", "gelu");
  if (!status) status = need_text(root, path, "position_embedding_type", "absolute");
  if (status) return status;
  if (json_is_true(json_object_get(root, "is_decoder")))
    return l4r_fail(L4R_INPUT, "%s: field 'is_decoder' is true; an encoder is needed", path);
  if (shape->d_model % shape->heads)
    return l4r_fail(L4R_INPUT, "%s: field 'hidden_size' is no multiple of 'num_attention_heads'",
                    path);
  shape->d_kv = shape->d_model / shape->heads;
  shape->epsilon = epsilon ? json_number_value(epsilon) : 1e-12;
  if (shape->epsilon > 0 && shape->epsilon < 1) return L4R_OK;
  return l4r_fail(L4R_INPUT, "%s: field 'layer_norm_eps' is not a number between 0 and 1", path);
}

/* --- pooling --- */

/* Reads folder/name; *root is NULL where there is no such file. */
static int read_json(const char *folder, const char *name, char *path, json_t **root) {
  char *content;
  size_t bytes;
  json_error_t error;
  *root = NULL;
  int status = l4r_path_join(path, folder, name);
  if (status || access(path, F_OK)) return status;
  status = l4r_read_file(path, 1, &content, &bytes);
  if (status) return status;
  *root = json_loadb(content, bytes, 0, &error);
  l4r_free(content);
  if (*root) return L4R_OK;
  return l4r_fail(L4R_INPUT, "%s:%d: not valid JSON: %s", path, error.line, error.text);
}

static int unknown_pooling(const char *path, const char *what) {
  return l4r_fail(L4R_INPUT,
                  "%s: '%s' says how states become a vector; only the mean over a text "
                  "(pooling_mode_mean_tokens) and the first token (pooling_mode_cls_token) can be "
                  "computed here",
                  path, what);
}

/* Files say {"pooling_mode_mean_tokens": true, "pooling_mode_...": false, ...}, or
 * {"pooling_mode": "mean"}. */
static int read_modes(const json_t *root, const char *path, enum l4r_pooling *pooling) {
  static const char mean[] = "pooling_mode_mean_tokens", first[] = "pooling_mode_cls_token";
  const json_t *value, *mode = json_object_get(root, "pooling_mode");
  const char *name, *word = json_string_value(mode);
  int found = 0;
  if (mode && (!word || (strcmp(word, "mean") != 0 && strcmp(word, "cls") != 0)))
    return unknown_pooling(path, "pooling_mode");
  if (mode) {
    *pooling = strcmp(word, "cls") ? L4R_POOL_MEAN : L4R_POOL_FIRST;
    return L4R_OK;
  }
  json_object_foreach((json_t *)root, name, value) {
    if (strncmp(name, "pooling_mode_", 13) != 0 || !json_is_true(value)) continue;
    if (found++ || (strcmp(name, mean) != 0 && strcmp(name, first) != 0))
      return unknown_pooling(path, name);
    *pooling = strcmp(name, first) ? L4R_POOL_MEAN : L4R_POOL_FIRST;
  }
  return found ? L4R_OK : unknown_pooling(path, "pooling_mode_...");
}

static int read_pooling(struct l4r_pretrained *made, const char *folder) {
  char inside[L4R_PATH_MAX], path[L4R_PATH_MAX];
  json_t *root;
  int status = l4r_path_join(inside, made->path, folder);
  if (!status) status = read_json(inside, "config.json", path, &root);
  if (status || !root) return status;
  status = read_modes(root, path, &made->pooling);
  json_decref(root);
  return status;
}

/* A module's type is "sentence_transformers.models.Pooling", with other packages in some releases.
 */
static int read_module(struct l4r_pretrained *made, const char *path, const json_t *module) {
  const char *type = json_string_value(json_object_get(module, "type"));
  const char *folder = json_string_value(json_object_get(module, "path"));
  const char *dot = type ? strrchr(type, '.') : NULL;
  const char *name = dot ? dot + 1 : type;
  if (!name || !folder)
    return l4r_fail(L4R_INPUT, "%s: not a list of modules with 'type' and 'path'", path);
  if (!strcmp(name, "Transformer") && !*folder) return L4R_OK;
  if (!strcmp(name, "Transformer"))
    return l4r_fail(L4R_INPUT,
                    "%s: the encoder is in the folder '%s'; only one beside modules.json "
                    "can be read",
                    path, folder);
  if (!strcmp(name, "Pooling")) return read_pooling(made, folder);
  if (strcmp(name, "Normalize") != 0)
    return l4r_fail(L4R_INPUT,
                    "%s: a module of type %s; Transformer, Pooling and Normalize can be computed "
                    "here",
                    path, type);
  made->normalize = 1;
  return L4R_OK;
}

int l4r_pretrained_pooling(struct l4r_pretrained *made) {
  char path[L4R_PATH_MAX];
  json_t *root;
  const json_t *module;
  size_t index;
  made->pooling = L4R_POOL_MEAN;
  int status = read_json(made->path, "modules.json", path, &root);
  if (status) return status;
  if (!root) return read_pooling(made, "1_Pooling");
  if (!json_is_array(root)) status = l4r_fail(L4R_INPUT, "%s: not a list of modules", path);
  json_array_foreach(root, index, module)
    if (!status) status = read_module(made, path, module);
  json_decref(root);
  return status;
}

/* --- the rest of the folder --- */

int l4r_pretrained_bert_tokenizer(const struct l4r_pretrained *pretrained, char *path) {
  int status = l4r_path_join(path, pretrained->path, "tokenizer.json");
  if (status || access(path, F_OK) == 0) return status;
  status = l4r_path_join(path, pretrained->path, "vocab.txt");
  if (status || access(path, F_OK) == 0) return status;
  return l4r_fail(L4R_INPUT,
                  "%s: neither tokenizer.json nor vocab.txt in this folder; the embedding's rows "
                  "mean its pieces, so put the tokenizer there that belongs to it",
                  pretrained->path);
}
