/* SPDX-License-Identifier: BSD-3-Clause */
/* The ceilings of a machine, read from a file that `lite4rec info --ceilings --json` wrote there.
 */
#ifndef L4R_BENCH_CEILING_FILE_H
#define L4R_BENCH_CEILING_FILE_H

#include "impl/ceiling/peak.h"

#include <stdint.h>

/* "format" and "version" of the file. */
extern const char l4r_ceilings_format[];
enum { L4R_CEILINGS_VERSION = 2, L4R_CEILINGS_THREADS = 8, L4R_CEILINGS_LEVELS = 4 };
extern const char *const l4r_ceilings_levels[L4R_CEILINGS_LEVELS]; /* "L1" to "DRAM" */

struct l4r_ceilings { /* 0: not in the file */
  char cpu[96], machine_key[65];
  int count; /* ascending in threads */
  struct l4r_ceilings_at {
    int64_t threads;
    double gops[L4R_PEAK_PRECISIONS];     /* 10^9 operations/s, all threads together */
    double sgemm;                         /* BLIS's, a rival beside them */
    double gb_per_s[L4R_CEILINGS_LEVELS]; /* L1, L2, L3, DRAM */
  } at[L4R_CEILINGS_THREADS];
};

/* L4R_INPUT for a file that is damaged, is another kind of file, or is of another version, with
 * what to run; L4R_ENVIRONMENT where it cannot be read. Files of before there were versions
 * (fma_gflops, bf16_gflops, int8_gops) are understood: their fp32 is the fastest set's, and what
 * they lack is 0. */
int l4r_ceilings_read(const char *path, struct l4r_ceilings *ceilings);

/* The ceiling of a precision for so many threads, 10^9 operations/s: a straight line between the
 * two counts around it. L4R_INPUT where the file does not go so far or lacks the precision. */
int l4r_ceilings_peak(const struct l4r_ceilings *ceilings, enum l4r_peak_precision precision,
                      int64_t threads, double *gops);
/* The same of BLIS's sgemm, which records of before there were ceilings were held against. */
int l4r_ceilings_sgemm(const struct l4r_ceilings *ceilings, int64_t threads, double *gflops);
/* The same of reading from a level (0: L1 .. 3: DRAM), GB/s; 0 where that machine has no such
 * level.
 */
int l4r_ceilings_reading(const struct l4r_ceilings *ceilings, int level, int64_t threads,
                         double *gb_per_s);

#endif
