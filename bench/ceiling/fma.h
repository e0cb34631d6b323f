/* The inner loop of the multiply-add ceiling. */
#ifndef L4R_BENCH_CEILING_FMA_H
#define L4R_BENCH_CEILING_FMA_H

#include "impl/blis/cpu.h"

#include <stdint.h>

/* Runs `rounds` rounds of independent multiply-adds in registers. Pure but for the time it takes.
 */
void l4r_fma_loop(enum l4r_isa isa, int64_t rounds);
/* Floating-point operations of one round. */
double l4r_fma_flops(enum l4r_isa isa);

#endif
