/* SPDX-License-Identifier: BSD-3-Clause */
/* What is compared or gated: figures, each with its margin. */
#ifndef L4R_BENCH_COMPARE_TARGETS_H
#define L4R_BENCH_COMPARE_TARGETS_H

#include "bench/derive/figures.h"

#include <jansson.h>

enum { L4R_TARGETS = 48 };
struct l4r_target {
  struct l4r_figure figure;
  double margin;                   /* a share, above 0; NaN: automatic, what A's noise allows */
  struct l4r_record_filter filter; /* records of A that it is of */
  int is_guard; /* 1: nobody asked for it; a loss counts, but a lack of figures or of users does not
                   stop the comparison */
};
struct l4r_targets {
  struct l4r_target at[L4R_TARGETS];
  int count;
  char source[256]; /* how the margins were given, for messages */
  json_t *file;     /* private: owns the filters' texts */
};

/* "3%" or ".03" as a share in `share`, "auto" as NaN. L4R_USAGE, with the option's name, unless it
 * is between 0 and 1. */
int l4r_margin_parse(const char *option, const char *text, double *share);

/* The figures of `metrics` ("p50,p99"; NULL: the mean, guarded by HR@10 and NDCG@10) at one margin.
 * L4R_USAGE for unknown figures, with the known ones, and for one given twice. */
int l4r_targets_of_metrics(const char *metrics, double margin, struct l4r_targets *targets);

/* What --gate says: "3%" or "auto", the margin of `metrics` as above; "p99=5%,HR@10=1%", each
 * figure with its own; or a file whose name ends with .json:
 *
 *   {"gates": [{"metric": "p99", "margin": "5%"},
 *              {"metric": "mean", "margin": "auto", "arm": "blis@lite", "threads": 1}]}
 *
 * where margins are texts as here or numbers, and arm, scenario and threads are optional. L4R_USAGE
 * for a wrong --gate, L4R_INPUT, with file and member, for a wrong file. Free with
 * l4r_targets_free, also after a failure. */
int l4r_targets_of_gate(const char *gate, const char *metrics, struct l4r_targets *targets);
void l4r_targets_free(struct l4r_targets *targets);

#endif
