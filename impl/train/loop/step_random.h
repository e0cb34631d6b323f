/* SPDX-License-Identifier: BSD-3-Clause */
/* A random generator for one piece of a step's work. It depends only on (seed, epoch, step, worker,
 * piece), so that a resumed training draws the same numbers. */
#ifndef L4R_TRAIN_LOOP_STEP_RANDOM_H
#define L4R_TRAIN_LOOP_STEP_RANDOM_H

#include "impl/base/random.h"
#include "impl/train/loop/trainer.h"

/* Purposes whose draws are independent of each other. EPOCH is used by l4r_random_stream itself. */
enum {
  L4R_DRAW_EPOCH,
  L4R_DRAW_ITEMS,
  L4R_DRAW_SEQUENCES,
  L4R_DRAW_NEGATIVES,
  L4R_DRAW_PASSES = 16
};

/* Reads seed, epoch and step of `step`. Pure. */
void l4r_step_random(struct l4r_random *random, const struct l4r_train_step *step, int purpose,
                     int worker, int64_t piece);

#endif
