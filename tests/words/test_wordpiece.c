/* SPDX-License-Identifier: BSD-3-Clause */
/* BERT's tokenizer: against what huggingface/tokenizers makes of the same texts (tests/oracle/
 * bert.py), its file both ways, and every refusal. */
#include "impl/words/wordpiece.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/lines.h"
#include "impl/base/memory.h"
#include "impl/model/item_tokens.h"
#include "impl/model/tokenizer.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *content_of(const char *path) {
  char *content;
  size_t bytes;
  test_ok(l4r_read_file(path, 1, &content, &bytes));
  return content;
}

/* vocab.txt of the golden vocabulary in the scratch folder, with what stands beside it. */
static const char *folder_with(const char *name, const char *settings) {
  static char path[L4R_PATH_MAX];
  char inside[64];
  char *vocabulary = content_of("tests/golden/bert_vocab.txt");
  snprintf(path, sizeof path, "%s", test_path(name));
  test_ok(l4r_make_folders(path));
  snprintf(inside, sizeof inside, "%s/tokenizer_config.json", name);
  if (settings) test_file(inside, settings);
  snprintf(inside, sizeof inside, "%s/vocab.txt", name);
  snprintf(path, sizeof path, "%s", test_file(inside, vocabulary));
  l4r_free(vocabulary);
  return path;
}

static struct l4r_tokenizer *opened(const char *path) {
  struct l4r_tokenizer *tokenizer;
  test_ok(l4r_tokenizer_open(path, &tokenizer));
  return tokenizer;
}

static const char *ids_of(const struct l4r_tokenizer *tokenizer, const char *text) {
  static char out[4096];
  int32_t id[512];
  size_t used = 0;
  const int64_t count = l4r_tokenizer_encode(tokenizer, text, id, 512);
  cr_assert(count >= 0 && count <= 512);
  out[0] = 0;
  for (int64_t i = 0; i < count; i++)
    used += (size_t)snprintf(out + used, sizeof out - used, "%s%d", i ? " " : "", (int)id[i]);
  return out;
}

/* Undoes the \t of the golden file, in place. */
static char *plain(char *text) {
  char *to = text;
  for (const char *from = text; *from; from++) {
    const int escaped = from[0] == '\\' && (from[1] == 't' || from[1] == '\\');
    *to++ = escaped && from[1] == 't' ? '\t' : *from;
    from += escaped;
  }
  *to = 0;
  return text;
}

Test(wordpiece, equals_huggingface_tokenizers) {
  struct l4r_tokenizer *lower = opened(folder_with("uncased", NULL));
  struct l4r_tokenizer *cased = opened(folder_with("cased", "{\"do_lower_case\": false}"));
  char *golden = content_of("tests/golden/bert_tokens.tsv"), *next = golden, *line;
  int lines = 0;
  while ((line = strsep(&next, "\n")) && *line) {
    if (*line == '#') continue;
    char *text = strchr(line, '\t') + 1, *ids = strrchr(line, '\t') + 1;
    ids[-1] = 0;
    const char *got = ids_of(*line == '1' ? lower : cased, plain(text));
    cr_expect_str_eq(got, ids, "%c '%s': %s, not %s", *line, text, got, ids);
    lines++;
  }
  cr_expect_geq(lines, 70);
  l4r_free(golden);
  l4r_tokenizer_close(lower);
  l4r_tokenizer_close(cased);
}

/* A model folder keeps a tokenizer.json, whatever it was made of, and the same bytes each time. */
Test(wordpiece, its_copy_says_the_same) {
  const char *texts[] = {"Title: Caf\xc3\xa9 foxes-jumped!",
                         "\xc4\xb0 A B \xe6\x9d\xb1\xe4\xba\xac"};
  char from[L4R_PATH_MAX], copy[L4R_PATH_MAX], again[L4R_PATH_MAX], sha256[65], other[65],
      want[4096];
  for (int cased = 0; cased < 2; cased++) {
    snprintf(from, sizeof from, "%s",
             folder_with(cased ? "b" : "a", cased ? "{\"do_lower_case\": false}" : NULL));
    snprintf(copy, sizeof copy, "%s", test_path(cased ? "copy-b" : "copy-a"));
    snprintf(again, sizeof again, "%s", test_path("again"));
    test_ok(l4r_tokenizer_copy(from, copy));
    test_ok(l4r_tokenizer_copy(copy, again));
    test_ok(l4r_tokenizer_sha256(from, sha256));
    test_ok(l4r_tokenizer_sha256(again, other));
    cr_expect_str_eq(sha256, other);
    struct l4r_tokenizer *first = opened(from), *second = opened(copy);
    cr_expect_eq(l4r_tokenizer_size(first), l4r_tokenizer_size(second));
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
      snprintf(want, sizeof want, "%s", ids_of(first, texts[t]));
      cr_expect_str_eq(ids_of(second, texts[t]), want, "%s", texts[t]);
    }
    int32_t begin, end;
    l4r_tokenizer_frame(second, &begin, &end);
    cr_expect(begin == 2 && end == 3, "%d %d", begin, end);
    char text[8];
    test_fails((int)l4r_tokenizer_decode(second, &begin, 1, text, sizeof text), L4R_USAGE,
               "not decoded");
    l4r_tokenizer_close(first);
    l4r_tokenizer_close(second);
  }
}

static void json_fails(const char *json, const char *part) {
  struct l4r_tokenizer *tokenizer;
  test_fails(l4r_tokenizer_open(test_file("tokenizer.json", json), &tokenizer), L4R_INPUT, part);
}

#define NORMAL   "\"normalizer\":{\"type\":\"BertNormalizer\"}"
#define WORDS    "\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"}"
#define MODEL(v) "\"model\":{\"type\":\"WordPiece\",\"vocab\":" v "}"

Test(wordpiece, refuses_what_it_cannot_read) {
  json_fails("{" NORMAL "," WORDS "," MODEL("{\"[UNK]\":0,\"[CLS]\":1,\"a\":3}") "}",
             "piece 'a' has no number of its own among 0 .. 2");
  json_fails("{" NORMAL "," WORDS "," MODEL("{\"[UNK]\":0,\"[CLS]\":0}") "}",
             "no number of its own");
  json_fails("{" NORMAL "," WORDS "," MODEL("{\"[UNK]\":0,\"[CLS]\":1}") "}", "no piece '[SEP]'");
  json_fails("{" NORMAL "," WORDS "," MODEL("[]") "}", "'model.vocab' is not an object");
  json_fails("{\"normalizer\":{\"type\":\"NFC\"}," WORDS "," MODEL("{\"a\":0}") "}",
             "'normalizer' is of type NFC");
  json_fails("{" NORMAL ",\"pre_tokenizer\":{\"type\":\"Whitespace\"}," MODEL("{\"a\":0}") "}",
             "'pre_tokenizer' is of type Whitespace");
  struct l4r_tokenizer *tokenizer;
  test_fails(l4r_tokenizer_open(test_file("vocab.txt", "[UNK]\n[CLS]\na\na\n"), &tokenizer),
             L4R_INPUT, "line 4 repeats the piece 'a'");
  test_fails(l4r_tokenizer_open(test_file("vocab.txt", "[UNK]\na\n"), &tokenizer), L4R_INPUT,
             "no line '[CLS]'");
  test_fails(l4r_tokenizer_open(test_file("vocab.txt", "[UNK]\n\xff\n"), &tokenizer), L4R_INPUT,
             "byte 6 is no UTF-8");
  test_fails(l4r_tokenizer_open(folder_with("broken", "{"), &tokenizer), L4R_INPUT,
             "tokenizer_config.json:1: not valid JSON");
}

/* [CLS] and [SEP] count in the length, and stay where a text is cut. */
Test(wordpiece, frames_item_texts) {
  struct l4r_tokenizer *tokenizer = opened(folder_with("framed", NULL));
  struct l4r_dataset *dataset = test_dataset("framed-data", 0);
  int32_t *token;
  int64_t *start;
  test_fails(l4r_item_tokens(tokenizer, dataset, 1, &token, &start), L4R_USAGE, "at least 2");
  test_ok(l4r_item_tokens(tokenizer, dataset, 4, &token, &start));
  for (int64_t i = 1; i <= dataset->items; i++) {
    cr_expect_eq(token[start[i - 1]], 2);
    cr_expect_eq(token[start[i] - 1], 3);
    cr_expect_leq(start[i] - start[i - 1], 4);
  }
  l4r_free(token);
  l4r_free(start);
  for (int64_t i = 1; i <= dataset->items; i++)
    dataset->text[i].title = dataset->text[i].brand = dataset->text[i].categories = (char *)"";
  test_fails(l4r_item_tokens(tokenizer, dataset, 4, &token, &start), L4R_INPUT,
             "no item has a title, brand or category");
  l4r_tokenizer_close(tokenizer);
}
