/* SPDX-License-Identifier: BSD-3-Clause */
/* vocab.txt, and what tokenizer_config.json beside it says of words. */
#include "impl/words/wordpiece_lines.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Reads the lines in place; the last needs no newline. */
static int read_lines(const char *path, char *text, size_t bytes, struct l4r_wordpiece **made) {
  int64_t lines = 0;
  size_t bad;
  if (!l4r_utf8_valid(text, bytes, &bad))
    return l4r_fail(L4R_INPUT, "%s: byte %zu is no UTF-8", path, bad);
  for (size_t i = 0; i < bytes; i++) lines += text[i] == '\n';
  lines += bytes > 0 && text[bytes - 1] != '\n';
  int status = l4r_wordpiece_make(lines, (int64_t)bytes + 1, made);
  char *at = text, *end = text + bytes;
  for (int64_t l = 0; l < lines && !status; l++) {
    char *stop = memchr(at, '\n', (size_t)(end - at));
    if (!stop) stop = end;
    char *next = stop + 1;
    if (stop > at && stop[-1] == '\r') stop--;
    *stop = 0; /* the reader of files leaves a byte behind the last */
    if (l4r_wordpiece_add(*made, at))
      status = l4r_fail(L4R_INPUT, "%s: line %lld repeats the piece '%s'", path, (long long)l + 1,
                        at);
    at = next;
  }
  return status;
}

static int flag(const json_t *root, const char *name, int otherwise) {
  const json_t *value = json_object_get(root, name);
  return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

/* A special token is a text, or an object with its content. */
static const char *token(const json_t *root, const char *name, const char *otherwise) {
  const json_t *value = json_object_get(root, name);
  const char *text = json_string_value(json_is_object(value) ? json_object_get(value, "content")
                                                             : value);
  return text ? text : otherwise;
}

static int find(const char *path, const struct l4r_wordpiece *w, const char *text, int32_t *piece) {
  *piece = l4r_wordpiece_find(w, text, strlen(text));
  if (*piece >= 0) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "%s: no line '%s', with which a text begins, ends or is replaced: this is not "
                  "the vocabulary of a BERT",
                  path, text);
}

static int take_settings(const char *path, const json_t *root, struct l4r_wordpiece *w) {
  w->rules.clean = 1;
  w->rules.chinese = flag(root, "tokenize_chinese_chars", 1);
  w->rules.lower = flag(root, "do_lower_case", 1);
  w->rules.strip_accents = flag(root, "strip_accents", w->rules.lower);
  w->most_characters = 100;
  memcpy(w->prefix, "##", 3);
  w->pad = l4r_wordpiece_find(w, "[PAD]", 5);
  int status = find(path, w, token(root, "unk_token", "[UNK]"), &w->unknown);
  if (!status) status = find(path, w, token(root, "cls_token", "[CLS]"), &w->begin);
  return status ? status : find(path, w, token(root, "sep_token", "[SEP]"), &w->end);
}

/* The JSON beside `path`; *root is NULL where there is none. */
static int read_settings(const char *path, json_t **root) {
  char beside[L4R_PATH_MAX], *content;
  const char *slash = strrchr(path, '/');
  size_t bytes;
  json_error_t error;
  *root = NULL;
  if (snprintf(beside, sizeof beside, "%.*stokenizer_config.json",
               slash ? (int)(slash - path + 1) : 0, path) >= (int)sizeof beside ||
      access(beside, F_OK))
    return L4R_OK;
  const int status = l4r_read_file(beside, 1, &content, &bytes);
  if (status) return status;
  *root = json_loadb(content, bytes, 0, &error);
  l4r_free(content);
  if (*root) return L4R_OK;
  return l4r_fail(L4R_INPUT, "%s:%d: not valid JSON: %s", beside, error.line, error.text);
}

int l4r_wordpiece_of_lines(const char *path, struct l4r_wordpiece **wordpiece) {
  char *content;
  size_t bytes;
  json_t *root = NULL;
  struct l4r_wordpiece *made = NULL;
  int status = l4r_read_file(path, 1, &content, &bytes);
  if (status) return status;
  status = read_settings(path, &root);
  if (!status) status = read_lines(path, content, bytes, &made);
  if (!status) status = take_settings(path, root, made);
  json_decref(root);
  l4r_free(content);
  if (status)
    l4r_wordpiece_close(made);
  else
    *wordpiece = made;
  return status;
}
