/* SPDX-License-Identifier: BSD-3-Clause */
/* The losses by which Lite and SASRec train, and what a step of them updates. */
#ifndef L4R_TRAIN_LITE_LOSS_H
#define L4R_TRAIN_LITE_LOSS_H

enum l4r_lite_loss { L4R_LOSS_CROSS_ENTROPY, L4R_LOSS_SAMPLED_SOFTMAX, L4R_LOSS_GBCE };
const char *l4r_lite_loss_name(enum l4r_lite_loss loss); /* "cross-entropy", ... */

/* What one step of a sampled loss updates. DENSE: everything. ROWS: in the tables with one row per
 * item (id vectors, the head's weight), only the rows that the step named by targets, inputs or
 * sample; other rows keep their values and moments. This is Adam's lazy form, with the bias
 * correction of the step's number. It is not a faster dense update but a different one, and
 * "training" in config.json says so. BY_SIZE: ROWS above 100,000 items. Cross-entropy names every
 * row and is always dense. */
enum l4r_lite_update { L4R_UPDATE_BY_SIZE, L4R_UPDATE_DENSE, L4R_UPDATE_ROWS };

#endif
