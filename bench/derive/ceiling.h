/* SPDX-License-Identifier: BSD-3-Clause */
/* What the rounds of a record measured of the machine beside their serving, and the shares of it
 * that the serving reached.
 *
 * The ceiling is that of multiply-adds in registers, by the fastest instruction set for the
 * record's precision. Records of before 2026-11-29 have the speed of a large sgemm in its place:
 * that is a library's, a rival's, and may be passed. */
#ifndef L4R_BENCH_DERIVE_CEILING_H
#define L4R_BENCH_DERIVE_CEILING_H

#include "bench/record/record.h"

/* The levels that a round reads from: L1, L2, L3 and memory. */
enum { L4R_READ_LEVELS = 4 };
extern const char *const l4r_read_levels[L4R_READ_LEVELS]; /* "L1" .. "memory" */

struct l4r_round_ceilings {             /* of all rounds of a record; 0: not measured */
  double peak;                          /* flop/s: the highest, because lower ones are disproved */
  const char *precision, *instructions; /* of that one; borrowed from the record */
  double sgemm;                         /* flop/s, the median */
  double read[L4R_READ_LEVELS];         /* bytes/s, the medians */
};
/* Pure. */
struct l4r_round_ceilings l4r_round_ceilings_of(const struct l4r_record *record);

struct l4r_modelled_work { /* modelled, of one user */
  double flops, bytes;
};
/* The work of the stages whose time is that timer's; of all where it is negative. Pure. */
struct l4r_modelled_work l4r_work_of(const struct l4r_record *record, int64_t timer);

/* `ceiling`: the ceiling, and the share of it that the modelled flops of so many served users make;
 * nothing where no round has one. Where rounds know sgemm alone, that, by its name.
 * L4R_ENVIRONMENT without memory. */
int l4r_derive_ceiling(struct l4r_record *record, double users_per_second);

/* `stages`, one for each timer of the rounds, which l4r_derive_rounds went over; latency_ns says by
 * which rule intervals are made. Of each: its share of the ceiling, and of reading from the slowest
 * level that could have given it its bytes so fast. L4R_ENVIRONMENT without memory. */
int l4r_derive_stages(struct l4r_record *record);

/* `ceiling.fault` where a share of the ceiling, the whole's or a stage's, is above L4R_SHARE_MOST;
 * after both of the above. Sgemm has no such fault. L4R_ENVIRONMENT without memory. */
int l4r_derive_fault(struct l4r_record *record);

#endif
