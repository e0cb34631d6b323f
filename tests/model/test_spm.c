/* SPDX-License-Identifier: BSD-3-Clause */
/* SentencePiece files of our own making: from tokenizer.json, with distinct scores. */
#include "impl/base/lines.h"
#include "impl/model/spm.h"
#include "impl/model/tokenizer.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 512 };

static struct l4r_tokenizer *opened(const char *path) {
  struct l4r_tokenizer *tokenizer;
  test_ok(l4r_tokenizer_open(path, &tokenizer));
  return tokenizer;
}

static const char *ids_of(const struct l4r_tokenizer *tokenizer, const char *text,
                          char out[MOST * 8]) {
  int32_t id[MOST];
  const int64_t count = l4r_tokenizer_encode(tokenizer, text, id, MOST);
  size_t used = 0;
  cr_assert(count >= 0 && count <= MOST, "%s", l4r_error_message());
  *out = '\0';
  for (int64_t i = 0; i < count; i++)
    used += (size_t)snprintf(out + used, MOST * 8 - used, "%d ", (int)id[i]);
  return out;
}

static void same_ids(const struct l4r_tokenizer *a, const struct l4r_tokenizer *b,
                     const char *text) {
  char x[MOST * 8], y[MOST * 8];
  cr_assert_str_eq(ids_of(a, text, x), ids_of(b, text, y), "of '%s'", text);
}

/* The pieces of a model file as transformers 5 writes them: normaliser and pre-tokenisers given. */
static json_t *json_of(const char *model, const char *normalizer, const char *pre_tokenizer) {
  char *content;
  size_t bytes;
  struct l4r_spm spm;
  json_t *vocab = json_array();
  test_ok(l4r_read_file(model, 0, &content, &bytes));
  test_ok(l4r_spm_parse(model, content, bytes, &spm));
  for (int64_t p = 0; p < spm.pieces; p++)
    json_array_append_new(vocab, json_pack("[s%, f]", spm.piece[p].text, spm.piece[p].bytes,
                                           (double)spm.piece[p].score));
  json_array_append_new(vocab, json_pack("[s, f]", "<extra_id_0>", 0.));
  json_t *root = json_pack("{s:s, s:[{s:I, s:s, s:b}], s:o, s:o, s:{s:s, s:i, s:b, s:o}}",
                           "version", "1.0", "added_tokens", "id", (json_int_t)spm.pieces,
                           "content", "<extra_id_0>", "special", 1, "normalizer",
                           json_loads(normalizer, JSON_DECODE_ANY, NULL), "pre_tokenizer",
                           json_loads(pre_tokenizer, JSON_DECODE_ANY, NULL), "model", "type",
                           "Unigram", "unk_id", 2, "byte_fallback", 0, "vocab", vocab);
  cr_assert(root);
  l4r_spm_free(&spm);
  l4r_free(content);
  return root;
}

static const char METASPACE[] = "{\"type\": \"Metaspace\", \"replacement\": \"\xe2\x96\x81\", "
                                "\"prepend_scheme\": \"always\", \"split\": true}";
static const char SPLIT[] = "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": "
                            "\"WhitespaceSplit\"}, {\"type\": \"Metaspace\", \"replacement\": "
                            "\"\xe2\x96\x81\", \"prepend_scheme\": \"always\"}]}";

static const char *write_json(const json_t *root) {
  char *text = json_dumps(root, 0);
  test_file("tokenizer.json", text);
  free(text);
  return test_path("tokenizer.json");
}

Test(spm, a_tokenizer_json_divides_texts_as_its_sentencepiece_model) {
  static const char *const texts[] = {"title: The quiet harbour",
                                      "the harbour 1995",
                                      "a  b   c",
                                      "12345",
                                      "harbour, quiet: the",
                                      "x",
                                      ""};
  test_tokenizer(test_path("tokenizer.model"));
  const char *model = test_path("tokenizer.model");
  struct l4r_tokenizer *its = opened(model);
  struct l4r_tokenizer *json = opened(write_json(json_of(model, "null", SPLIT)));
  cr_assert_eq(l4r_tokenizer_size(json), l4r_tokenizer_size(its) + 1);
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) same_ids(its, json, texts[t]);
  test_ok(l4r_tokenizer_copy(test_path("tokenizer.json"), test_path("copy.model")));
  struct l4r_tokenizer *copy = opened(test_path("copy.model"));
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) same_ids(json, copy, texts[t]);
  char first[MOST * 8];
  cr_assert_null(strstr(ids_of(json, "<extra_id_0>", first), "500"), "a sentinel is no text");
  l4r_tokenizer_close(copy);
  l4r_tokenizer_close(json);
  l4r_tokenizer_close(its);
}

Test(spm, t5_smalls_tokenizer_json_on_real_titles) {
  const char *shared = test_shared("t5/tokenizer.json");
  if (!shared) cr_skip_test("the T5 files of the development data are not here");
  char json_path[L4R_PATH_MAX], *content, *line;
  size_t bytes;
  int checked = 0;
  snprintf(json_path, sizeof json_path, "%s", shared);
  struct l4r_tokenizer *json = opened(json_path), *its = opened(test_shared("t5/spiece.model"));
  const char *golden = test_shared("t5/golden_ml1m_title_tokens.tsv");
  test_ok(l4r_read_file(golden, 1, &content, &bytes));
  struct l4r_lines lines;
  l4r_lines_init(&lines, golden, content, bytes);
  while (l4r_lines_next(&lines, &line)) {
    char *title = strchr(line, '\t') + 1;
    *strchr(title, '\t') = '\0';
    same_ids(its, json, title);
    checked++;
  }
  cr_assert_gt(checked, 3000);
  same_ids(its, json,
           "\xef\xbd\x86\xef\xbd\x95ll width \xc2\xbd, \xe2\x84\xa2; e\xcc\x81t\xc3\xa9");
}

/* Kinds of tokenizer.json that are no SentencePiece model are refused by the member. */
Test(spm, what_sentencepiece_has_not_is_refused_by_name) {
  struct l4r_tokenizer *tokenizer;
  test_tokenizer(test_path("tokenizer.model"));
  const char *model = test_path("tokenizer.model");
  static const struct {
    const char *normalizer, *pre_tokenizer, *names;
  } bad[] = {{"{\"type\": \"Lowercase\"}", METASPACE, "'normalizer' of type Lowercase"},
             {"{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFD\"}]}", METASPACE, "NFD"},
             {"{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"!!\"}", METASPACE, "base64"},
             {"null", "{\"type\": \"ByteLevel\"}", "'pre_tokenizer' of type ByteLevel"},
             {"null", "{\"type\": \"Metaspace\", \"replacement\": \"_\"}", "U+2581"}};
  for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
    const char *path = write_json(json_of(model, bad[b].normalizer, bad[b].pre_tokenizer));
    test_fails(l4r_tokenizer_open(path, &tokenizer), L4R_INPUT, bad[b].names);
  }
  json_t *root = json_of(model, "null", METASPACE);
  json_object_set_new(json_object_get(root, "model"), "type", json_string("BPE"));
  test_fails(l4r_tokenizer_open(write_json(root), &tokenizer), L4R_INPUT, "'model' of type BPE");
  root = json_of(model, "null", METASPACE);
  json_object_set_new(json_object_get(root, "model"), "unk_id", json_integer(0));
  test_fails(l4r_tokenizer_open(write_json(root), &tokenizer), L4R_INPUT, "unk_id");
  root = json_of(model, "null", METASPACE);
  json_array_append_new(json_object_get(root, "added_tokens"),
                        json_pack("{s:i, s:s, s:b}", "id", 7, "content", "word", "special", 0));
  test_fails(l4r_tokenizer_open(write_json(root), &tokenizer), L4R_INPUT, "added token 7");
  test_file("tokenizer.json", "{\"model\": ");
  test_fails(l4r_tokenizer_open(test_path("tokenizer.json"), &tokenizer), L4R_INPUT, "JSON");
}

/* A tokenizer trained here: no two scores alike, so no release breaks a tie its own way. */
Test(spm, scores_of_a_trained_tokenizer_are_distinct) {
  char *content;
  size_t bytes;
  struct l4r_spm spm;
  test_tokenizer(test_path("tokenizer.model"));
  test_ok(l4r_read_file(test_path("tokenizer.model"), 0, &content, &bytes));
  test_ok(l4r_spm_parse("tokenizer.model", content, bytes, &spm));
  int64_t normal = 0;
  for (int64_t a = 0; a < spm.pieces; a++) {
    if (spm.piece[a].type != L4R_SPM_NORMAL) continue;
    normal++;
    for (int64_t b = 0; b < a; b++)
      if (spm.piece[b].type == L4R_SPM_NORMAL)
        cr_assert(spm.piece[a].score < spm.piece[b].score ||
                      spm.piece[a].score > spm.piece[b].score,
                  "pieces %d and %d", (int)a, (int)b);
  }
  cr_assert_gt(normal, 40);
  char *again = l4r_alloc(bytes, 1, "a copy");
  memcpy(again, content, bytes);
  for (size_t cut = 1; cut < bytes;
       cut += bytes / 97 + 1) { /* cut short: told, or a shorter model */
    struct l4r_spm part;
    l4r_spm_parse("cut", again, cut, &part);
    l4r_spm_free(&part);
  }
  l4r_spm_free(&spm);
}

/* The optimum of a text is no longer one of several: "1" + "23" beside "12" + "3" of equal scores.
 */
Test(spm, ties_between_divisions_are_broken_by_the_scores) {
  static const char *const text[] = {"<pad>", "</s>", "<unk>", "\xe2\x96\x81", "1", "2",
                                     "3",     "12",   "23"};
  struct l4r_spm spm = {.pieces = 9, .add_dummy_prefix = 1, .escape_whitespaces = 1};
  struct l4r_spm_piece piece[9];
  for (int p = 0; p < 9; p++)
    piece[p] = (struct l4r_spm_piece){.text = text[p],
                                      .bytes = strlen(text[p]),
                                      .score = p < 3 ? 0 : -2,
                                      .type = p == 2  ? L4R_SPM_UNKNOWN
                                              : p < 2 ? L4R_SPM_CONTROL
                                                      : L4R_SPM_NORMAL};
  spm.piece = piece;
  char *content;
  size_t bytes;
  test_ok(l4r_spm_build(&spm, &content, &bytes));
  test_ok(l4r_spm_distinct("made", content, bytes));
  struct l4r_spm made;
  test_ok(l4r_spm_parse("made", content, bytes, &made));
  const float left = made.piece[4].score + made.piece[8].score;
  const float right = made.piece[7].score + made.piece[6].score;
  cr_assert(left - right > 1e-5F || right - left > 1e-5F, "%g beside %g", left, right);
  for (int p = 3; p < 9; p++)
    cr_assert(made.piece[p].score <= -2 && made.piece[p].score > -2 - 1.F / 64);
  test_bytes("made.model", content, bytes);
  struct l4r_tokenizer *tokenizer = opened(test_path("made.model"));
  char ids[MOST * 8];
  cr_assert_str_eq(ids_of(tokenizer, "123", ids), left > right ? "3 4 8 " : "3 7 6 ");
  l4r_tokenizer_close(tokenizer);
}
