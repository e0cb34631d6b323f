/* SPDX-License-Identifier: BSD-3-Clause */
/* Converts a tokenizer.json of huggingface/tokenizers to SentencePiece's model file. transformers 5
 * writes T5 folders with only tokenizer.json: kind Unigram, its normaliser (SentencePiece's own
 * character map, in base64), and pre-tokenisers that replace blanks by U+2581. */
#include "impl/model/spm_json.h"

#include "impl/model/spm.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

struct reading {
  const char *path;
  struct l4r_spm spm;
  unsigned char *charsmap; /* owned */
};

static int refuse(const struct reading *reading, const char *member, const char *type) {
  return l4r_fail(
      L4R_INPUT,
      "%s: SentencePiece has nothing like '%s' of type %s; give the SentencePiece model "
      "that belongs to it: --tokenizer FILE",
      reading->path, member, type ? type : "(none)");
}

static const char *type_of(const json_t *object) {
  return json_string_value(json_object_get(object, "type"));
}

static int is_type(const json_t *object, const char *type) {
  const char *its = type_of(object);
  return its && !strcmp(its, type);
}

/* --- pieces --- */

static int read_pieces(struct reading *reading, const json_t *model) {
  const json_t *vocab = json_object_get(model, "vocab"), *entry;
  const json_t *unknown = json_object_get(model, "unk_id");
  size_t index;
  /* Some files of 2020 have no type; in kinds other than Unigram the vocabulary is an object. */
  if (!is_type(model, "Unigram") && (type_of(model) || !json_is_array(vocab)))
    return refuse(reading, "model", type_of(model));
  if (!json_is_array(vocab) || json_array_size(vocab) < 4)
    return l4r_fail(L4R_INPUT, "%s: 'model.vocab' is not a list of pieces", reading->path);
  if (!json_is_integer(unknown) || json_integer_value(unknown) != 2)
    return l4r_fail(L4R_INPUT, "%s: 'model.unk_id' is not 2; T5's pad 0, </s> 1, unk 2 are needed",
                    reading->path);
  reading->spm.piece = l4r_alloc(json_array_size(vocab), sizeof *reading->spm.piece, "pieces");
  if (!reading->spm.piece) return L4R_ENVIRONMENT;
  json_array_foreach(vocab, index, entry) {
    const json_t *text = json_array_get(entry, 0), *score = json_array_get(entry, 1);
    if (!json_is_string(text) || !json_is_number(score))
      return l4r_fail(L4R_INPUT, "%s: 'model.vocab[%zu]' is not [piece, score]", reading->path,
                      index);
    reading->spm.piece[reading->spm.pieces++] = (struct l4r_spm_piece){
        .text = json_string_value(text),
        .bytes = json_string_length(text),
        .score = (float)json_number_value(score),
        .type = index == 2  ? L4R_SPM_UNKNOWN
                : index < 2 ? L4R_SPM_CONTROL
                            : L4R_SPM_NORMAL};
  }
  reading->spm.byte_fallback = json_is_true(json_object_get(model, "byte_fallback"));
  return L4R_OK;
}

/* Bytes are pieces of their own kind, "<0x0A>"; added tokens (T5's sentinels) never occur in
 * texts. */
static int mark_pieces(struct reading *reading, const json_t *added) {
  struct l4r_spm *spm = &reading->spm;
  const json_t *token;
  size_t index;
  for (int64_t p = 3; p < spm->pieces && spm->byte_fallback; p++) {
    unsigned byte;
    char text[8] = "", end;
    if (spm->piece[p].bytes != 6) continue;
    memcpy(text, spm->piece[p].text, 6);
    if (sscanf(text, "<0x%2X%c", &byte, &end) == 2 && end == '>') spm->piece[p].type = L4R_SPM_BYTE;
  }
  json_array_foreach(added, index, token) {
    const json_t *id = json_object_get(token, "id");
    const json_int_t at = json_integer_value(id);
    if (!json_is_integer(id) || at < 0)
      return l4r_fail(L4R_INPUT, "%s: 'added_tokens[%zu].id' is no number of a piece",
                      reading->path, index);
    if (at < 3 || at >= spm->pieces) continue;
    if (!json_is_true(json_object_get(token, "special")))
      return l4r_fail(
          L4R_INPUT,
          "%s: added token %lld ('%s') is a word, not a special token, and would be cut "
          "out of texts before SentencePiece sees them; give the SentencePiece model "
          "that has it: --tokenizer FILE",
          reading->path, (long long)at, json_string_value(json_object_get(token, "content")));
    spm->piece[at].type = L4R_SPM_CONTROL;
  }
  return L4R_OK;
}

/* --- normaliser and pre-tokeniser --- */

static int read_charsmap(struct reading *reading, const json_t *text) {
  const size_t length = json_string_length(text);
  const char *base64 = json_string_value(text);
  if (!base64 || !length) return L4R_OK;
  if (reading->charsmap || length % 4 || length > 1 << 28)
    return l4r_fail(L4R_INPUT, "%s: 'precompiled_charsmap' is not one text in base64",
                    reading->path);
  reading->charsmap = l4r_alloc(length / 4 * 3 + 4, 1, "a normaliser");
  if (!reading->charsmap) return L4R_ENVIRONMENT;
  int bytes = EVP_DecodeBlock(reading->charsmap, (const unsigned char *)base64, (int)length);
  if (bytes < 4)
    return l4r_fail(L4R_INPUT, "%s: 'precompiled_charsmap' is not base64", reading->path);
  bytes -= (base64[length - 1] == '=') + (base64[length - 2] == '=');
  reading->spm.charsmap = reading->charsmap;
  reading->spm.charsmap_bytes = (size_t)bytes;
  return L4R_OK;
}

/* Reads a Replace: " {2,}" by one blank or U+2581, or a blank by U+2581. */
static int read_replace(struct reading *reading, const json_t *object) {
  const json_t *pattern = json_object_get(object, "pattern");
  const char *regex = json_string_value(json_object_get(pattern, "Regex"));
  const char *text = json_string_value(json_object_get(pattern, "String"));
  const char *by = json_string_value(json_object_get(object, "content"));
  const int blank = by && (!strcmp(by, " ") || !strcmp(by, "\xe2\x96\x81"));
  if (regex && blank && (!strcmp(regex, " {2,}") || !strcmp(regex, " +"))) {
    reading->spm.remove_extra_whitespaces = 1;
    return L4R_OK;
  }
  if (text && blank && !strcmp(text, " ")) return L4R_OK; /* escaping does the same */
  return refuse(reading, "normalizer", "Replace");
}

static int read_normalizer(struct reading *reading, const json_t *object) {
  size_t index;
  const json_t *part;
  int status = L4R_OK;
  if (!object || json_is_null(object)) return L4R_OK;
  if (is_type(object, "Sequence")) {
    json_array_foreach(json_object_get(object, "normalizers"), index, part)
      if (!status) status = read_normalizer(reading, part);
    return status;
  }
  if (is_type(object, "Precompiled"))
    return read_charsmap(reading, json_object_get(object, "precompiled_charsmap"));
  if (is_type(object, "Replace")) return read_replace(reading, object);
  if (is_type(object, "Strip")) return L4R_OK; /* removing extra blanks includes it */
  if (is_type(object, "Prepend")) {
    reading->spm.add_dummy_prefix = 1;
    return L4R_OK;
  }
  return refuse(reading, "normalizer", type_of(object));
}

static int read_pre_tokenizer(struct reading *reading, const json_t *object) {
  size_t index;
  const json_t *part;
  int status = L4R_OK;
  if (!object || json_is_null(object)) return L4R_OK;
  if (is_type(object, "Sequence")) {
    json_array_foreach(json_object_get(object, "pretokenizers"), index, part)
      if (!status) status = read_pre_tokenizer(reading, part);
    return status;
  }
  if (is_type(object, "WhitespaceSplit")) {
    reading->spm.remove_extra_whitespaces = 1;
    return L4R_OK;
  }
  if (!is_type(object, "Metaspace")) return refuse(reading, "pre_tokenizer", type_of(object));
  const char *scheme = json_string_value(json_object_get(object, "prepend_scheme"));
  const char *replacement = json_string_value(json_object_get(object, "replacement"));
  if (!replacement || strcmp(replacement, "\xe2\x96\x81") != 0)
    return l4r_fail(L4R_INPUT, "%s: 'pre_tokenizer.replacement' is not U+2581", reading->path);
  reading->spm.add_dummy_prefix = scheme
                                      ? strcmp(scheme, "never") != 0
                                      : !json_is_false(json_object_get(object, "add_prefix_space"));
  return L4R_OK;
}

int l4r_spm_of_json(const char *path, const void *json, size_t json_bytes, char **content,
                    size_t *bytes) {
  struct reading reading = {.path = path,
                            .spm = {.model_type = L4R_SPM_UNIGRAM, .escape_whitespaces = 1}};
  json_error_t error;
  json_t *root = json_loadb(json, json_bytes, 0, &error);
  if (!root)
    return l4r_fail(L4R_INPUT, "%s:%d: neither a SentencePiece model nor valid JSON: %s", path,
                    error.line, error.text);
  int status = read_pieces(&reading, json_object_get(root, "model"));
  if (!status) status = mark_pieces(&reading, json_object_get(root, "added_tokens"));
  if (!status) status = read_normalizer(&reading, json_object_get(root, "normalizer"));
  if (!status) status = read_pre_tokenizer(&reading, json_object_get(root, "pre_tokenizer"));
  if (!status) status = l4r_spm_build(&reading.spm, content, bytes);
  l4r_spm_free(&reading.spm);
  l4r_free(reading.charsmap);
  json_decref(root);
  return status;
}
