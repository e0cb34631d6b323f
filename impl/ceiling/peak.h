/* SPDX-License-Identifier: BSD-3-Clause */
/* The ceilings of computation: how many multiply-adds in registers each instruction set of this
 * processor does a second. The ceiling of a figure is the best of all sets that can make products
 * of the figure's precision, so that no kernel passes it, whichever set the kernel chose. */
#ifndef L4R_CEILING_PEAK_H
#define L4R_CEILING_PEAK_H

#include "impl/base/team.h"

#include <stdint.h>

/* Of a figure. L4R_PEAK_BF16X3 is fp32 by six products of bf16 parts. */
enum l4r_peak_precision {
  L4R_PEAK_FP64,
  L4R_PEAK_FP32,
  L4R_PEAK_BF16,
  L4R_PEAK_INT8,
  L4R_PEAK_BF16X3,
  L4R_PEAK_PRECISIONS
};
const char *l4r_peak_precision_name(enum l4r_peak_precision precision); /* "fp32" */
/* Finds the precision of a name. L4R_INPUT where there is none: nothing is known of its ceiling. */
int l4r_peak_precision_named(const char *name, enum l4r_peak_precision *precision);

/* An instruction set that multiplies operands of one precision and adds to sums. */
struct l4r_peak_unit {
  const char *name; /* "AVX-512"; a set of another precision has another name */
  enum l4r_peak_precision operands;
  const char *(*lacks)(void); /* returns what is missing here ("AVX-512"), NULL where nothing is */
  double (*loop)(int64_t rounds); /* carries out rounds of independent multiply-adds in registers
                                     and returns its operations, a multiply-add counted as two */
};
/* The sets of this architecture, those of a precision together, narrow ones first. */
const struct l4r_peak_unit *l4r_peak_units(int *count);

/* Returns how many of the set's products stand for one of that precision: 1 where its operands are
 * of that precision or hold it exactly (bf16 and int8 in fp32), 6 for fp32 by parts of bf16, 0
 * where the set cannot do it. Pure. */
int l4r_peak_products(const struct l4r_peak_unit *unit, enum l4r_peak_precision precision);

/* Measures a set without any memory access: 10^9 operations a second of the whole team. All workers
 * run slices of some hundred microseconds for `seconds` (0: 0.3); a worker's best slice counts, of
 * those in which all were at work, because whatever disturbs a slice makes it slower.
 * L4R_ENVIRONMENT where the processor lacks it. */
int l4r_peak_measure(struct l4r_team *team, const struct l4r_peak_unit *unit, double seconds,
                     double *gops);

struct l4r_peak {
  double gops; /* products of the precision, a multiply-add as two */
  const struct l4r_peak_unit *unit;
};
/* Makes *best what the set reached, `gops` of its own products, where that is more of the
 * precision's. Pure. */
void l4r_peak_raise(struct l4r_peak *best, enum l4r_peak_precision precision,
                    const struct l4r_peak_unit *unit, double gops);
/* Measures every set that serves the precision, for `seconds` (0: 0.3) together, and sets *best to
 * the fastest. L4R_ENVIRONMENT where memory is short. */
int l4r_peak_best(struct l4r_team *team, enum l4r_peak_precision precision, double seconds,
                  struct l4r_peak *best);

/* A share of a ceiling above this is an error of what was measured: the ceiling is below the work.
 * 3 % are what clocks and other company may differ between two measurements. */
#define L4R_SHARE_MOST 1.03

#endif
