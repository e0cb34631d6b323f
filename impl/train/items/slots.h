/* SPDX-License-Identifier: BSD-3-Clause */
/* The items of a step: clear the list, add each item (repeats are allowed), then choose which are
 * encoded and by whom. Main thread. */
#ifndef L4R_TRAIN_ITEMS_SLOTS_H
#define L4R_TRAIN_ITEMS_SLOTS_H

#include "impl/train/items/items.h"

void l4r_slots_clear(struct l4r_train_items *items);
void l4r_slots_add(struct l4r_train_items *items, l4r_item item);
/* `all`: encode every item and ignore the share. */
void l4r_slots_choose(struct l4r_train_items *items, int all);

/* Return the number of tokens of the texts in places begin .. end-1 of the order, and of all that
 * the step encodes; 0 where items have no texts. Pure. */
int64_t l4r_slots_tokens(const struct l4r_train_items *items, int64_t begin, int64_t end);
int64_t l4r_slots_text_tokens(const struct l4r_train_items *items);
/* Returns the operations of the step's encoding, forward: multiply-adds times two. Pure. */
double l4r_slots_flops(const struct l4r_train_items *items);

#endif
