/* SPDX-License-Identifier: BSD-3-Clause */
/* A run's checkpoint, and the settings that a resumed run must share. */
#ifndef L4R_TRAIN_LOOP_STATE_H
#define L4R_TRAIN_LOOP_STATE_H

#include "impl/train/loop/run.h"

/* Computes a SHA-256 over every setting that a resumed run must share. */
int l4r_train_settings(struct l4r_train_run *run);
/* Describes the same for readers, with the bounds and without the seed: "training" in
 * config.json. */
void l4r_train_describe(const struct l4r_train_run *run, char *text, size_t size);
/* Rank 0 writes. Where ranks divide a table the call is collective; else the others return at once.
 */
int l4r_train_state_write(struct l4r_train_run *run);
/* *ranks: how many made it together. Rank 0 alone reads, or every rank where they divide a table.
 */
int l4r_train_state_read(struct l4r_train_run *run, int64_t *ranks);
/* Returns 1 and sets *bf16 where the folder holds a checkpoint that says in which precision it was
 * trained; 0 where there is none, it cannot be read, or is older than that. What is wrong with it
 * l4r_train_state_read says. */
int l4r_train_state_precision(const char *folder, int *bf16);
/* Returns the set of BLIS's kernels by which the folder's checkpoint was made, which a training
 * that goes on bit for bit must have again; static. NULL where there is no checkpoint, it does not
 * say so, or this processor's BLIS has no such set. Call it before BLIS is up. */
const char *l4r_train_state_blas(const char *folder);

#endif
