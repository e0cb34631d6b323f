/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures the ceiling of computation on the workers of a run, so that every speed can also be
 * given as a share of the machine's best speed. Training and the harness use this one loop. */
#ifndef L4R_CEILING_CEILING_H
#define L4R_CEILING_CEILING_H

#include "impl/base/team.h"

/* Measures large sgemm through BLIS (768 x 768 x 768, one per worker, all at once, with the kernels
 * that l4r_blas_open names). Gives GFLOP/s of the whole team, a multiply-add counted as two, the
 * best of several runs over at least `seconds` (0: the default of 0.3). Allocates and frees its
 * buffers (about 7 MB per worker). L4R_ENVIRONMENT when memory is short. */
int l4r_ceiling_sgemm(struct l4r_team *team, double seconds, double *gflops);

/* The measuring loop itself: all workers run `once(argument, worker)` together, again and again for
 * `seconds` after a warm-up; `flops` is the work of one worker in one run. The figure is as
 * above. */
struct l4r_ceiling_loop {
  double seconds, flops;
  void (*once)(void *argument, int worker);
  void *argument;
};
int l4r_ceiling_measure(struct l4r_team *team, const struct l4r_ceiling_loop *loop, double *gflops);

#endif
