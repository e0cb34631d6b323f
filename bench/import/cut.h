/* SPDX-License-Identifier: BSD-3-Clause */
/* The cut of a split by time. */
#ifndef L4R_BENCH_IMPORT_CUT_H
#define L4R_BENCH_IMPORT_CUT_H

#include "bench/import/collect/collect.h"

/* Where a split by time cuts: two shares of all kept interactions (0 to 1: .8 and .9 cut at the
 * times that the 80 % and 90 % places of the global order have) or two times in seconds (above 1),
 * ascending. An interaction at the very time of a cut belongs to what comes after it. */
struct l4r_cut {
  double at[2];
};

/* Reads "0.8,0.9" or "978300000,978400000". L4R_USAGE with the text and what is wrong. */
int l4r_cut_parse(const char *text, struct l4r_cut *cut);

/* Sets time[2] to the times that `cut` means for these events, in units of 10^-digits seconds. The
 * events do not change. L4R_INPUT when they leave one of the three parts empty. */
int l4r_cut_times(const struct l4r_interaction *event, size_t events, const struct l4r_cut *cut,
                  int digits, int64_t time[2]);
/* Drops, in place, the events of users none of whose events is before `last` (events are in order
 * of users). Returns how many are left. */
size_t l4r_cut_drop_late(struct l4r_interaction *event, size_t events, int64_t last);

#endif
