/* The ceiling of the registers, and its inner loop. */
#ifndef L4R_BENCH_CEILING_FMA_H
#define L4R_BENCH_CEILING_FMA_H

#include "impl/base/team.h"
#include "impl/blis/cpu.h"

#include <stdint.h>

/* Runs `rounds` rounds of independent multiply-adds in registers. Pure but for the time it takes.
 */
void l4r_fma_loop(enum l4r_isa isa, int64_t rounds);
/* Floating-point operations of one round. */
double l4r_fma_flops(enum l4r_isa isa);

/* Fp32 multiply-adds in registers, no memory at all, with the widest vectors of l4r_cpu_isa: what
 * no kernel can exceed. GFLOP/s of the whole team, measured as l4r_ceiling_sgemm measures. Where
 * the processor has no fused multiply-add (portable), multiply and add count as two. */
int l4r_ceiling_fma(struct l4r_team *team, double seconds, double *gflops);

#endif
