/* From numbers to token strings. "1042" goes through the tokenizer as it stands, so that the model
 * reads and writes ids with the pieces of ordinary text (P5 as published). The other form gives
 * every id two tokens of its own, a coarse and a fine one. */
#include "baselines/beam/ids.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <inttypes.h>
#include <stdio.h>

/* Smallest base whose square holds the catalogue. */
static int64_t level_base(int64_t items) {
  int64_t base = 1;
  while (base * base < items) base++;
  return base;
}

int64_t l4r_id_own_rows(enum l4r_id_form form, int64_t items) {
  if (form == L4R_IDS_DIGITS || items <= 0) return 0;
  int64_t base = level_base(items);
  return (items + base - 1) / base + base;
}

void l4r_id_tokens_free(struct l4r_id_tokens *tokens) {
  if (!tokens) return;
  l4r_free(tokens->start);
  l4r_free(tokens->token);
  *tokens = (struct l4r_id_tokens){0};
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

static int write_digits(const struct l4r_id_map *map, const struct l4r_tokenizer *tokenizer,
                        int64_t capacity, struct l4r_id_tokens *tokens) {
  int64_t used = 0;
  for (int64_t item = 1; item <= map->items; item++) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, map->number[item]);
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
  /* a digit string never has more tokens than characters and the leading space */
  char widest[24];
  int64_t each = 2, items = map->items;
  if (form == L4R_IDS_DIGITS)
    each = 1 + snprintf(widest, sizeof widest, "%" PRId64, L4R_FIRST_ID + items);
  struct l4r_id_tokens made = {.items = items, .first_own = first_own};
  made.own = l4r_id_own_rows(form, items);
  made.start = l4r_alloc((size_t)items + 1, sizeof *made.start, "item id starts");
  made.token = l4r_alloc((size_t)(items * each), sizeof *made.token, "item id tokens");
  int status = made.start && made.token ? L4R_OK : L4R_ENVIRONMENT;
  if (!status && form == L4R_IDS_TOKENS)
    write_levels(map, &made);
  else if (!status)
    status = write_digits(map, tokenizer, items * each, &made);
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
