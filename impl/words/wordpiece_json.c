/* SPDX-License-Identifier: BSD-3-Clause */
/* tokenizer.json of kind WordPiece, both ways. */
#include "impl/words/wordpiece_json.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *type_of(const json_t *object) {
  const char *type = json_string_value(json_object_get(object, "type"));
  return type ? type : "(none)";
}

static int is_wordpiece(const json_t *root) {
  const json_t *model = json_object_get(root, "model");
  const json_t *prefix = json_object_get(model, "continuing_subword_prefix");
  if (json_object_get(model, "type")) return !strcmp(type_of(model), "WordPiece");
  /* Files of 2021 say no type; BPE has merges. */
  return json_is_string(prefix) && !json_object_get(model, "merges");
}

int l4r_wordpiece_is_json(const char *json, size_t bytes) {
  json_t *root = json_loadb(json, bytes, 0, NULL);
  const int is = is_wordpiece(root);
  json_decref(root);
  return is;
}

/* --- reading --- */

/* Lists the texts of the vocabulary by their numbers, which must be 0 .. pieces - 1. */
static int list_pieces(const char *path, const json_t *vocab, const char **list, int64_t *bytes) {
  const int64_t pieces = (int64_t)json_object_size(vocab);
  const char *text;
  json_t *value;
  *bytes = 0;
  json_object_foreach((json_t *)vocab, text, value) {
    const json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || number >= pieces || list[number])
      return l4r_fail(L4R_INPUT,
                      "%s: 'model.vocab': piece '%s' has no number of its own among 0 .. %lld",
                      path, text, (long long)pieces - 1);
    list[number] = text;
    *bytes += (int64_t)strlen(text) + 1;
  }
  return L4R_OK;
}

static int read_pieces(const char *path, const json_t *vocab, struct l4r_wordpiece **made) {
  const size_t pieces = json_object_size(vocab);
  int64_t bytes;
  if (!pieces || pieces > 1 << 30)
    return l4r_fail(L4R_INPUT, "%s: 'model.vocab' is not an object of pieces and their numbers",
                    path);
  const char **list = l4r_alloc(pieces, sizeof *list, "the pieces of a vocabulary");
  if (!list) return L4R_ENVIRONMENT;
  int status = list_pieces(path, vocab, list, &bytes);
  if (!status) status = l4r_wordpiece_make((int64_t)pieces, bytes, made);
  for (size_t p = 0; p < pieces && !status; p++) l4r_wordpiece_add(*made, list[p]);
  l4r_free(list);
  return status;
}

static int refuse(const char *path, const char *member, const char *type, const char *known) {
  return l4r_fail(L4R_INPUT,
                  "%s: '%s' is of type %s; with pieces of WordPiece %s can be read; give the "
                  "folder of a BERT",
                  path, member, type, known);
}

static int flag(const json_t *object, const char *name, int otherwise) {
  const json_t *value = json_object_get(object, name);
  return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

static int read_rules(const char *path, const json_t *root, struct l4r_word_rules *rules) {
  const json_t *normal = json_object_get(root, "normalizer");
  const json_t *words = json_object_get(root, "pre_tokenizer");
  if (strcmp(type_of(normal), "BertNormalizer") != 0)
    return refuse(path, "normalizer", type_of(normal), "BertNormalizer");
  if (strcmp(type_of(words), "BertPreTokenizer") != 0)
    return refuse(path, "pre_tokenizer", type_of(words), "BertPreTokenizer");
  rules->clean = flag(normal, "clean_text", 1);
  rules->chinese = flag(normal, "handle_chinese_chars", 1);
  rules->lower = flag(normal, "lowercase", 1);
  rules->strip_accents = flag(normal, "strip_accents", rules->lower);
  return L4R_OK;
}

/* The token that a post-processor puts before or behind the text; NULL where it says none. */
static const char *framing(const json_t *root, int behind) {
  const json_t *post = json_object_get(root, "post_processor");
  if (!strcmp(type_of(post), "BertProcessing"))
    return json_string_value(json_array_get(json_object_get(post, behind ? "sep" : "cls"), 0));
  if (strcmp(type_of(post), "TemplateProcessing") != 0) return NULL;
  const json_t *single = json_object_get(post, "single");
  const size_t last = json_array_size(single) ? json_array_size(single) - 1 : 0;
  const json_t *special = json_object_get(json_array_get(single, behind ? last : 0),
                                          "SpecialToken");
  return json_string_value(json_object_get(special, "id"));
}

static int need(const char *path, const struct l4r_wordpiece *w, const char *text, int32_t *piece) {
  *piece = l4r_wordpiece_find(w, text, strlen(text));
  if (*piece >= 0) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "%s: the vocabulary has no piece '%s', which begins, ends or replaces "
                  "a text",
                  path, text);
}

static int read_wordpiece(const char *path, const json_t *root, struct l4r_wordpiece *w) {
  const json_t *model = json_object_get(root, "model");
  const char *prefix = json_string_value(json_object_get(model, "continuing_subword_prefix"));
  const char *unknown = json_string_value(json_object_get(model, "unk_token"));
  const json_t *most = json_object_get(model, "max_input_chars_per_word");
  const char *begin = framing(root, 0), *end = framing(root, 1);
  if (!prefix) prefix = "##";
  if (strlen(prefix) >= sizeof w->prefix)
    return l4r_fail(L4R_INPUT, "%s: 'model.continuing_subword_prefix' is longer than %zu bytes",
                    path, sizeof w->prefix - 1);
  memcpy(w->prefix, prefix, strlen(prefix) + 1);
  w->most_characters = json_is_integer(most) ? json_integer_value(most) : 100;
  w->pad = l4r_wordpiece_find(w, "[PAD]", 5);
  int status = need(path, w, unknown ? unknown : "[UNK]", &w->unknown);
  if (!status) status = need(path, w, begin ? begin : "[CLS]", &w->begin);
  return status ? status : need(path, w, end ? end : "[SEP]", &w->end);
}

int l4r_wordpiece_of_json(const char *path, const char *json, size_t bytes,
                          struct l4r_wordpiece **wordpiece) {
  json_error_t error;
  struct l4r_wordpiece *made = NULL;
  struct l4r_word_rules rules;
  json_t *root = json_loadb(json, bytes, 0, &error);
  if (!root) return l4r_fail(L4R_INPUT, "%s:%d: not valid JSON: %s", path, error.line, error.text);
  const json_t *model = json_object_get(root, "model");
  int status = is_wordpiece(root) ? L4R_OK : refuse(path, "model", type_of(model), "WordPiece");
  if (!status) status = read_rules(path, root, &rules);
  if (!status) status = read_pieces(path, json_object_get(model, "vocab"), &made);
  if (!status) made->rules = rules;
  if (!status) status = read_wordpiece(path, root, made);
  json_decref(root);
  if (status)
    l4r_wordpiece_close(made);
  else
    *wordpiece = made;
  return status;
}

/* --- writing --- */

static json_t *special(const struct l4r_wordpiece *w, int32_t piece) {
  return json_pack("{s:i, s:s, s:b, s:b, s:b, s:b, s:b}", "id", (int)piece, "content",
                   l4r_wordpiece_text(w, piece), "single_word", 0, "lstrip", 0, "rstrip", 0,
                   "normalized", 0, "special", 1);
}

static json_t *added(const struct l4r_wordpiece *w) {
  const int32_t all[] = {w->pad, w->unknown, w->begin, w->end};
  json_t *list = json_array();
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i] >= 0) json_array_append_new(list, special(w, all[i]));
  return list;
}

static json_t *vocabulary(const struct l4r_wordpiece *w) {
  json_t *vocab = json_object();
  for (int64_t p = 0; p < w->pieces; p++)
    json_object_set_new(vocab, l4r_wordpiece_text(w, (int32_t)p), json_integer(p));
  return vocab;
}

static json_t *whole(const struct l4r_wordpiece *w) {
  const struct l4r_word_rules *rules = &w->rules;
  const char *begin = l4r_wordpiece_text(w, w->begin), *end = l4r_wordpiece_text(w, w->end);
  return json_pack(
      "{s:s, s:n, s:n, s:o, s:{s:s, s:b, s:b, s:b, s:b}, s:{s:s}, s:{s:s, s:[s,i], s:[s,i]}, "
      "s:{s:s, s:s, s:b}, s:{s:s, s:s, s:s, s:I, s:o}}",
      "version", "1.0", "truncation", "padding", "added_tokens", added(w), "normalizer", "type",
      "BertNormalizer", "clean_text", rules->clean, "handle_chinese_chars", rules->chinese,
      "strip_accents", rules->strip_accents, "lowercase", rules->lower, "pre_tokenizer", "type",
      "BertPreTokenizer", "post_processor", "type", "BertProcessing", "sep", end, (int)w->end,
      "cls", begin, (int)w->begin, "decoder", "type", "WordPiece", "prefix", w->prefix, "cleanup",
      1, "model", "type", "WordPiece", "unk_token", l4r_wordpiece_text(w, w->unknown),
      "continuing_subword_prefix", w->prefix, "max_input_chars_per_word",
      (json_int_t)w->most_characters, "vocab", vocabulary(w));
}

int l4r_wordpiece_json(const struct l4r_wordpiece *w, char **json, size_t *bytes) {
  json_t *root = whole(w);
  char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
  json_decref(root);
  *json = text ? l4r_strdup(text) : NULL;
  *bytes = text ? strlen(text) : 0;
  free(text);
  return *json ? L4R_OK : l4r_fail(L4R_ENVIRONMENT, "no memory for a tokenizer");
}
