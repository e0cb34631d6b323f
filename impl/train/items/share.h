/* SPDX-License-Identifier: BSD-3-Clause */
/* What ranks of a training have for each other of a step's items: the vectors of the texts that
 * each of them encoded, and the gradients of all vectors. An item is encoded by one worker of one
 * rank. Collective; worker 0 of a team calls them, while the others wait. */
#ifndef L4R_TRAIN_ITEMS_SHARE_H
#define L4R_TRAIN_ITEMS_SHARE_H

#include "impl/train/items/items.h"

/* 1: the step at hand has vectors that one rank makes for all; 0 also with one rank. The same on
 * all ranks. Pure. */
int l4r_train_items_shares(const struct l4r_train_items *items);
/* Brings together text[places] and, in training with an adapter, what is kept of encoded items. */
int l4r_train_items_share_texts(struct l4r_train_items *items, int training);
/* Fills the vectors of the step's slots from the parts of the id table that ranks have. */
int l4r_train_items_share_rows(struct l4r_train_items *items, const float *values);
/* Adds up d_vector, which worker 0 holds, over ranks. */
int l4r_train_items_share_gradients(struct l4r_train_items *items);

#endif
