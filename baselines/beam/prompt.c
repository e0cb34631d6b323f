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

enum { PARTS_MAX = 8 };

/* Parts ended by NULL; {user} and {history} are filled in. Only the question follows the history,
 * so that the newest item is where the relative position is finest. */
static const char *const wording_parts[][PARTS_MAX] = {
    {"user", "{user}", "saw", "{history}", "next:", NULL},
    {"after", "{history}", "what is next for user", "{user}", NULL},
    {"the items of user", "{user}", "in order:", "{history}", "and then:", NULL},
    {"user", "{user}", ":", "{history}", "what follows?", NULL},
};
enum { WORDINGS = sizeof wording_parts / sizeof *wording_parts };

struct part {
  enum { PART_END, PART_WORDS, PART_USER, PART_HISTORY } kind;
  int64_t begin, end; /* of words, in the word tokens */
};

struct l4r_prompts {
  struct l4r_prompt_spec spec;
  struct part part[WORDINGS][PARTS_MAX];
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

static int open_wording(struct l4r_prompts *prompts, int64_t wording) {
  const char *const *text = wording_parts[wording];
  struct part *part = prompts->part[wording];
  for (; *text; text++, part++) {
    part->begin = (int64_t)prompts->words;
    if (!strcmp(*text, "{user}")) {
      part->kind = PART_USER;
    } else if (!strcmp(*text, "{history}")) {
      part->kind = PART_HISTORY;
    } else {
      part->kind = PART_WORDS;
      int status = append(prompts->spec.tokenizer, *text, &prompts->word, &prompts->words,
                          &prompts->word_capacity);
      if (status) return status;
    }
    part->end = (int64_t)prompts->words;
  }
  part->kind = PART_END;
  return L4R_OK;
}

static int open_users(struct l4r_prompts *prompts) {
  prompts->user_start = l4r_alloc((size_t)prompts->spec.users + 1, sizeof *prompts->user_start,
                                  "user starts");
  if (!prompts->user_start) return L4R_ENVIRONMENT;
  for (int64_t user = 0; user < prompts->spec.users; user++) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, user + 1);
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

static void measure(struct l4r_prompts *prompts) {
  const struct l4r_id_tokens *ids = prompts->spec.ids;
  int64_t users = prompts->spec.users;
  double user_mean = users ? (double)prompts->user_tokens / (double)users : 0;
  int64_t user_longest = longest_user(prompts);
  prompts->mean_id = ids->items ? (double)ids->start[ids->items] / (double)ids->items : 0;
  for (int64_t wording = 0; wording < WORDINGS; wording++) {
    int64_t words = 1, named = 0; /* </s> */
    for (const struct part *part = prompts->part[wording]; part->kind != PART_END; part++) {
      words += part->end - part->begin;
      named += part->kind == PART_USER;
    }
    int64_t length = words + named * user_longest + prompts->spec.history * ids->longest;
    if (length > prompts->longest) prompts->longest = length;
    if (wording == L4R_PROMPT_SERVED)
      prompts->mean_fixed = (double)words + (double)named * user_mean;
  }
}

int l4r_prompts_open(const struct l4r_prompt_spec *spec, struct l4r_prompts **out) {
  struct l4r_prompts *prompts = l4r_alloc(1, sizeof *prompts, "prompts");
  if (!prompts) return L4R_ENVIRONMENT;
  prompts->spec = *spec;
  int status = open_users(prompts);
  for (int64_t wording = 0; !status && wording < WORDINGS; wording++)
    status = open_wording(prompts, wording);
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

int64_t l4r_prompt_wordings(void) {
  return WORDINGS;
}

const char *const *l4r_prompt_parts(int64_t wording) {
  return wording_parts[wording];
}

int64_t l4r_prompt_longest(const struct l4r_prompts *prompts) {
  return prompts->longest;
}

double l4r_prompt_mean(const struct l4r_prompts *prompts, int64_t items) {
  int64_t shown = items < prompts->spec.history ? items : prompts->spec.history;
  return prompts->mean_fixed + (double)shown * prompts->mean_id;
}

static int64_t copy(int32_t *out, const int32_t *token, int64_t begin, int64_t end) {
  memcpy(out, token + begin, (size_t)(end - begin) * sizeof *out);
  return end - begin;
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
    int64_t end = count + copy(token + count, ids->token, ids->start[item - 1], ids->start[item]);
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
