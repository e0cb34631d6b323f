/* SPDX-License-Identifier: BSD-3-Clause */
/* Names the figures that comparison, gates and history judge, gives their values by round, and
 * filters records. */
#ifndef L4R_BENCH_DERIVE_FIGURES_H
#define L4R_BENCH_DERIVE_FIGURES_H

#include "bench/record/fields.h"

#include <stdint.h>

/* Figures that every round has of its own. */
enum l4r_round_metric {
  L4R_ROUND_MEAN,
  L4R_ROUND_P50,
  L4R_ROUND_P99,
  L4R_ROUND_RATE,         /* users per second: more is better */
  L4R_ROUND_COLD,         /* the first request of the process */
  L4R_ROUND_OPEN,         /* until the engine could be asked */
  L4R_ROUND_MEMORY,       /* the largest resident memory of the process */
  L4R_ROUND_INSTRUCTIONS, /* of a user, the record's; no time */
  L4R_ROUND_METRICS
};
extern const char *const l4r_round_metric_names[]; /* "mean", "p50", ...; NULL behind */

/* Returns the figure of round `at` (ns, users per second, bytes, instructions), or 0 where the
 * record withholds it or the round has none; *reason (static or owned by the record) then says why.
 * Pure. */
double l4r_round_figure(const struct l4r_record *record, int64_t at, enum l4r_round_metric metric,
                        const char **reason);

/* Writes the figures that rounds have, in their order, to figures[at most `most`] and returns how
 * many there are. Pure. */
int64_t l4r_round_figures(const struct l4r_record *record, enum l4r_round_metric metric,
                          double *figures, int64_t most);

/* Returns the number of a round, which differs from its index after rounds that failed. Pure. */
int64_t l4r_round_number(const struct l4r_record *record, int64_t at);

/* Where a figure comes from: one a round; one a record, which has no noise of time (the weights'
 * bytes, the instructions); one a user (accuracy). */
enum l4r_figure_source { L4R_OF_ROUNDS, L4R_OF_RECORD, L4R_OF_USERS };
enum l4r_figure_unit { L4R_UNIT_NS, L4R_UNIT_RATE, L4R_UNIT_BYTES, L4R_UNIT_COUNT, L4R_UNIT_SHARE };
/* Of L4R_OF_USERS: 1 / log2(rank + 1), or 1, where the rank is at most `depth`. */
struct l4r_figure {
  char name[24]; /* as in l4r_figure_names, or "HR@50", "keep:NDCG@5" */
  enum l4r_figure_source source;
  enum l4r_round_metric round; /* of L4R_OF_ROUNDS, and L4R_ROUND_INSTRUCTIONS */
  enum l4r_figure_unit unit;
  int more_is_better;
  int discounted, mask, depth; /* of L4R_OF_USERS; mask 1: seen items removed */
};
#define L4R_FIGURE_NAMES                                                                           \
  "mean, p50, p99, users/s, cold, open, memory, instructions, weights, HR@10, NDCG@10"

/* Parses a name: those of L4R_FIGURE_NAMES; HR@N and NDCG@N for N from 1 to 1000, which are under
 * `mask` (seen items removed) unless "keep:" stands before them. L4R_USAGE, with all names, for any
 * other. */
int l4r_figure_parse(const char *name, struct l4r_figure *figure);
struct l4r_record_filter { /* NULL or 0 matches any */
  const char *arm, *scenario;
  int64_t threads;
};
/* 1 when the record is one of those asked for. Pure. */
int l4r_record_matches(const struct l4r_record *record, const struct l4r_record_filter *filter);

#endif
