/* SPDX-License-Identifier: BSD-3-Clause */
/* Prompts as rows of prepared token strings; prompt.h says why. Wordings are short, because every
 * token of a prompt costs time in the encoder and again in each cross-attention. */
#include "baselines/beam/prompt.h"

#include "baselines/beam/ids/id_tokens.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct part {
  enum { PART_END, PART_WORDS, PART_USER, PART_HISTORY } kind;
  int64_t begin, end; /* of words, in the word tokens */
};

struct l4r_prompts {
  struct l4r_prompt_spec spec;
  int64_t wordings;
  struct part part[L4R_PROMPT_WORDINGS_MAX][L4R_PROMPT_PARTS_MAX];
  struct part before, between; /* of items; empty in a style without affixes */
  int64_t longest;
  double mean_fixed, mean_id; /* tokens of the served wording without history; of an item id */
  int32_t *word;              /* tokens of all fixed words */
  size_t words, word_capacity;
  int64_t *user_start; /* [users + 1] */
  int32_t *user_token;
  size_t user_tokens, user_capacity;
};

/* Appends a text's tokens to a growing array. */
static int append(const struct l4r_tokenizer *tokenizer, const char *text, int32_t **token,
                  size_t *count, size_t *capacity) {
  size_t most = strlen(text) + 1; /* a piece is at least a byte, and the leading space */
  if (*count + most > *capacity) {
    size_t wanted = 2 * (*count + most);
    int status = l4r_grow(token, capacity, wanted, sizeof **token, "prompt tokens");
    if (status) return status;
  }
  int64_t written = l4r_tokenizer_encode(tokenizer, text, *token + *count, (int64_t)most);
  if (written < 0) return (int)written;
  if ((size_t)written > most)
    return l4r_fail(L4R_INPUT, "tokenizer.model writes \"%s\" with %" PRId64 " tokens", text,
                    written);
  *count += (size_t)written;
  return L4R_OK;
}

/* Makes a part of fixed words; without any, it is empty. */
static int open_words(struct l4r_prompts *prompts, const char *text, struct part *part) {
  int status = L4R_OK;
  *part = (struct part){.kind = PART_WORDS, .begin = (int64_t)prompts->words};
  if (*text)
    status = append(prompts->spec.tokenizer, text, &prompts->word, &prompts->words,
                    &prompts->word_capacity);
  part->end = (int64_t)prompts->words;
  return status;
}

static int open_wording(struct l4r_prompts *prompts, int64_t wording) {
  const char *const *text = l4r_prompt_parts(prompts->spec.style, wording);
  struct part *part = prompts->part[wording];
  char name[L4R_PROMPT_NAME] = "";
  if (prompts->spec.dataset) l4r_prompt_dataset(prompts->spec.dataset, name);
  for (; *text; text++, part++) {
    const int64_t at = (int64_t)prompts->words;
    if (strstr(*text, "{user}")) {
      *part = (struct part){PART_USER, at, at};
    } else if (!strcmp(*text, "{history}")) {
      *part = (struct part){PART_HISTORY, at, at};
    } else {
      const int named = !strcmp(*text, "{dataset}");
      int status = open_words(prompts, named ? name : *text, part);
      if (status) return status;
    }
  }
  part->kind = PART_END;
  return L4R_OK;
}

static int open_users(struct l4r_prompts *prompts) {
  prompts->user_start = l4r_alloc((size_t)prompts->spec.users + 1, sizeof *prompts->user_start,
                                  "user starts");
  if (!prompts->user_start) return L4R_ENVIRONMENT;
  for (int64_t user = 0; user < prompts->spec.users; user++) {
    char text[48];
    l4r_prompt_user(prompts->spec.style, user + 1, text, sizeof text);
    int status = append(prompts->spec.tokenizer, text, &prompts->user_token, &prompts->user_tokens,
                        &prompts->user_capacity);
    if (status) return status;
    prompts->user_start[user + 1] = (int64_t)prompts->user_tokens;
  }
  return L4R_OK;
}

static int64_t longest_user(const struct l4r_prompts *prompts) {
  int64_t longest = 0;
  for (int64_t user = 0; user < prompts->spec.users; user++) {
    int64_t length = prompts->user_start[user + 1] - prompts->user_start[user];
    if (length > longest) longest = length;
  }
  return longest;
}

static int64_t length_of(const struct part *part) {
  return part->end - part->begin;
}

static void measure(struct l4r_prompts *prompts) {
  const struct l4r_id_tokens *ids = prompts->spec.ids;
  int64_t users = prompts->spec.users;
  double user_mean = users ? (double)prompts->user_tokens / (double)users : 0;
  int64_t user_longest = longest_user(prompts);
  const int64_t around = length_of(&prompts->before) + length_of(&prompts->between) - ids->words;
  prompts->mean_id = ids->items ? (double)ids->start[ids->items] / (double)ids->items : 0;
  prompts->mean_id += (double)around;
  for (int64_t wording = 0; wording < prompts->wordings; wording++) {
    int64_t words = 1, named = 0; /* </s> */
    for (const struct part *part = prompts->part[wording]; part->kind != PART_END; part++) {
      words += part->end - part->begin;
      named += part->kind == PART_USER;
    }
    int64_t length = words + named * user_longest + prompts->spec.history * (ids->longest + around);
    if (length > prompts->longest) prompts->longest = length;
    if (wording == L4R_PROMPT_SERVED)
      prompts->mean_fixed = (double)words + (double)named * user_mean;
  }
}

int l4r_prompts_open(const struct l4r_prompt_spec *spec, struct l4r_prompts **out) {
  struct l4r_prompts *prompts = l4r_alloc(1, sizeof *prompts, "prompts");
  if (!prompts) return L4R_ENVIRONMENT;
  prompts->spec = *spec;
  prompts->wordings = l4r_prompt_wordings(spec->style);
  const struct l4r_prompt_affixes *affixes = l4r_prompt_affixes(spec->style);
  int status = open_users(prompts);
  for (int64_t wording = 0; !status && wording < prompts->wordings; wording++)
    status = open_wording(prompts, wording);
  if (!status) status = open_words(prompts, affixes ? affixes->before : "", &prompts->before);
  if (!status) status = open_words(prompts, affixes ? affixes->between : "", &prompts->between);
  prompts->spec.dataset = NULL; /* the caller's */
  if (status) {
    l4r_prompts_close(prompts);
    return status;
  }
  measure(prompts);
  *out = prompts;
  return L4R_OK;
}

void l4r_prompts_close(struct l4r_prompts *prompts) {
  if (!prompts) return;
  l4r_free(prompts->word);
  l4r_free(prompts->user_start);
  l4r_free(prompts->user_token);
  l4r_free(prompts);
}

int64_t l4r_prompt_longest(const struct l4r_prompts *prompts) {
  return prompts->longest;
}

double l4r_prompt_mean(const struct l4r_prompts *prompts, int64_t items) {
  int64_t shown = items < prompts->spec.history ? items : prompts->spec.history;
  const double between = (double)length_of(&prompts->between);
  return prompts->mean_fixed + (double)shown * prompts->mean_id - (shown ? between : 0);
}

static int64_t copy(int32_t *out, const int32_t *token, int64_t begin, int64_t end) {
  memcpy(out, token + begin, (size_t)(end - begin) * sizeof *out);
  return end - begin;
}

/* Writes the words of a part, which belong to no item. */
static int64_t write_words(const struct l4r_prompts *prompts, const struct part *part,
                           int32_t *token, int32_t *word) {
  const int64_t count = copy(token, prompts->word, part->begin, part->end);
  for (int64_t i = 0; word && i < count; i++) word[i] = -1;
  return count;
}

/* Writes the tokens of all shown items, and which item each of them belongs to. */
static int64_t write_items(const struct l4r_prompts *prompts,
                           const struct l4r_prompt_question *question, int32_t *token,
                           int32_t *word) {
  const struct l4r_id_tokens *ids = prompts->spec.ids;
  int64_t count = 0, length = question->length;
  int64_t first = length > prompts->spec.history ? length - prompts->spec.history : 0;
  for (int64_t i = first; i < length; i++) {
    l4r_item item = question->history[i];
    if (i > first)
      count += write_words(prompts, &prompts->between, token + count, word ? word + count : NULL);
    count += write_words(prompts, &prompts->before, token + count, word ? word + count : NULL);
    int64_t end = count + copy(token + count, ids->token, ids->start[item - 1] + ids->words,
                               ids->start[item]);
    for (; count < end; count++)
      if (word) word[count] = (int32_t)(length - 1 - i);
  }
  return count;
}

int64_t l4r_prompt_write(const struct l4r_prompts *prompts,
                         const struct l4r_prompt_question *question, int32_t *token,
                         int32_t *word) {
  int64_t count = 0;
  for (const struct part *part = prompts->part[question->wording]; part->kind != PART_END; part++) {
    if (part->kind == PART_HISTORY) {
      count += write_items(prompts, question, token + count, word ? word + count : NULL);
      continue;
    }
    int64_t begin = count;
    if (part->kind == PART_WORDS)
      count += copy(token + count, prompts->word, part->begin, part->end);
    if (part->kind == PART_USER)
      count += copy(token + count, prompts->user_token, prompts->user_start[question->user],
                    prompts->user_start[question->user + 1]);
    for (; word && begin < count; begin++) word[begin] = -1;
  }
  if (word) word[count] = -1;
  token[count++] = L4R_END_TOKEN;
  return count;
}
