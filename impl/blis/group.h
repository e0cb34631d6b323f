/* SPDX-License-Identifier: BSD-3-Clause */
/* The workers that share one piece of work: the whole team on a small batch, or one worker alone on
 * its part of a large one. The same code serves both; alone, the barrier is nothing. */
#ifndef L4R_BLIS_GROUP_H
#define L4R_BLIS_GROUP_H

#include "impl/base/team.h"
#include "impl/blis/kernels/kernels.h"
#include "impl/spent.h"

/* Words of 32 bits: 1 MB, 256 rows of 2,048 values of bf16; behind them, in int8, a scale a row. */
enum { L4R_CONVERTED = 1 << 18, L4R_CONVERTED_ROWS = 1 << 12 };

struct l4r_work_group {
  const struct l4r_kernels *kernels;
  struct l4r_team *team; /* used by the barrier when workers > 1 */
  int worker, workers;
  uint32_t *converted; /* [L4R_CONVERTED] the worker's own, for rounded activations; NULL in fp32 */
  struct l4r_spent *spent; /* of the thread that serves, where somebody asks; else NULL */
};

static inline void l4r_work_group_meet(const struct l4r_work_group *group) {
  if (group->workers > 1) l4r_team_barrier(group->team);
}

/* Ends a part of the work, and meets. */
static inline void l4r_work_group_end(const struct l4r_work_group *group,
                                      enum l4r_spent_part part) {
  l4r_spend(group->spent, part);
  if (group->workers == 1) return;
  l4r_team_barrier(group->team);
  l4r_spend(group->spent, L4R_SPENT_WAITING);
}

#endif
