/* SPDX-License-Identifier: BSD-3-Clause */
/* The course of measurements: records of one machine, arm, data set, scenario, batch, number of
 * threads and sample of requests in the order of their times, with the places where the level
 * changed (bench/stats/steps.h on the logarithms of the records' figures). */
#ifndef L4R_BENCH_HISTORY_HISTORY_H
#define L4R_BENCH_HISTORY_HISTORY_H

#include "bench/derive/figures.h"
#include "bench/table/sheet.h"
#include "bench/record/machine.h"
#include "bench/stats/quantile.h"
#include "bench/stats/steps.h"

struct l4r_history_point { /* a record, reduced: a folder may hold more than memory does */
  char time[24], git[48];  /* "2026-11-26T07:50:27Z", the commit as the record has it; "" unknown */
  char sha256[16];         /* the first digits of the record's */
  const char *file;        /* owned by the history */
  int64_t line, order;     /* order: as read */
  struct l4r_estimate ns;  /* geometric mean over the rounds, Student's 95 % interval */
  int64_t rounds;
};

struct l4r_history_series {
  char *name; /* of the arm, with what tells it from other series of that name */
  char *dataset, *scenario;
  char label[256];   /* of the data set, tie rule included */
  char requests[96]; /* what is asked: "600 users, seed 1, k 20" */
  int64_t threads, batch;
  char machine[L4R_MACHINE_KEY]; /* stated, or derived where it states none */
  int derived;
  char cpu[128];
  struct l4r_history_point *point; /* [points], by time; records of the same time as read */
  int64_t points;
  struct l4r_segment *segment; /* [segments]; levels are logarithms of ns */
  int64_t segments;
  double noise; /* of a record beside its neighbours, as a share; 0: too few records to tell */
  struct l4r_record *like; /* private: what l4r_distinguish asks of its first record, owned */
  char *place;             /* private: what tells series of one machine apart */
  size_t room;             /* private */
};

struct l4r_history_options {
  const char *const *path; /* [paths] files or folders */
  int paths;
  struct l4r_record_filter filter;
  enum l4r_round_metric metric;
  int unsealed; /* 1: records too that do not have the hash they state, counted */
};

struct l4r_history {
  struct l4r_history_series *series; /* [count], in order of appearance */
  int64_t count;
  char **file; /* [files] names of files */
  int64_t files, left_out, unsealed;
  enum l4r_round_metric metric;
  size_t series_room, files_room; /* private */
};

/* Reads every record once and keeps a line of each. Each must have the hash it states (an edited
 * one is L4R_INPUT with file, line and field); samples are not opened: `lite4rec verify` does.
 * Records without the metric are counted in left_out. Records that state no machine key belong to
 * the machine of that derived key when one stated key alone goes with it. L4R_INPUT when nothing
 * matches. Free with l4r_history_free, also after a failure. */
int l4r_history_read(const struct l4r_history_options *options, struct l4r_history *history);
void l4r_history_free(struct l4r_history *history);

#endif
