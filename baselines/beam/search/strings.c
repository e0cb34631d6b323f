/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads digit strings without text: each piece is reduced once to whether it begins with a space
 * and which digits it has, and an answer is the number that its pieces spell. strings.h says
 * why. */
#include "baselines/beam/search/strings.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 9 };

struct piece {
  unsigned char spelled; /* 1: an optional space, then only digits */
  unsigned char space, digits;
  int32_t value;
};

struct l4r_strings {
  enum l4r_id_form form;
  const struct l4r_trie *trie;
  int64_t items, pieces;
  l4r_item *item; /* by number - L4R_FIRST_ID, or in the order of paths */
  int64_t *start; /* for paths, in that order: [items + 1]; NULL for numbers */
  int32_t *step;
  struct piece *piece;
};

/* Decoding drops the space before the first piece. So a piece is decoded after an anchor, a piece
 * that spells a digit, whose text is then removed. */
static int learn_piece(const struct l4r_tokenizer *tokenizer, int32_t anchor, int32_t token,
                       struct piece *piece) {
  char text[256], before[256];
  int64_t bytes = l4r_tokenizer_decode(tokenizer, &anchor, 1, before, sizeof before);
  if (bytes < 0) return (int)bytes;
  size_t head = strlen(before);
  bytes = l4r_tokenizer_decode(tokenizer, (int32_t[]){anchor, token}, 2, text, sizeof text);
  if (bytes < 0) return (int)bytes;
  if (bytes >= (int64_t)sizeof text || strncmp(text, before, head)) return L4R_OK;
  const char *rest = text + head;
  struct piece made = {.spelled = *rest != 0};
  if (*rest == ' ') made.space = 1, rest++;
  for (; *rest; rest++) {
    if (*rest < '0' || *rest > '9' || made.digits == DIGITS_MAX) return L4R_OK;
    made.value = made.value * 10 + (*rest - '0');
    made.digits++;
  }
  *piece = made;
  return L4R_OK;
}

static int compare_items(const void *left, const void *right, void *context) {
  return l4r_id_path_compare(context, *(const l4r_item *)left, *(const l4r_item *)right);
}

static int learn_paths(struct l4r_strings *strings, const struct l4r_id_map *map) {
  strings->start = l4r_alloc((size_t)map->items + 1, sizeof *strings->start, "paths in order");
  strings->step = l4r_alloc((size_t)map->start[map->items], sizeof *strings->step,
                            "paths in order");
  if (!strings->start || !strings->step) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i < map->items; i++) strings->item[i] = (l4r_item)(i + 1);
  qsort_r(strings->item, (size_t)map->items, sizeof *strings->item, compare_items, (void *)map);
  for (int64_t i = 0; i < map->items; i++) {
    int64_t from = map->start[strings->item[i] - 1], steps = map->start[strings->item[i]] - from;
    memcpy(strings->step + strings->start[i], map->step + from,
           (size_t)steps * sizeof *strings->step);
    strings->start[i + 1] = strings->start[i] + steps;
  }
  return L4R_OK;
}

static int learn_pieces(struct l4r_strings *strings, const struct l4r_id_map *map,
                        const struct l4r_tokenizer *tokenizer) {
  strings->pieces = l4r_tokenizer_size(tokenizer);
  strings->piece = l4r_alloc((size_t)strings->pieces, sizeof *strings->piece, "pieces' digits");
  strings->item = l4r_alloc((size_t)map->items, sizeof *strings->item, "items by number");
  if (!strings->piece || !strings->item) return L4R_ENVIRONMENT;
  int status = map->number ? L4R_OK : learn_paths(strings, map);
  if (status) return status;
  for (int64_t item = 1; map->number && item <= map->items; item++)
    strings->item[map->number[item] - L4R_FIRST_ID] = (l4r_item)item;
  /* "1" with its space is one piece or two; the last one has the digit. */
  int32_t one[8] = {0};
  int64_t count = l4r_tokenizer_encode(tokenizer, "1", one, 8);
  if (count < 0) return (int)count;
  int32_t anchor = one[count > 0 && count <= 8 ? count - 1 : 0];
  /* Special pieces (pad, </s>, unk) spell nothing. */
  for (int32_t token = 3; token < strings->pieces; token++) {
    status = learn_piece(tokenizer, anchor, token, &strings->piece[token]);
    if (status) return status;
  }
  return L4R_OK;
}

int l4r_strings_open(enum l4r_id_form form, const struct l4r_id_map *map,
                     const struct l4r_tokenizer *tokenizer, const struct l4r_trie *trie,
                     struct l4r_strings **out) {
  struct l4r_strings *strings = l4r_alloc(1, sizeof *strings, "id strings");
  if (!strings) return L4R_ENVIRONMENT;
  *strings = (struct l4r_strings){.form = form, .trie = trie, .items = map->items};
  int status = form == L4R_IDS_DIGITS ? learn_pieces(strings, map, tokenizer) : L4R_OK;
  if (status)
    l4r_strings_close(strings);
  else
    *out = strings;
  return status;
}

void l4r_strings_close(struct l4r_strings *strings) {
  if (!strings) return;
  l4r_free(strings->item);
  l4r_free(strings->start);
  l4r_free(strings->step);
  l4r_free(strings->piece);
  l4r_free(strings);
}

struct reading { /* numbers spelled so far; the last one continues until a space */
  int64_t value[L4R_PATH_STEPS_MAX];
  int numbers, digits; /* digits: of the last number */
};

/* Returns 0 when the piece is not allowed there. */
static int read_piece(const struct piece *piece, struct reading *reading) {
  if (!piece->spelled) return 0;
  if (!reading->numbers || (piece->space && reading->digits)) {
    if (reading->numbers == L4R_PATH_STEPS_MAX) return 0;
    reading->value[reading->numbers++] = 0;
    reading->digits = 0;
  }
  int64_t scale = 1, *value = &reading->value[reading->numbers - 1];
  for (int d = 0; d < piece->digits; d++) scale *= 10;
  if (!reading->digits && piece->digits && piece->value * 10 < scale) return 0; /* leading zero */
  *value = *value * scale + piece->value;
  reading->digits += piece->digits;
  return reading->digits <= DIGITS_MAX;
}

/* Returns the item whose path the numbers spell, with its place as a number from L4R_FIRST_ID, or
 * 0. */
static l4r_item find_path(const struct l4r_strings *strings, const struct reading *reading) {
  int64_t low = 0, high = strings->items, count = reading->numbers;
  while (low < high) {
    int64_t middle = low + (high - low) / 2, at = strings->start[middle];
    int64_t length = strings->start[middle + 1] - at;
    int order = 0;
    for (int64_t i = 0; !order && i < length && i < count; i++) {
      /* Inner numbers are below L4R_FIRST_ID, a place is not. */
      int64_t wanted = reading->value[i] - (i == count - 1 ? L4R_FIRST_ID - 1 : 0);
      order = (strings->step[at + i] > wanted) - (strings->step[at + i] < wanted);
    }
    if (!order) order = (length > count) - (length < count);
    if (!order) return strings->item[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return 0;
}

l4r_item l4r_strings_item(const struct l4r_strings *strings, const int32_t *token, int64_t count) {
  if (strings->form != L4R_IDS_DIGITS) return l4r_trie_find(strings->trie, token, count);
  struct reading reading = {.numbers = 0};
  for (int64_t i = 0; i < count; i++) {
    if (token[i] < 0 || token[i] >= strings->pieces) return 0;
    if (!read_piece(&strings->piece[token[i]], &reading)) return 0;
  }
  if (!reading.numbers) return 0;
  if (strings->start) return find_path(strings, &reading);
  int64_t rank = reading.value[0] - L4R_FIRST_ID;
  return reading.numbers == 1 && rank >= 0 && rank < strings->items ? strings->item[rank] : 0;
}
