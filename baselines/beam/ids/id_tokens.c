/* SPDX-License-Identifier: BSD-3-Clause */
/* Converts numbers and paths to token strings. In the form `digits`, "1042" or "3 11 1002" goes
 * through the tokenizer like any text, so that the model reads and writes ids with the pieces of
 * ordinary text (P5 as published). The other forms give ids tokens of their own: a coarse and a
 * fine one for a number, one per step of a path. */
#include "baselines/beam/ids/id_tokens.h"

#include "baselines/beam/ids/ids.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns the smallest base whose square is at least the catalogue. */
static int64_t level_base(int64_t items) {
  int64_t base = 1;
  while (base * base < items) base++;
  return base;
}

/* --- rows of paths --- */

static int compare_items(const void *left, const void *right, void *context) {
  return l4r_id_path_compare(context, *(const int64_t *)left, *(const int64_t *)right);
}

static int64_t path_length(const struct l4r_id_map *map, int64_t item) {
  return map->start[item] - map->start[item - 1];
}

static int64_t largest_place(const struct l4r_id_map *map) {
  int64_t most = 0;
  for (int64_t item = 1; item <= map->items; item++)
    if (map->step[map->start[item] - 1] > most) most = map->step[map->start[item] - 1];
  return most;
}

/* Sets `out` (as long as map->step) to the row of each step, from 0, and returns how many rows
 * there are. Last steps have the first rows: one per place, shared by all clusters, or one per
 * item. Clusters follow in the order of their paths: in sorted items, a cluster begins where the
 * steps above it or its own step change. */
static int64_t number_steps(const struct l4r_id_map *map, enum l4r_id_form form,
                            const int64_t *sorted, int32_t *out) {
  int items = form == L4R_IDS_ITEMS;
  int64_t rows = items ? map->items : largest_place(map);
  for (int64_t i = 0; i < map->items; i++) {
    int64_t item = sorted[i], at = map->start[item - 1], last = path_length(map, item) - 1;
    int64_t before = i ? map->start[sorted[i - 1] - 1] : 0;
    int64_t shared = i ? path_length(map, sorted[i - 1]) - 1 : 0; /* clusters that both share */
    for (int64_t s = 0; s < last; s++) {
      if (s < shared && map->step[at + s] == map->step[before + s]) {
        out[at + s] = out[before + s];
      } else {
        shared = s;
        out[at + s] = (int32_t)rows++;
      }
    }
    out[at + last] = (items ? (int32_t)item : map->step[at + last]) - 1;
  }
  return rows;
}

/* Sets `out` to the rows of semantic ids: those of the first level, the second, ..., the places;
 * returns how many there are. */
static int64_t number_codes(const struct l4r_id_map *map, int32_t *out) {
  int64_t rows = 0;
  for (int64_t level = 0; level <= map->levels; level++) {
    int32_t most = 0;
    for (int64_t item = 1; item <= map->items; item++) {
      const int64_t at = map->start[item - 1] + level;
      if (map->step[at] > most) most = map->step[at];
      out[at] = (int32_t)rows + map->step[at] - 1;
    }
    rows += most;
  }
  return rows;
}

static int path_rows(const struct l4r_id_map *map, enum l4r_id_form form, int32_t *out,
                     int64_t *rows) {
  if (map->levels) {
    *rows = number_codes(map, out);
    return L4R_OK;
  }
  int64_t *sorted = l4r_alloc((size_t)map->items, sizeof *sorted, "item ids in order");
  if (!sorted) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i < map->items; i++) sorted[i] = i + 1;
  qsort_r(sorted, (size_t)map->items, sizeof *sorted, compare_items, (void *)map);
  *rows = number_steps(map, form, sorted, out);
  l4r_free(sorted);
  return L4R_OK;
}

int l4r_id_own_rows(const struct l4r_id_map *map, enum l4r_id_form form, int64_t *rows) {
  *rows = 0;
  if (form == L4R_IDS_DIGITS || map->items <= 0) return L4R_OK;
  if (map->number && form == L4R_IDS_ITEMS)
    return l4r_fail(L4R_INPUT, "a number as a token of the item's own would make the beam a head; "
                               "item ids of the form 'items' are collaborative");
  if (map->levels && form == L4R_IDS_ITEMS)
    return l4r_fail(L4R_INPUT, "semantic item ids end with a place among items of the same codes; "
                               "a token of the item's own would make the codes idle");
  if (map->number) {
    int64_t base = level_base(map->items);
    *rows = (map->items + base - 1) / base + base;
    return L4R_OK;
  }
  int32_t *row = l4r_alloc((size_t)map->start[map->items], sizeof *row, "rows of item ids");
  int status = row ? path_rows(map, form, row, rows) : L4R_ENVIRONMENT;
  l4r_free(row);
  return status;
}

void l4r_id_tokens_free(struct l4r_id_tokens *tokens) {
  if (!tokens) return;
  l4r_free(tokens->start);
  l4r_free(tokens->token);
  *tokens = (struct l4r_id_tokens){0};
}

static int write_path_tokens(const struct l4r_id_map *map, enum l4r_id_form form,
                             struct l4r_id_tokens *tokens) {
  int64_t rows;
  int status = path_rows(map, form, tokens->token, &rows);
  if (status) return status;
  for (int64_t at = 0; at < map->start[map->items]; at++)
    tokens->token[at] += (int32_t)tokens->first_own;
  for (int64_t item = 1; item <= map->items; item++) tokens->start[item] = map->start[item];
  return L4R_OK;
}

static void write_levels(const struct l4r_id_map *map, struct l4r_id_tokens *tokens) {
  int64_t base = level_base(map->items), coarse = (map->items + base - 1) / base;
  for (int64_t item = 1; item <= map->items; item++) {
    int64_t rank = map->number[item] - L4R_FIRST_ID;
    int32_t *out = tokens->token + 2 * (item - 1);
    out[0] = (int32_t)(tokens->first_own + rank / base);
    out[1] = (int32_t)(tokens->first_own + coarse + rank % base);
    tokens->start[item] = 2 * item;
  }
}

enum { NUMBER_TEXT = 12, ID_TEXT = 1024 }; /* bytes of a number and its space; of an id */

/* Writes the id as text and returns its length. */
static size_t spell(const struct l4r_id_map *map, int64_t item, char *text, size_t room) {
  size_t used = 0;
  if (map->number) {
    l4r_text_add(text, room, &used, "%" PRId64, map->number[item]);
    return used;
  }
  int64_t last = map->start[item] - 1;
  for (int64_t at = map->start[item - 1]; at < last; at++)
    l4r_text_add(text, room, &used, "%" PRId32 " ", map->step[at]);
  l4r_text_add(text, room, &used, "%d", L4R_FIRST_ID - 1 + map->step[last]);
  return used;
}

static int write_digits(const struct l4r_id_map *map, const struct l4r_tokenizer *tokenizer,
                        int64_t capacity, struct l4r_id_tokens *tokens) {
  int64_t used = 0;
  for (int64_t item = 1; item <= map->items; item++) {
    char text[ID_TEXT];
    spell(map, item, text, ID_TEXT);
    int64_t count = l4r_tokenizer_encode(tokenizer, text, tokens->token + used, capacity - used);
    if (count < 0) return (int)count;
    if (count == 0 || used + count > capacity)
      return l4r_fail(L4R_INPUT,
                      "tokenizer.model writes item id %s with %" PRId64
                      " tokens; use a vocabulary that holds the digits",
                      text, count);
    used += count;
    tokens->start[item] = used;
  }
  return L4R_OK;
}

int l4r_id_tokens_make(const struct l4r_id_map *map, enum l4r_id_form form,
                       const struct l4r_tokenizer *tokenizer, int64_t first_own,
                       struct l4r_id_tokens *tokens) {
  int64_t items = map->items, own;
  /* A text never has more tokens than characters and the leading space. */
  int64_t room = map->number ? items * 2 * NUMBER_TEXT : map->start[items] * NUMBER_TEXT;
  int status = l4r_id_own_rows(map, form, &own);
  if (status) return status;
  struct l4r_id_tokens made = {.items = items, .first_own = first_own, .own = own};
  made.start = l4r_alloc((size_t)items + 1, sizeof *made.start, "item id starts");
  made.token = l4r_alloc((size_t)room, sizeof *made.token, "item id tokens");
  status = made.start && made.token ? L4R_OK : L4R_ENVIRONMENT;
  if (!status && form == L4R_IDS_DIGITS)
    status = write_digits(map, tokenizer, room, &made);
  else if (!status && map->number)
    write_levels(map, &made);
  else if (!status)
    status = write_path_tokens(map, form, &made);
  for (int64_t item = 1; !status && item <= items; item++) {
    int64_t length = made.start[item] - made.start[item - 1];
    if (length > made.longest) made.longest = length;
  }
  if (status)
    l4r_id_tokens_free(&made);
  else
    *tokens = made;
  return status;
}

int l4r_id_tokens_begin(struct l4r_id_tokens *tokens, const int32_t *word, int64_t words) {
  const int64_t items = tokens->items;
  int32_t *made = l4r_alloc((size_t)(tokens->start[items] + items * words), sizeof *made,
                            "item id tokens");
  if (!made) return L4R_ENVIRONMENT;
  for (int64_t item = 1, from = 0; item <= items; item++) {
    const int64_t end = tokens->start[item];
    int32_t *to = made + from + (item - 1) * words;
    memcpy(to, word, (size_t)words * sizeof *to);
    memcpy(to + words, tokens->token + from, (size_t)(end - from) * sizeof *to);
    tokens->start[item] = end + item * words;
    from = end;
  }
  l4r_free(tokens->token);
  tokens->token = made;
  tokens->words = words;
  tokens->longest += words;
  return L4R_OK;
}
