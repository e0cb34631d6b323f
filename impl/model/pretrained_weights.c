/* SPDX-License-Identifier: BSD-3-Clause */
/* The weights of a Hugging Face folder: one safetensors file, or several that
 * model.safetensors.index.json lists ("weight_map": tensor to file). */
#include "impl/model/pretrained_weights.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/model/pretrained.h"
#include "impl/model/safetensors.h"
#include "impl/model/safetensors_match.h"
#include "impl/model/safetensors_parts.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char index_name[] = "model.safetensors.index.json";

static int is_there(const char *folder, const char *name) {
  char path[L4R_PATH_MAX];
  return !l4r_path_join(path, folder, name) && access(path, F_OK) == 0;
}

static int no_weights(const char *folder) {
  if (is_there(folder, "pytorch_model.bin"))
    return l4r_fail(L4R_INPUT,
                    "%s: pytorch_model.bin is a Python pickle, which this program does not read; "
                    "convert it with transformers: "
                    "T5ForConditionalGeneration.from_pretrained(FOLDER).save_pretrained(FOLDER, "
                    "safe_serialization=True) writes model.safetensors (of a BERT: BertModel)",
                    folder);
  return l4r_fail(L4R_INPUT,
                  "%s: no model.safetensors in this folder; download it beside "
                  "config.json",
                  folder);
}

/* Lists the distinct files of a weight map as paths; a name with a folder in it is refused. */
static int list_files(const char *folder, const char *index, const json_t *map, json_t *paths) {
  const char *tensor;
  json_t *file;
  json_object_foreach((json_t *)map, tensor, file) {
    char path[L4R_PATH_MAX];
    const char *name = json_string_value(file);
    if (!name || !*name || strchr(name, '/'))
      return l4r_fail(L4R_INPUT, "%s: tensor %s: no name of a file in this folder", index, tensor);
    int status = l4r_path_join(path, folder, name);
    if (status) return status;
    if (json_object_set_new(paths, path, json_true()))
      return l4r_fail(L4R_ENVIRONMENT, "no memory for the files of %s", folder);
  }
  return L4R_OK;
}

static int open_listed(struct l4r_pretrained *made, const char *index, const json_t *root) {
  json_t *paths = json_object(), *value;
  const json_t *map = json_object_get(root, "weight_map");
  const char *path;
  int status = L4R_OK;
  int64_t count = 0;
  if (!json_object_size(map))
    status = l4r_fail(L4R_INPUT, "%s: no object 'weight_map' that says which file holds what",
                      index);
  if (!status) status = list_files(made->path, index, map, paths);
  const char **list = l4r_alloc(json_object_size(paths), sizeof *list, "files of weights");
  if (!list) status = L4R_ENVIRONMENT;
  json_object_foreach(paths, path, value)
    if (list) list[count++] = path;
  if (!status) status = l4r_safetensors_open_parts(index, list, count, &made->safetensors);
  l4r_free(list);
  json_decref(paths);
  return status;
}

static int open_several(struct l4r_pretrained *made) {
  char index[L4R_PATH_MAX], *content;
  size_t bytes;
  json_error_t error;
  int status = l4r_path_join(index, made->path, index_name);
  if (!status) status = l4r_read_file(index, 1, &content, &bytes);
  if (status) return status;
  json_t *root = json_loadb(content, bytes, 0, &error);
  l4r_free(content);
  if (!root) return l4r_fail(L4R_INPUT, "%s:%d: not valid JSON: %s", index, error.line, error.text);
  status = open_listed(made, index, root);
  json_decref(root);
  return status;
}

static int open_files(struct l4r_pretrained *made) {
  char path[L4R_PATH_MAX];
  if (is_there(made->path, "model.safetensors")) {
    int status = l4r_path_join(path, made->path, "model.safetensors");
    return status ? status : l4r_safetensors_open(path, &made->safetensors);
  }
  return is_there(made->path, index_name) ? open_several(made) : no_weights(made->path);
}

/* Models with heads, such as classifiers, hold the T5, or the BERT, as a part of that name. */
static int strip_prefix(struct l4r_pretrained *made) {
  static const char *const prefixes[] = {"transformer.", "model.", "t5.", "bert.", "0.auto_model."};
  const char *always = made->shape.block == L4R_BLOCK_BERT ? "embeddings.word_embeddings.weight"
                                                           : "encoder.final_layer_norm.weight";
  for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes; p++) {
    char name[64];
    snprintf(name, sizeof name, "%s%s", prefixes[p], always);
    if (l4r_safetensors_has(made->safetensors, name))
      return l4r_safetensors_strip(made->safetensors, prefixes[p]);
  }
  return L4R_OK;
}

/* Decides whether the output layer is the embedding; for folders of transformers 5, the file says
 * it. */
static void decide_tie(struct l4r_pretrained *made) {
  struct l4r_t5_shape *shape = &made->shape;
  if (made->of_5 && l4r_safetensors_has(made->safetensors, "lm_head.weight"))
    shape->tied = l4r_safetensors_same(made->safetensors, "lm_head.weight", "shared.weight");
  if ((shape->output_scale == L4R_SCALED && shape->tied) ||
      (shape->output_scale == L4R_NOT_SCALED && !shape->tied))
    shape->output_scale = L4R_SCALED_IF_TIED; /* that follows from the rule */
}

static int list_t5(struct l4r_pretrained *made) {
  decide_tie(made);
  if (!l4r_safetensors_has(made->safetensors, "decoder.final_layer_norm.weight"))
    made->shape.decoder_blocks = 0; /* the file holds only an encoder (T5EncoderModel) */
  const struct l4r_model_config config = {.kind = L4R_KIND_P5, .p5 = made->shape};
  return l4r_tensors_of(&config, &made->tensors);
}

int l4r_pretrained_weights(struct l4r_pretrained *made) {
  const int bert = made->shape.block == L4R_BLOCK_BERT;
  int status = open_files(made);
  if (!status) status = strip_prefix(made);
  if (!status && bert) status = l4r_safetensors_modern(made->safetensors);
  if (status) return status;
  status = bert ? l4r_tensors_of_bert(&made->shape, &made->tensors) : list_t5(made);
  if (!status)
    status = l4r_safetensors_match(made->safetensors, &made->tensors,
                                   bert ? L4R_MATCH_BERT : L4R_MATCH_T5);
  if (status)
    return l4r_fail_context(status, "config.json and the weights of %s disagree", made->path);
  return l4r_safetensors_check_finite(made->safetensors);
}
