/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens a Hugging Face folder. Its config.json is checked against the tensors, and a setting that
 * our T5 or BERT does not have is refused, not ignored. */
#include "impl/model/pretrained.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/model/pretrained_bert.h"
#include "impl/model/pretrained_weights.h"
#include "impl/model/safetensors.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* T5Config's fields and the defaults of those that transformers may omit (0: no default). */
static const struct l4r_count_field COUNTS[] = {
    {"d_model", offsetof(struct l4r_t5_shape, d_model), 1 << 20, 0},
    {"d_kv", offsetof(struct l4r_t5_shape, d_kv), 1 << 20, 0},
    {"num_heads", offsetof(struct l4r_t5_shape, heads), 4096, 0},
    {"d_ff", offsetof(struct l4r_t5_shape, d_ff), 1 << 20, 0},
    {"vocab_size", offsetof(struct l4r_t5_shape, vocabulary), 1 << 30, 0},
    {"num_layers", offsetof(struct l4r_t5_shape, encoder_blocks), 256, 0},
    {"relative_attention_num_buckets", offsetof(struct l4r_t5_shape, buckets), 4096, 32},
    {"relative_attention_max_distance", offsetof(struct l4r_t5_shape, max_distance), 1 << 20, 128},
};

static int bad_field(const char *path, const char *name, const char *what) {
  return l4r_fail(L4R_INPUT,
                  "%s: field '%s' %s; --init takes the folder of a Hugging Face T5, --init-item "
                  "that of a T5 or BERT",
                  path, name, what);
}

/* Returns 1 for folders of transformers 5 or later, whose "tie_word_embeddings" means nothing. */
static int is_of_5(const json_t *root) {
  const char *version = json_string_value(json_object_get(root, "transformers_version"));
  return json_object_get(root, "scale_decoder_outputs") || (version && atoi(version) >= 5);
}

static int read_decoder(const json_t *root, const char *path, struct l4r_t5_shape *shape) {
  const json_t *value = json_object_get(root, "num_decoder_layers");
  shape->decoder_blocks = shape->encoder_blocks;
  if (!value || json_is_null(value)) return L4R_OK;
  if (!json_is_integer(value) || json_integer_value(value) < 1 || json_integer_value(value) > 256)
    return bad_field(path, "num_decoder_layers", "is not a number of 1 to 256");
  shape->decoder_blocks = json_integer_value(value);
  return L4R_OK;
}

static int read_feed_forward(const json_t *root, const char *path, struct l4r_t5_shape *shape) {
  const json_t *value = json_object_get(root, "feed_forward_proj");
  const char *name = value ? json_string_value(value) : "relu";
  shape->gated = name && strcmp(name, "gated-gelu") == 0;
  if (!name || (!shape->gated && strcmp(name, "relu") != 0))
    return l4r_fail(L4R_INPUT,
                    "%s: field 'feed_forward_proj' is '%s'; relu (T5 v1.0) and gated-gelu (v1.1, "
                    "flan-t5) can be read",
                    path, name ? name : "no string");
  return L4R_OK;
}

/* transformers 4 scales the output where it is tied. transformers 5 writes that all T5s are tied,
 * states for T5 whether it scales, and never scales mT5's. */
static int read_output_scale(const json_t *root, const char *path, struct l4r_t5_shape *shape) {
  const json_t *scaled = json_object_get(root, "scale_decoder_outputs");
  const char *type = json_string_value(json_object_get(root, "model_type"));
  if (scaled && !json_is_boolean(scaled))
    return bad_field(path, "scale_decoder_outputs", "is not a boolean");
  if (scaled)
    shape->output_scale = json_is_true(scaled) ? L4R_SCALED : L4R_NOT_SCALED;
  else if (is_of_5(root) && !strcmp(type, "mt5"))
    shape->output_scale = L4R_NOT_SCALED;
  return L4R_OK;
}

static int read_rest(const json_t *root, const char *path, struct l4r_t5_shape *shape) {
  const json_t *tied = json_object_get(root, "tie_word_embeddings");
  const json_t *epsilon = json_object_get(root, "layer_norm_epsilon");
  if (tied && !json_is_boolean(tied))
    return bad_field(path, "tie_word_embeddings", "is not a boolean");
  shape->tied = tied ? json_is_true(tied) : 1;
  const int status = read_output_scale(root, path, shape);
  if (status) return status;
  shape->epsilon = epsilon ? json_number_value(epsilon) : 1e-6;
  if (!(shape->epsilon > 0 && shape->epsilon < 1))
    return bad_field(path, "layer_norm_epsilon", "is not a number between 0 and 1");
  if (shape->buckets % 4 != 0 || shape->max_distance <= shape->buckets / 2)
    return bad_field(path, "relative_attention_max_distance",
                     "does not exceed half of the buckets, a multiple of 4");
  return L4R_OK;
}

static int read_shape(const json_t *root, const char *path, int item, struct l4r_t5_shape *shape) {
  const char *type = json_string_value(json_object_get(root, "model_type"));
  if (!type) return bad_field(path, "model_type", "is missing");
  if (item && !strcmp(type, "bert")) return l4r_pretrained_bert_shape(root, path, shape);
  if (!strcmp(type, "bert"))
    return l4r_fail(L4R_INPUT,
                    "%s: field 'model_type' is 'bert', an encoder of texts: --init-item takes it "
                    "as Item LLM; --init reads t5 and mt5",
                    path);
  if (strcmp(type, "t5") != 0 && strcmp(type, "mt5") != 0)
    return l4r_fail(L4R_INPUT, "%s: field 'model_type' is '%s'; t5 and mt5 can be read%s", path,
                    type,
                    item ? ", and bert (BertModel: MiniLM, BGE, E5 and other sentence encoders; "
                           "not MPNet, RoBERTa, XLM-R or DistilBERT)"
                         : "");
  int status = L4R_OK;
  for (size_t i = 0; i < sizeof COUNTS / sizeof *COUNTS && !status; i++)
    status = l4r_pretrained_count(root, path, &COUNTS[i], shape);
  if (!status) status = read_decoder(root, path, shape);
  if (!status) status = read_feed_forward(root, path, shape);
  return status ? status : read_rest(root, path, shape);
}

static int read_config(struct l4r_pretrained *made, int item) {
  char path[L4R_PATH_MAX], *content;
  size_t bytes;
  int status = l4r_path_join(path, made->path, "config.json");
  if (!status) status = l4r_read_file(path, 1, &content, &bytes);
  if (status)
    return l4r_fail_context(status, "%s takes the folder of a Hugging Face T5%s",
                            item ? "--init-item" : "--init", item ? " or BERT" : "");
  json_error_t error;
  json_t *root = json_loadb(content, bytes, 0, &error);
  l4r_free(content);
  if (!root) return l4r_fail(L4R_INPUT, "%s:%d: not valid JSON: %s", path, error.line, error.text);
  status = read_shape(root, path, item, &made->shape);
  made->of_5 = is_of_5(root);
  json_decref(root);
  return status;
}

/* Names the folder even where its path is "." or "x/". */
static int name_folder(struct l4r_pretrained *made) {
  char real[L4R_PATH_MAX];
  if (!realpath(made->path, real))
    return l4r_fail_errno(L4R_INPUT, "--init: cannot open folder %s", made->path);
  const char *slash = strrchr(real, '/');
  const char *last = slash && slash[1] ? slash + 1 : real;
  size_t bad;
  if (strlen(last) >= sizeof made->name || !l4r_utf8_valid(last, strlen(last), &bad))
    return l4r_fail(L4R_INPUT,
                    "--init: the folder's name '%s' is recorded with the model and must be UTF-8 "
                    "of at most %zu bytes; rename it",
                    last, sizeof made->name - 1);
  snprintf(made->name, sizeof made->name, "%s", last);
  return L4R_OK;
}

static int open_folder(const char *folder, int item, struct l4r_pretrained **pretrained) {
  struct l4r_pretrained *made = l4r_alloc(1, sizeof *made, "a pretrained model");
  if (!made) return L4R_ENVIRONMENT;
  int status = L4R_OK;
  if ((size_t)snprintf(made->path, sizeof made->path, "%s", folder) >= sizeof made->path)
    status = l4r_fail(L4R_USAGE, "--init: path too long: %s", folder);
  if (!status) status = name_folder(made);
  if (!status) status = read_config(made, item);
  if (!status && item) status = l4r_pretrained_pooling(made);
  if (!status) status = l4r_pretrained_weights(made);
  if (status) {
    l4r_pretrained_close(made);
    return status;
  }
  *pretrained = made;
  return L4R_OK;
}

int l4r_pretrained_open(const char *folder, struct l4r_pretrained **pretrained) {
  return open_folder(folder, 0, pretrained);
}

int l4r_pretrained_open_item(const char *folder, struct l4r_pretrained **pretrained) {
  return open_folder(folder, 1, pretrained);
}

void l4r_pretrained_close(struct l4r_pretrained *pretrained) {
  if (!pretrained) return;
  l4r_safetensors_close(pretrained->safetensors);
  l4r_tensors_free(&pretrained->tensors);
  l4r_free(pretrained);
}

int l4r_pretrained_tokenizer(const struct l4r_pretrained *pretrained, char *path) {
  if (pretrained->shape.block == L4R_BLOCK_BERT)
    return l4r_pretrained_bert_tokenizer(pretrained, path);
  int status = l4r_path_join(path, pretrained->path, "spiece.model");
  if (status || access(path, F_OK) == 0) return status;
  status = l4r_path_join(path, pretrained->path,
                         "tokenizer.json"); /* all that transformers 5 writes */
  if (status || access(path, F_OK) == 0) return status;
  return l4r_fail(L4R_INPUT,
                  "%s: neither spiece.model nor tokenizer.json in this folder; the embedding's "
                  "rows mean its pieces, so "
                  "give the SentencePiece model it was trained with: --tokenizer FILE",
                  pretrained->path);
}
