/* SPDX-License-Identifier: BSD-3-Clause */
/* The ceiling of computation, measured by the program itself on the workers of a run, so that every
 * speed can also be given as a share of what the machine does at best. Training and the harness
 * measure it with this one loop. */
#ifndef L4R_BASE_CEILING_H
#define L4R_BASE_CEILING_H

#include "impl/base/team.h"

/* Large sgemm through BLIS (768 x 768 x 768, every worker its own, all at once; the kernels that
 * l4r_blas_open names): GFLOP/s of the whole team, a multiply-add counted as two, the best of
 * several runs over at least `seconds` (0: the default of 0.3). Takes and frees its buffers (about
 * 7 MB a worker). L4R_ENVIRONMENT when memory is short. */
int l4r_ceiling_sgemm(struct l4r_team *team, double seconds, double *gflops);

/* The measuring loop itself: all workers run `once(argument, worker)` together, again and again for
 * `seconds` after a warm-up; `flops` are one worker's of one run. Same figure, same rules. */
struct l4r_ceiling_loop {
  double seconds, flops;
  void (*once)(void *argument, int worker);
  void *argument;
};
int l4r_ceiling_measure(struct l4r_team *team, const struct l4r_ceiling_loop *loop, double *gflops);

#endif
