/* SPDX-License-Identifier: BSD-3-Clause */
/* All ceilings of this machine for one number of threads, as the JSON that `info --ceilings --json`
 * prints and `export predict --ceilings` reads (bench/ceiling/file.h). */
#ifndef L4R_BENCH_CEILING_MACHINE_H
#define L4R_BENCH_CEILING_MACHINE_H

#include "bench/machine/pin.h"

#include <jansson.h>

/* How long each takes, in seconds. */
struct l4r_ceilings_bench {
  double unit, read; /* an instruction set, a level of memory */
  double gemm;       /* a product of a library */
  int64_t edge;      /* of the square product that libraries race at */
};

/* Measures on the plan's processors, one worker each, and adds an object in front of rows:
 *   threads
 *   units  [{precision, instructions, gops} or {precision, instructions, absent: why}]
 *   best   {precision: {gops, instructions}} of every precision of a figure
 *   rivals [{name, gflops, version, note, path}  or {name, absent: why}], products of libraries and
 *          of this project's kernels: speeds to compare with, not ceilings
 *   read   [{from, bytes_a_worker, gb_per_s}]
 * L4R_ENVIRONMENT when memory is short or a processor cannot be bound. */
int l4r_ceilings_measure(const struct l4r_pin *pin, const struct l4r_ceilings_bench *bench,
                         json_t *rows);

#endif
