/* SPDX-License-Identifier: BSD-3-Clause */
/* Prompts and id strings with a real tokenizer: a prompt is the row of its parts' tokens. */
#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/prompt.h"
#include "baselines/beam/search/strings.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { ITEMS = 300, USERS = 25, HISTORY = 5, ROOM = 512 };

static struct l4r_tokenizer *tokenizer;
static struct l4r_id_map map;
static struct l4r_id_tokens ids;
static struct l4r_trie trie;

/* A vocabulary with pieces of several digits, so that one id has many spellings. */
static void open_all(enum l4r_id_form form) {
  static char text[400][40];
  const char *line[400];
  for (int i = 0; i < 400; i++) {
    snprintf(text[i], sizeof text[i], "title: film %d of %d", 1000 + i, 1990 + i % 10);
    line[i] = text[i];
  }
  const char *path = test_path("tokenizer.model");
  cr_assert_eq(l4r_tokenizer_train(line, 400, 90, path), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(l4r_tokenizer_open(path, &tokenizer), L4R_OK);
  static int64_t start[] = {0, 0};
  const struct l4r_dataset dataset = {.users = 1, .items = ITEMS, .train_start = start};
  cr_assert_eq(
      l4r_id_map_make(&dataset, &(struct l4r_id_spec){.scheme = L4R_IDS_RANDOM, .seed = 4}, &map),
      L4R_OK);
  cr_assert_eq(l4r_id_tokens_make(&map, form, tokenizer, l4r_tokenizer_size(tokenizer), &ids),
               L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(l4r_trie_build(&ids, &trie), L4R_OK, "%s", l4r_error_message());
}

static struct l4r_prompts *open_prompts(void) {
  const struct l4r_prompt_spec spec = {
      .tokenizer = tokenizer, .ids = &ids, .users = USERS, .history = HISTORY};
  struct l4r_prompts *prompts;
  cr_assert_eq(l4r_prompts_open(&spec, &prompts), L4R_OK, "%s", l4r_error_message());
  return prompts;
}

static int64_t append(int32_t *out, const char *text) {
  int64_t count = l4r_tokenizer_encode(tokenizer, text, out, ROOM);
  cr_assert_gt(count, 0);
  return count;
}

/* The same with paths: seven clusters, an eighth of two, and a place outside. */
static void open_paths(void) {
  open_all(L4R_IDS_DIGITS);
  l4r_trie_free(&trie);
  l4r_id_tokens_free(&ids);
  l4r_id_map_free(&map);
  map.items = ITEMS;
  map.start = l4r_alloc(ITEMS + 1, sizeof *map.start, "test");
  map.step = l4r_alloc(3 * ITEMS, sizeof *map.step, "test");
  for (int item = 1; item <= ITEMS; item++) {
    int32_t *step = map.step + map.start[item - 1];
    int place = 1 + (item - 1) / 14;
    int64_t used = 0;
    if (item < ITEMS) step[used++] = 1 + item % 7;
    if (item < ITEMS && item % 7 == 6) step[used++] = 1 + item % 2;
    step[used++] = item < ITEMS ? place + 22 * (item % 14 / 7) : 5;
    map.start[item] = map.start[item - 1] + used;
  }
  cr_assert_eq(
      l4r_id_tokens_make(&map, L4R_IDS_DIGITS, tokenizer, l4r_tokenizer_size(tokenizer), &ids),
      L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(l4r_trie_build(&ids, &trie), L4R_OK, "%s", l4r_error_message());
}

static int64_t write(const struct l4r_prompts *prompts, int64_t wording, int64_t user,
                     const l4r_item *history, int64_t length, int32_t *token) {
  const struct l4r_prompt_question question = {
      .wording = wording, .user = user, .history = history, .length = length};
  return l4r_prompt_write(prompts, &question, token, NULL);
}

Test(beam_prompt, is_the_row_of_its_parts) {
  open_all(L4R_IDS_DIGITS);
  struct l4r_prompts *prompts = open_prompts();
  const l4r_item history[] = {9, 3, 250, 17, 300, 1, 44};
  int32_t got[ROOM], expected[ROOM];
  int64_t count = 0;
  count += append(expected + count, "user");
  count += append(expected + count, "13");
  count += append(expected + count, "saw");
  for (int i = 2; i < 7; i++) { /* the newest five */
    char number[16];
    snprintf(number, sizeof number, "%d", (int)map.number[history[i]]);
    count += append(expected + count, number);
  }
  count += append(expected + count, "next:");
  expected[count++] = 1;
  cr_assert_eq(write(prompts, L4R_PROMPT_SERVED, 12, history, 7, got), count);
  for (int64_t i = 0; i < count; i++) cr_assert_eq(got[i], expected[i], "token %d", (int)i);
  uint64_t before = l4r_alloc_count();
  for (int64_t wording = 0; wording < l4r_prompt_wordings(L4R_PROMPTS_SHORT); wording++) {
    int64_t length = write(prompts, wording, 12, history, 7, got);
    cr_expect_leq(length, l4r_prompt_longest(prompts));
    cr_expect_eq(got[length - 1], 1);
  }
  cr_expect_eq(l4r_alloc_count(), before);
  l4r_prompts_close(prompts);
}

Test(beam_prompt, without_history_is_words_and_user) {
  open_all(L4R_IDS_TOKENS);
  struct l4r_prompts *prompts = open_prompts();
  int32_t none[ROOM], one[ROOM];
  const l4r_item history[] = {7};
  int64_t length = write(prompts, L4R_PROMPT_SERVED, 0, history, 0, none);
  cr_expect_gt(length, 3);
  cr_expect_eq(write(prompts, L4R_PROMPT_SERVED, 0, history, 1, one), length + 2);
  cr_expect_float_eq(l4r_prompt_mean(prompts, 40) - l4r_prompt_mean(prompts, 0), 2.0 * HISTORY,
                     1e-9, "five items of two tokens, however long the history");
  l4r_prompts_close(prompts);
}

Test(beam_prompt, words_say_how_many_items_are_newer) {
  open_all(L4R_IDS_TOKENS);
  struct l4r_prompts *prompts = open_prompts();
  const l4r_item history[] = {9, 3, 250, 17, 300, 1, 44};
  for (int64_t wording = 0; wording < l4r_prompt_wordings(L4R_PROMPTS_SHORT); wording++) {
    int32_t token[ROOM], word[ROOM], seen[HISTORY] = {0};
    const struct l4r_prompt_question question = {
        .wording = wording, .user = 3, .history = history, .length = 7};
    int64_t length = l4r_prompt_write(prompts, &question, token, word);
    for (int64_t i = 0; i < length; i++) {
      cr_expect_eq(word[i] >= 0, token[i] >= ids.first_own, "own tokens are items' alone");
      if (word[i] < 0) continue;
      cr_assert_lt(word[i], HISTORY);
      l4r_item item = history[6 - word[i]];
      cr_expect_eq(token[i], ids.token[ids.start[item - 1] + seen[word[i]]++]);
    }
    for (int i = 0; i < HISTORY; i++) cr_expect_eq(seen[i], 2, "item %d of the newest", i);
  }
  l4r_prompts_close(prompts);
}

/* What OpenP5's prompts say: the data set beside user and items, words before users and items,
 * commas between items; and the answer begins with the data set and the item's word. */
Test(beam_prompt, in_the_style_of_openp5_says_data_set_user_and_items) {
  const l4r_item history[] = {9, 3, 250, 17, 300, 1, 44};
  open_all(L4R_IDS_TOKENS);
  const struct l4r_model_config config = {.prompt = L4R_PROMPTS_OPENP5, .dataset_name = "films-2"};
  const int64_t plain = ids.longest;
  int32_t words[ROOM], got[ROOM], word[ROOM], expected[ROOM], own[ROOM];
  cr_assert_eq(l4r_prompt_answer(&config, tokenizer, &ids), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(ids.words, append(words, "FILMS2 item_"));
  cr_expect_eq(ids.longest, ids.words + plain);
  for (l4r_item item = 1; item <= ITEMS; item++) {
    cr_assert_eq(ids.start[item] - ids.start[item - 1], ids.words + 2);
    cr_assert_arr_eq(ids.token + ids.start[item - 1], words, (size_t)ids.words * sizeof *words);
  }
  const struct l4r_prompt_spec spec = {.tokenizer = tokenizer,
                                       .ids = &ids,
                                       .users = USERS,
                                       .history = HISTORY,
                                       .style = config.prompt,
                                       .dataset = config.dataset_name};
  struct l4r_prompts *prompts;
  cr_assert_eq(l4r_prompts_open(&spec, &prompts), L4R_OK, "%s", l4r_error_message());
  for (int64_t wording = 0; wording < l4r_prompt_wordings(config.prompt); wording++) {
    int64_t count = 0, at = 0;
    const char *const *part = l4r_prompt_parts(config.prompt, wording);
    for (; *part; part++) {
      if (!strcmp(*part, "{history}")) {
        for (int i = 2; i < 7; i++) {
          if (i > 2) count += append(expected + count, ",");
          count += append(expected + count, "item_");
          memcpy(expected + count, ids.token + ids.start[history[i] - 1] + ids.words,
                 2 * sizeof *expected);
          own[at++] = (int32_t)count;
          count += 2;
        }
      } else if (strstr(*part, "{user}")) {
        count += append(expected + count, "user_13");
      } else {
        count += append(expected + count, strcmp(*part, "{dataset}") ? *part : "FILMS2");
      }
    }
    expected[count++] = 1;
    const struct l4r_prompt_question question = {
        .wording = wording, .user = 12, .history = history, .length = 7};
    cr_assert_eq(l4r_prompt_write(prompts, &question, got, word), count, "wording %d",
                 (int)wording);
    cr_assert_arr_eq(got, expected, (size_t)count * sizeof *got, "wording %d", (int)wording);
    cr_expect_leq(count, l4r_prompt_longest(prompts));
    for (int64_t i = 0, item = 0; i < count; i++) {
      const int belongs = item < HISTORY && i >= own[item] && i < own[item] + 2;
      cr_assert_eq(word[i], belongs ? HISTORY - 1 - item : -1, "token %d", (int)i);
      item += belongs && i == own[item] + 1;
    }
    if (wording == L4R_PROMPT_SERVED) /* users 1 to 25 have one digit or two */
      cr_expect_float_eq(l4r_prompt_mean(prompts, 7), (double)count, 1.5);
  }
  l4r_prompts_close(prompts);
}

Test(beam_prompt, sentences_fill_all_blanks) {
  const char **line;
  int64_t count;
  cr_assert_eq(l4r_prompt_sentences(L4R_PROMPTS_SHORT, "films", &line, &count), L4R_OK);
  cr_expect_eq(count, 0);
  cr_assert_eq(l4r_prompt_sentences(L4R_PROMPTS_OPENP5, "--", &line, &count), L4R_OK);
  const int64_t plain = l4r_prompt_wordings(L4R_PROMPTS_OPENP5) + 1;
  cr_expect_eq(count, 2 * plain);
  for (int64_t i = 0; i < count; i++) {
    cr_expect(strstr(line[i], "DATA") && strstr(line[i], "item_"), "%s", line[i]);
    cr_expect(!strchr(line[i], '{') && !strchr(line[i], '}'), "%s", line[i]);
    cr_expect_eq(strstr(line[i], "user_") == NULL, i % plain == plain - 1, "%s", line[i]);
    cr_expect_eq(strstr(line[i], "recommend,") != NULL, i == plain, "%s", line[i]);
  }
  l4r_free(line);
}

Test(beam_strings, every_spelling_of_a_number_is_the_item) {
  open_all(L4R_IDS_DIGITS);
  struct l4r_strings *strings;
  cr_assert_eq(l4r_strings_open(L4R_IDS_DIGITS, &map, tokenizer, &trie, &strings), L4R_OK);
  int other_spellings = 0;
  for (l4r_item item = 1; item <= ITEMS; item++) {
    int64_t from = ids.start[item - 1], count = ids.start[item] - from;
    cr_assert_eq(l4r_strings_item(strings, ids.token + from, count), item);
    /* digit by digit; the first piece carries the space or not */
    char text[24];
    int32_t spelled[24];
    int64_t length = 0;
    snprintf(text, sizeof text, "%d", (int)map.number[item]);
    for (const char *c = text; *c; c++) {
      int32_t token[4];
      const char digit[] = {*c, 0};
      int64_t pieces = l4r_tokenizer_encode(tokenizer, digit, token, 4);
      cr_assert(pieces == 1 || pieces == 2);
      if (c == text && pieces == 2) spelled[length++] = token[0];
      if (c > text && pieces == 1) break; /* only "<space>digit" is known as one piece here */
      spelled[length++] = token[pieces - 1];
    }
    if (length < (int64_t)strlen(text)) continue;
    other_spellings += length != count;
    cr_expect_eq(l4r_strings_item(strings, spelled, length), item, "%s", text);
  }
  cr_expect_gt(other_spellings, 0, "the vocabulary has no pieces of several digits");
  l4r_strings_close(strings);
}

Test(beam_strings, what_is_no_number_of_an_item_is_invalid) {
  open_all(L4R_IDS_DIGITS);
  struct l4r_strings *strings;
  cr_assert_eq(l4r_strings_open(L4R_IDS_DIGITS, &map, tokenizer, &trie, &strings), L4R_OK);
  static const char *const bad[] = {"1000", "1301", "01001",     "10 01",
                                    "film", "100a", "1001 film", "10010000000000000"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    int32_t token[64];
    int64_t count = l4r_tokenizer_encode(tokenizer, bad[i], token, 64);
    cr_expect_eq(l4r_strings_item(strings, token, count), 0, "\"%s\"", bad[i]);
  }
  cr_expect_eq(l4r_strings_item(strings, NULL, 0), 0);
  cr_expect_eq(l4r_strings_item(strings, (int32_t[]){0}, 1), 0, "padding");
  cr_expect_eq(l4r_strings_item(strings, (int32_t[]){1 << 20}, 1), 0, "no such piece");
  l4r_strings_close(strings);
}

Test(beam_strings, a_spelled_path_is_its_item) {
  open_paths();
  struct l4r_strings *strings;
  cr_assert_eq(l4r_strings_open(L4R_IDS_DIGITS, &map, tokenizer, &trie, &strings), L4R_OK);
  for (l4r_item item = 1; item <= ITEMS; item++) {
    int64_t from = ids.start[item - 1];
    cr_assert_eq(l4r_strings_item(strings, ids.token + from, ids.start[item] - from), item);
  }
  static const struct {
    const char *text;
    l4r_item item;
  } row[] = {
      {"2 1001", 1},   {"1005", ITEMS},  {"7 1 1001", 6},    {"7 2 1023", 13},
      {"2 01001", 0},  {"2", 0},         {"7 1", 0},         {"7 1001", 0},
      {"2 1001 1", 0}, {"1001 2", 0},    {"21001", 0},       {"9 1001", 0},
      {"2 1", 0},      {"film 1001", 0}, {"2 film 1001", 0}, {"2 1001 ", 1},
  };
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    int32_t token[64];
    int64_t count = l4r_tokenizer_encode(tokenizer, row[i].text, token, 64);
    cr_expect_eq(l4r_strings_item(strings, token, count), row[i].item, "\"%s\"", row[i].text);
  }
  l4r_strings_close(strings);
}
