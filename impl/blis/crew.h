/* The workers that share one piece of work: the whole team on a small batch, or one worker alone on
 * its part of a large one. The same code serves both; alone, the barrier is nothing. */
#ifndef L4R_BLIS_CREW_H
#define L4R_BLIS_CREW_H

#include "impl/base/team.h"
#include "impl/blis/kernels.h"

struct l4r_crew {
  const struct l4r_kernels *kernels;
  struct l4r_team *team; /* used by the barrier when workers > 1 */
  int worker, workers;
  int blas; /* 1: gemm goes to BLIS; decided once a call, from its size, never from a share's */
};

static inline void l4r_crew_meet(const struct l4r_crew *crew) {
  if (crew->workers > 1) l4r_team_barrier(crew->team);
}

#endif
