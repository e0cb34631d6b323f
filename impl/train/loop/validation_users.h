/* SPDX-License-Identifier: BSD-3-Clause */
/* The users by which an epoch is judged: every user with a validation item, or a sample of them
 * drawn once from the run's seed, so that epochs are compared on the same users. */
#ifndef L4R_TRAIN_LOOP_VALIDATION_USERS_H
#define L4R_TRAIN_LOOP_VALIDATION_USERS_H

#include "impl/data/dataset.h"

#include <stdint.h>

/* Sets *user to [*count] users, numbered from 0, in memory of l4r_alloc that the caller frees: all
 * of them in ascending order when asked is 0 or less or exceeds their number. L4R_ENVIRONMENT:
 * memory. */
int l4r_validation_users(const struct l4r_dataset *dataset, uint64_t seed, int64_t asked,
                         int64_t **user, int64_t *count);

#endif
