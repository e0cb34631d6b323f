/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs a step's items through the Item LLM, forward and backward. Each worker does its part; all
 * workers meet at a barrier between two of these calls:
 *
 *   forward            vector[slots]
 *   (gather, and scatter into the worker's own d_vector, which it cleared first)
 *   sum                d_vector of all workers, result in worker 0's
 *   backward           gradients of the parameters
 */
#ifndef L4R_TRAIN_ITEMS_ENCODE_H
#define L4R_TRAIN_ITEMS_ENCODE_H

#include "impl/train/items/items.h"
#include "impl/train/loop/trainer.h"

/* Makes sure that every worker has the chunks that its items need, and stamps the items. `step`
 * NULL, here and below, means a pass without training: one chunk is used again and again, without
 * dropout, and no vector is kept. Main thread, after l4r_slots_choose. L4R_ENVIRONMENT. */
int l4r_train_items_ready(struct l4r_train_items *items, const struct l4r_train_step *step);

/* Computes the worker's part of vector[slots], and with several ranks brings it together. values:
 * flat parameters. `team` runs this: where ranks have vectors for each other, it meets within. */
int l4r_train_items_forward(struct l4r_train_items *items, struct l4r_team *team, int worker,
                            const float *values, const struct l4r_train_step *step);
/* Clears the worker's d_vector. */
void l4r_train_items_clear(struct l4r_train_items *items, int worker);
/* Computes the worker's part of the sum of all workers' d_vector. */
void l4r_train_items_sum(struct l4r_train_items *items, int worker);
/* Computes the flat gradients from that sum. Those of id vectors go to id_gradients, also flat: a
 * slot belongs to one worker, so where only named rows are summed over workers they go directly to
 * the step's gradients. */
int l4r_train_items_backward(struct l4r_train_items *items, int worker, const float *values,
                             float *gradients, float *id_gradients);

#endif
