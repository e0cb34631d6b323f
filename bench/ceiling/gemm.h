/* Ceilings of computation, measured by the program itself on the workers of a run, so that every
 * speed can also be given as a share of what the machine does at best. */
#ifndef L4R_BENCH_CEILING_GEMM_H
#define L4R_BENCH_CEILING_GEMM_H

#include "impl/base/team.h"

/* Large sgemm through BLIS (768 x 768 x 768, every worker its own, all at once; the kernels that
 * l4r_blas_open names): GFLOP/s of the whole team, a multiply-add counted as two, the best of
 * several runs over at least `seconds` (0: the default of 0.3). Takes and frees its buffers (about
 * 7 MB a worker). L4R_ENVIRONMENT when memory is short. */
int l4r_ceiling_sgemm(struct l4r_team *team, double seconds, double *gflops);

/* Fp32 multiply-adds in registers, no memory at all, with the widest vectors of l4r_cpu_isa: what
 * no kernel can exceed. Same units and rules. Where the processor has no fused multiply-add
 * (portable), multiply and add count as two. */
int l4r_ceiling_fma(struct l4r_team *team, double seconds, double *gflops);

#endif
