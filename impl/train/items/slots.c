/* SPDX-License-Identifier: BSD-3-Clause */
/* Decides which items a step needs, which of them it encodes, and by which worker. An item is
 * listed once, in one slot, however often a step names it. */
#include "impl/train/items/slots.h"

#include "impl/model/flops.h"

#include <math.h>
#include <stdlib.h>

int64_t l4r_slots_tokens(const struct l4r_train_items *items, int64_t begin, int64_t end) {
  const int64_t *start = items->spec.token_start;
  int64_t sum = 0;
  for (int64_t place = begin; place < end; place++) {
    int32_t item = items->item_of[items->order[place]];
    sum += start[item] - start[item - 1];
  }
  return sum;
}

int64_t l4r_slots_text_tokens(const struct l4r_train_items *items) {
  return items->spec.token ? l4r_slots_tokens(items, 0, items->encoded) : 0;
}

double l4r_slots_flops(const struct l4r_train_items *items) {
  double tokens = 0, squares = 0, flops = 0;
  for (int64_t e = 0; e < items->encoded; e++) {
    double length = (double)l4r_slots_tokens(items, e, e + 1);
    tokens += length;
    squares += length * length;
  }
  if (items->encoded > 0)
    flops += l4r_encoder_flops(&items->spec.config->item_llm, tokens, squares);
  if (items->spec.config->adapter) {
    const struct l4r_adapter_layers *a = &items->adapter;
    const int64_t middle = a->middle ? a->middle : a->out;
    flops += 2 * (double)items->slots *
             (double)(a->in * middle + (a->middle ? middle * a->out : 0));
  }
  if (items->projection >= 0) flops += 2 * (double)(items->encoded * items->width * items->width);
  return flops;
}

void l4r_slots_clear(struct l4r_train_items *items) {
  for (int64_t slot = 0; slot < items->slots; slot++) items->slot_of[items->item_of[slot]] = -1;
  items->slots = 0;
}

void l4r_slots_add(struct l4r_train_items *items, l4r_item item) {
  if (items->slot_of[item] >= 0) return;
  items->slot_of[item] = (int32_t)items->slots;
  items->item_of[items->slots++] = item;
}

/* Shares the encoded part of the order among workers: contiguous, balanced by tokens. */
static void share_encoded(struct l4r_train_items *items) {
  int64_t total = l4r_slots_tokens(items, 0, items->encoded), place = 0, sum = 0;
  int workers = items->spec.ranks.workers;
  for (int w = 0; w < workers; w++) {
    items->order_bound[w] = place;
    for (; place < items->encoded && sum < total * (w + 1) / workers; place++)
      sum += l4r_slots_tokens(items, place, place + 1);
  }
  items->order_bound[workers] = items->encoded;
}

static int older_first(const void *a, const void *b, void *context) {
  const struct l4r_train_items *items = context;
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  int64_t at_x = items->stamp[items->item_of[x]], at_y = items->stamp[items->item_of[y]];
  if (at_x != at_y) return at_x < at_y ? -1 : 1;
  return (x > y) - (x < y);
}

void l4r_slots_choose(struct l4r_train_items *items, int all) {
  for (int64_t slot = 0; slot < items->slots; slot++) items->order[slot] = slot;
  items->encoded = items->spec.token && !l4r_train_items_frozen(items) ? items->slots : 0;
  if (items->stamp && items->encoded > 0 && !all) {
    qsort_r(items->order, (size_t)items->slots, sizeof *items->order, older_first, items);
    items->encoded = (int64_t)ceil(items->spec.share * (double)items->slots);
    while (items->encoded < items->slots &&
           items->stamp[items->item_of[items->order[items->encoded]]] == 0)
      items->encoded++;
  }
  share_encoded(items);
}
