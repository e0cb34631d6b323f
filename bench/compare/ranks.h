/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares the ranks of two engines, or of two models, user by user: equal means of different users
 * are not equal answers. */
#ifndef L4R_BENCH_COMPARE_RANKS_H
#define L4R_BENCH_COMPARE_RANKS_H

#include "bench/compare/compare.h"
#include "bench/derive/ranks.h"

struct l4r_ranks_pair { /* two arms whose ranks are compared */
  const struct l4r_record *record[2];
  struct l4r_apart apart[L4R_APARTS];
};

struct l4r_ranks_table {
  struct l4r_records records[2]; /* one for each file of ranks */
  struct l4r_ranks_pair *pair;
  int64_t pairs;
};

/* Reads and selects records by `path`, `arm`, `scenario` and `threads`, checks them against their
 * samples, and compares each arm of A with the arm of B of its name, or, where both are named or
 * each side has one, those two. Machines may differ: accuracy is no time. Free with
 * l4r_ranks_table_free, also after a failure. L4R_INPUT for a record that does not verify or has no
 * ranks beside it, for pairs of different data sets or users, and when nothing is in common. */
int l4r_ranks_table_make(const struct l4r_compare_options *options, struct l4r_ranks_table *table);
void l4r_ranks_table_free(struct l4r_ranks_table *table);

/* Print the table, a row for each pair and convention, with the first users who differ; or all
 * figures as JSON. */
int l4r_ranks_table_print(const struct l4r_ranks_table *table, const struct l4r_printer *printer,
                          FILE *stream);
int l4r_ranks_table_json(const struct l4r_ranks_table *table, FILE *stream);

/* L4R_CHECK when in a pair, under either convention, more than the share `allow` of the users have
 * another rank. */
int l4r_ranks_table_judge(const struct l4r_ranks_table *table, double allow);

#endif
