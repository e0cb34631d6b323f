/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/hash.h"
#include "impl/base/lines.h"
#include "impl/model/item_tokens.h"
#include "impl/model/tokenizer.h"

#include "impl/model/spm.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "tests/support/files.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_IDS = 512 };

static struct l4r_tokenizer *opened(const char *path) {
  struct l4r_tokenizer *tokenizer;
  cr_assert_eq(l4r_tokenizer_open(path, &tokenizer), 0, "%s", l4r_error_message());
  return tokenizer;
}

static struct l4r_tokenizer *trained(void) {
  const char *path = test_path("tokenizer.model");
  test_tokenizer(path);
  return opened(path);
}

/* The ids of a text as "3 17 4". */
static const char *ids_of(const struct l4r_tokenizer *tokenizer, const char *text) {
  static char out[MOST_IDS * 8];
  int32_t id[MOST_IDS];
  int64_t count = l4r_tokenizer_encode(tokenizer, text, id, MOST_IDS);
  cr_assert(count >= 0 && count <= MOST_IDS, "%s", l4r_error_message());
  size_t used = 0;
  out[0] = 0;
  for (int64_t i = 0; i < count; i++) {
    used += (size_t)snprintf(out + used, sizeof out - used, "%s%d", i ? " " : "", (int)id[i]);
  }
  return out;
}

/* Undoes the \t and \\ of a golden file, in place. */
static char *plain(char *text) {
  char *to = text;
  for (const char *from = text; *from; from++) {
    if (*from == '\\' && *++from == 't') {
      *to++ = '\t';
    } else {
      *to++ = *from;
    }
  }
  *to = 0;
  return text;
}

/* The model comes from one version of SentencePiece, because another one trains other pieces from
 * the same texts; every version must read it alike. */
Test(tokenizer, ids_of_a_model_equal_the_python_packages) {
  struct l4r_tokenizer *tokenizer = opened("tests/golden/tokenizer.model");
  cr_assert_eq(l4r_tokenizer_size(tokenizer), 160);
  const char *path = "tests/golden/tokenizer_ids.tsv";
  char *content, *line, decoded[1024];
  size_t bytes;
  cr_assert_eq(l4r_read_file(path, 1, &content, &bytes), 0, "%s", l4r_error_message());
  struct l4r_lines lines;
  l4r_lines_init(&lines, path, content, bytes);
  int checked = 0;
  while (l4r_lines_next(&lines, &line)) {
    if (line[0] == '#') continue;
    char *ids = strchr(line, '\t');
    *ids++ = 0;
    char *text = strchr(ids, '\t');
    *text++ = 0;
    cr_assert_str_eq(ids_of(tokenizer, plain(line)), ids, "of '%s'", line);
    int32_t id[MOST_IDS];
    int64_t count = l4r_tokenizer_encode(tokenizer, line, id, MOST_IDS);
    int64_t length = l4r_tokenizer_decode(tokenizer, id, count, decoded, sizeof decoded);
    cr_assert_eq(length, (int64_t)strlen(text));
    cr_assert_str_eq(decoded, text);
    checked++;
  }
  cr_assert_eq(checked, 22);
  l4r_free(content);
  l4r_tokenizer_close(tokenizer);
}

Test(tokenizer, t5_smalls_pieces_on_real_titles) {
  const char *model = test_shared("t5/spiece.model");
  const char *golden = test_shared("t5/golden_ml1m_title_tokens.tsv");
  if (!model || !golden) cr_skip_test("the T5 files of the development data are not here");
  char path[L4R_PATH_MAX];
  snprintf(path, sizeof path, "%s", golden);
  struct l4r_tokenizer *tokenizer = opened(model);
  cr_assert_eq(l4r_tokenizer_size(tokenizer), 32000);
  char *content, *line;
  size_t bytes;
  cr_assert_eq(l4r_read_file(path, 1, &content, &bytes), 0, "%s", l4r_error_message());
  struct l4r_lines lines;
  l4r_lines_init(&lines, path, content, bytes);
  int checked = 0;
  while (l4r_lines_next(&lines, &line)) {
    char *title = strchr(line, '\t');
    char *ids = title ? strchr(title + 1, '\t') : NULL;
    cr_assert_not_null(ids, "line %lld", (long long)lines.number);
    *ids = 0;
    cr_assert_str_eq(ids_of(tokenizer, title + 1), ids + 1, "of '%s'", title + 1);
    checked++;
  }
  cr_assert_gt(checked, 3000);
  l4r_free(content);
  l4r_tokenizer_close(tokenizer);
}

/* Where the library is the one that made the golden model, training here makes the same pieces;
 * their scores are made distinct, each by less than 1/64. */
Test(tokenizer, trained_here_equals_the_model_of_the_same_version) {
  char *ids, *content[2], line[64];
  size_t bytes;
  struct l4r_spm made, golden;
  cr_assert_eq(l4r_read_file("tests/golden/tokenizer_ids.tsv", 1, &ids, &bytes), 0);
  snprintf(line, sizeof line, "# sentencepiece %s, 160 pieces\n", l4r_tokenizer_version());
  const int same = strncmp(ids, line, strlen(line)) == 0;
  l4r_free(ids);
  if (!same)
    cr_skip_test("the golden model was trained by another version than this SentencePiece, %s",
                 l4r_tokenizer_version());
  test_tokenizer(test_path("tokenizer.model"));
  cr_assert_eq(l4r_read_file(test_path("tokenizer.model"), 0, &content[0], &bytes), 0);
  cr_assert_eq(l4r_spm_parse("made", content[0], bytes, &made), 0);
  cr_assert_eq(l4r_read_file("tests/golden/tokenizer.model", 0, &content[1], &bytes), 0);
  cr_assert_eq(l4r_spm_parse("golden", content[1], bytes, &golden), 0);
  cr_assert_eq(made.pieces, golden.pieces);
  for (int64_t p = 0; p < made.pieces; p++) {
    const struct l4r_spm_piece *a = &made.piece[p], *b = &golden.piece[p];
    cr_assert(a->type == b->type && a->bytes == b->bytes && !memcmp(a->text, b->text, a->bytes),
              "piece %d", (int)p);
    cr_assert(a->score <= b->score && a->score > b->score - 1.F / 64, "piece %d: %g, not %g",
              (int)p, a->score, b->score);
  }
  l4r_spm_free(&made);
  l4r_spm_free(&golden);
  l4r_free(content[0]);
  l4r_free(content[1]);
}

Test(tokenizer, training_twice_gives_the_same_bytes) {
  test_tokenizer(test_path("a.model"));
  test_tokenizer(test_path("b.model"));
  char a[65], b[65];
  cr_assert_eq(l4r_sha256_file(test_path("a.model"), a), 0);
  cr_assert_eq(l4r_sha256_file(test_path("b.model"), b), 0);
  cr_assert_str_eq(a, b);
}

Test(tokenizer, every_digit_is_known_even_where_no_line_has_one) {
  const char *line[] = {"only words in here", "and more words"};
  const char *path = test_path("words.model");
  cr_assert_eq(l4r_tokenizer_train(line, 2, 1000, path), 0, "%s", l4r_error_message());
  struct l4r_tokenizer *tokenizer = opened(path);
  for (char digit = '0'; digit <= '9'; digit++) {
    char text[2] = {digit, 0}, back[8];
    int32_t id[4];
    int64_t count = l4r_tokenizer_encode(tokenizer, text, id, 4);
    cr_assert(count >= 1 && count <= 2);
    cr_assert_neq(id[count - 1], 2, "digit %c is unknown", digit);
    cr_assert_eq(l4r_tokenizer_decode(tokenizer, id, count, back, sizeof back), 1);
    cr_assert_str_eq(back, text);
  }
  l4r_tokenizer_close(tokenizer);
}

Test(tokenizer, small_buffers_are_cut_and_lengths_are_whole) {
  struct l4r_tokenizer *tokenizer = trained();
  int32_t whole[64], cut[4] = {-7, -7, -7, -7};
  int64_t count = l4r_tokenizer_encode(tokenizer, "The quiet harbour", whole, 64);
  cr_assert_gt(count, 3);
  cr_assert_eq(l4r_tokenizer_encode(tokenizer, "The quiet harbour", cut, 3), count);
  cr_assert_arr_eq(cut, whole, 3 * sizeof *cut);
  cr_assert_eq(cut[3], -7);
  cr_assert_eq(l4r_tokenizer_encode(tokenizer, "The quiet harbour", NULL, 0), count);
  char text[6];
  int64_t length = l4r_tokenizer_decode(tokenizer, whole, count, text, sizeof text);
  cr_assert_eq(length, (int64_t)strlen("The quiet harbour"));
  cr_assert_str_eq(text, "The q");
  l4r_tokenizer_close(tokenizer);
}

Test(tokenizer, bad_files_are_refused_with_their_name) {
  struct l4r_tokenizer *tokenizer;
  test_fails(l4r_tokenizer_open(test_path("none.model"), &tokenizer), L4R_INPUT, "none.model");
  test_fails(l4r_tokenizer_open(test_file("empty.model", ""), &tokenizer), L4R_INPUT,
             "empty.model");
  test_fails(l4r_tokenizer_open(test_file("text.model", "hello"), &tokenizer), L4R_INPUT,
             "text.model: not a SentencePiece model");
  test_tokenizer(test_path("whole.model"));
  char *content;
  size_t bytes;
  cr_assert_eq(l4r_read_file(test_path("whole.model"), 0, &content, &bytes), 0);
  test_fails(l4r_tokenizer_open(test_bytes("cut.model", content, bytes / 2), &tokenizer), L4R_INPUT,
             "cut.model");
  l4r_free(content);
}

Test(tokenizer, bad_use_is_refused) {
  const char *empty[] = {"", " \t"}, *one[] = {"a word"};
  test_fails(l4r_tokenizer_train(empty, 2, 100, test_path("x.model")), L4R_INPUT, "no text");
  test_fails(l4r_tokenizer_train(one, 1, 5, test_path("x.model")), L4R_INPUT, "x.model");
  cr_assert_null(fopen(test_path("x.model"), "rb"));
  struct l4r_tokenizer *tokenizer = trained();
  char text[8];
  const int32_t bad[] = {3, 100000}, negative[] = {-1};
  test_fails((int)l4r_tokenizer_decode(tokenizer, bad, 2, text, 8), L4R_INPUT, "token 100000");
  test_fails((int)l4r_tokenizer_decode(tokenizer, negative, 1, text, 8), L4R_INPUT, "token -1");
  l4r_tokenizer_close(tokenizer);
}

Test(item_tokens, a_line_leaves_absent_fields_out) {
  char line[64];
  const struct l4r_item_text full = {"1", "Rain", "Northwind", "drama, sea"};
  const struct l4r_item_text part = {"1", "", "Northwind", ""}, none = {"1", "", "", ""};
  const char *whole = "title: Rain brand: Northwind categories: drama, sea";
  cr_assert_eq(l4r_item_line(&full, line, sizeof line), (int64_t)strlen(whole));
  cr_assert_str_eq(line, whole);
  l4r_item_line(&part, line, sizeof line);
  cr_assert_str_eq(line, "brand: Northwind");
  cr_assert_eq(l4r_item_line(&none, line, sizeof line), 0);
  cr_assert_str_eq(line, "");
  cr_assert_eq(l4r_item_line(&full, line, 9), (int64_t)strlen(whole));
  cr_assert_str_eq(line, "title: R");
}

Test(item_tokens, items_end_with_the_end_token_and_are_cut) {
  struct l4r_dataset *dataset = test_dataset("d", 0);
  struct l4r_tokenizer *tokenizer = trained();
  int32_t *token;
  int64_t *start;
  cr_assert_eq(l4r_item_tokens(tokenizer, dataset, 64, &token, &start), 0);
  cr_assert_eq(start[0], 0);
  for (int64_t item = 1; item <= dataset->items; item++) {
    char line[256];
    int32_t id[64];
    l4r_item_line(&dataset->text[item], line, sizeof line);
    int64_t count = l4r_tokenizer_encode(tokenizer, line, id, 64);
    cr_assert_eq(start[item] - start[item - 1], count + 1, "item %lld", (long long)item);
    cr_assert_arr_eq(token + start[item - 1], id, (size_t)count * sizeof *id);
    cr_assert_eq(token[start[item] - 1], 1);
  }
  cr_assert_eq(start[5] - start[4], 1, "an item without text is </s> alone");
  l4r_free(token);
  l4r_free(start);
  cr_assert_eq(l4r_item_tokens(tokenizer, dataset, 4, &token, &start), 0);
  cr_assert_eq(start[1], 4);
  cr_assert_eq(token[3], 1);
  l4r_free(token);
  l4r_free(start);
  test_fails(l4r_item_tokens(tokenizer, dataset, 0, &token, &start), L4R_USAGE, "text_length");
  l4r_tokenizer_close(tokenizer);
  l4r_dataset_close(dataset);
}
