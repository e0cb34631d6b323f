/* SPDX-License-Identifier: BSD-3-Clause */
/* The draws of a bootstrap, which depend on the number of users and the seed alone: records over
 * the same users share them. */
#ifndef L4R_BENCH_DERIVE_RESAMPLES_H
#define L4R_BENCH_DERIVE_RESAMPLES_H

#include <stdint.h>

struct l4r_resamples {
  int64_t users, count;
  uint64_t seed;
  unsigned char *times; /* [count][users]: how often each user is drawn in each resample */
};

/* Returns the table of `count` resamples of `users` users, to be given back. It is made at the
 * first call and kept for later ones; all that are kept take at most 128 MB, and the oldest goes
 * first. NULL where there is no room, memory is short, or a user is drawn more than 255 times: the
 * caller then draws by itself. No error is stored. Any thread. */
const struct l4r_resamples *l4r_resamples_take(int64_t users, int64_t count, uint64_t seed);
void l4r_resamples_give_back(const struct l4r_resamples *resamples); /* NULL is allowed */

/* Draws `users` users once with replacement, as all resamples of this seed do one after another;
 * calls seen(context, drawn, count) for some at a time. */
struct l4r_random;
void l4r_resample_draw(struct l4r_random *random, int64_t users,
                       void (*seen)(void *context, const uint32_t *drawn, int64_t count),
                       void *context);

#endif
