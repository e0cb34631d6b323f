/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the input of the Item LLM: one line with an item's fields, as tokens. */
#include "impl/model/item_tokens.h"

#include "impl/model/tokenizer.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <stdio.h>
#include <string.h>

int64_t l4r_item_line(const struct l4r_item_text *text, char *line, int64_t capacity) {
  const char *const names[] = {"title", "brand", "categories"};
  const char *const fields[] = {text->title, text->brand, text->categories};
  int64_t used = 0;
  if (capacity > 0) line[0] = 0;
  for (int i = 0; i < 3; i++) {
    if (!fields[i][0]) continue;
    size_t room = used < capacity ? (size_t)(capacity - used) : 0;
    used += snprintf(room ? line + used : NULL, room, "%s%s: %s", used ? " " : "", names[i],
                     fields[i]);
  }
  return used;
}

struct pile { /* the tokens so far, and buffers for one line and its tokens */
  int32_t *token;
  size_t capacity;
  int64_t count;
  char *line;
  size_t line_capacity;
};

static int add_item(struct pile *pile, const struct l4r_tokenizer *tokenizer,
                    const struct l4r_item_text *text, int64_t text_length) {
  int64_t bytes = l4r_item_line(text, NULL, 0);
  int status = l4r_grow(&pile->line, &pile->line_capacity, (size_t)bytes + 1, 1,
                        "an item's line of text");
  if (!status) {
    status = l4r_grow(&pile->token, &pile->capacity, (size_t)(pile->count + text_length),
                      sizeof *pile->token, "the tokens of all items");
  }
  if (status) return status;
  l4r_item_line(text, pile->line, bytes + 1);
  int32_t begin, end;
  l4r_tokenizer_frame(tokenizer, &begin, &end);
  if (begin >= 0) pile->token[pile->count++] = begin;
  int64_t room = text_length - 1 - (begin >= 0);
  int64_t found = l4r_tokenizer_encode(tokenizer, pile->line, pile->token + pile->count, room);
  if (found < 0) return (int)found;
  pile->count += found < room ? found : room;
  pile->token[pile->count++] = end;
  return L4R_OK;
}

int l4r_item_tokens(const struct l4r_tokenizer *tokenizer, const struct l4r_dataset *dataset,
                    int64_t text_length, int32_t **token, int64_t **start) {
  if (text_length < 1 + l4r_tokenizer_is_wordpiece(tokenizer))
    return l4r_fail(L4R_USAGE, "text_length must be at least %d",
                    1 + l4r_tokenizer_is_wordpiece(tokenizer));
  if (!dataset->text) return l4r_fail(L4R_USAGE, "the data set was opened without item texts");
  struct pile pile = {0};
  int64_t texts = 0;
  int64_t *starts = l4r_alloc((size_t)dataset->items + 1, sizeof *starts, "item token places");
  int status = starts ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t item = 1; item <= dataset->items && !status; item++) {
    status = add_item(&pile, tokenizer, &dataset->text[item], text_length);
    if (status) l4r_fail_context(status, "item %lld", (long long)item);
    starts[item] = pile.count;
    texts += l4r_item_line(&dataset->text[item], NULL, 0) > 0;
  }
  if (!status && !texts)
    status = l4r_fail(L4R_INPUT,
                      "%s/items.tsv: no item has a title, brand or category, so that a text would "
                      "tell no item from another; import the data set with its texts, or train "
                      "with --items id",
                      dataset->path);
  l4r_free(pile.line);
  if (status) {
    l4r_free(pile.token);
    l4r_free(starts);
    return status;
  }
  *token = pile.token;
  *start = starts;
  return L4R_OK;
}
