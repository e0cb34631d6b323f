/* SPDX-License-Identifier: BSD-3-Clause */
/* The step's items through the Item LLM, forward and backward. Each worker does its part; between
 * two of these calls all workers meet at a barrier:
 *
 *   forward            vector[slots]
 *   (gather, and scatter into the worker's own d_vector, which it cleared first)
 *   sum                d_vector of all workers, left in worker 0's
 *   backward           gradients of the parameters
 */
#ifndef L4R_TRAIN_ITEMS_ENCODE_H
#define L4R_TRAIN_ITEMS_ENCODE_H

#include "impl/train/items/items.h"
#include "impl/train/loop/trainer.h"

/* Makes sure that every worker has the chunks its items need, and stamps the items. `step` NULL,
 * here and below: a pass that is not trained on, with one chunk used again and again, without
 * dropout, and no vector kept. Main thread, after l4r_slots_choose. L4R_ENVIRONMENT. */
int l4r_train_items_ready(struct l4r_train_items *items, const struct l4r_train_step *step);

/* Worker's part of vector[slots]. values: flat parameters. */
int l4r_train_items_forward(struct l4r_train_items *items, int worker, const float *values,
                            const struct l4r_train_step *step);
/* Zeros in the worker's d_vector. */
void l4r_train_items_clear(struct l4r_train_items *items, int worker);
/* Worker's part of the sum of all workers' d_vector. */
void l4r_train_items_sum(struct l4r_train_items *items, int worker);
/* From that sum to the flat gradients; those of id vectors go to id_gradients, flat too: a slot has
 * one worker, so where only named rows are summed over workers they go straight to the step's. */
int l4r_train_items_backward(struct l4r_train_items *items, int worker, const float *values,
                             float *gradients, float *id_gradients);

#endif
