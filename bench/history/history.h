/* SPDX-License-Identifier: BSD-3-Clause */
/* The history of measurements: records with the same machine, arm, data set, scenario, batch,
 * number of threads and sample of requests, ordered by time, and the places where the level changed
 * (bench/stats/steps.h on the logarithms of the records' figures). */
#ifndef L4R_BENCH_HISTORY_HISTORY_H
#define L4R_BENCH_HISTORY_HISTORY_H

#include "bench/derive/figures.h"
#include "bench/table/sheet.h"
#include "bench/record/machine.h"
#include "bench/stats/quantile.h"
#include "bench/stats/steps.h"

struct l4r_history_point { /* a record, reduced, because a folder may hold more than fits in memory
                            */
  char time[24], git[48];  /* "2026-11-26T07:50:27Z", the record's commit; "" unknown */
  char sha256[16];         /* the first digits of the record's hash */
  const char *file;        /* owned by the history */
  int64_t line, order;     /* order in which it was read */
  struct l4r_estimate ns;  /* the metric in its own unit, ns for times: geometric mean over the
                              rounds, Student's 95 % interval */
  int64_t rounds;
};

struct l4r_history_series {
  char *name; /* of the arm, with a suffix if another series has the same name */
  char *dataset, *scenario;
  char label[256];   /* of the data set, tie rule included */
  char requests[96]; /* "600 users, seed 1, k 20" */
  int64_t threads, batch;
  enum l4r_round_metric metric;  /* the history's */
  char machine[L4R_MACHINE_KEY]; /* stated, or derived where no key is stated */
  int derived;
  char cpu[128];
  struct l4r_history_point *point; /* [points], by time; of the same time in the order of reading */
  int64_t points;
  struct l4r_segment *segment; /* [segments]; levels are logarithms of ns */
  int64_t segments;
  double noise; /* of a record relative to its neighbours, as a share; 0: too few records */
  struct l4r_record *like; /* private: members of its first record for l4r_distinguish, owned */
  char *place;             /* private: distinguishes series of one machine */
  size_t room;             /* private */
};

struct l4r_history_options {
  const char *const *path; /* [paths] files or folders */
  int paths;
  struct l4r_record_filter filter;
  enum l4r_round_metric metric;
  int unsealed; /* 1: include records that do not have the hash that they state, and count them */
};

struct l4r_history {
  struct l4r_history_series *series; /* [count], in order of appearance */
  int64_t count;
  char **file; /* [files] file names */
  int64_t files, left_out, unsealed;
  enum l4r_round_metric metric;
  size_t series_room, files_room; /* private */
};

/* Reads every record once and keeps a summary of each. Each must have the hash that it states (an
 * edited one is L4R_INPUT with file, line and field); samples are not read, which `lite4rec verify`
 * does. Records without the metric are counted in left_out. A record without a machine key is
 * assigned to the machine with the same derived key when only one stated key has it. L4R_INPUT when
 * nothing matches. Free with l4r_history_free, also after a failure. */
int l4r_history_read(const struct l4r_history_options *options, struct l4r_history *history);
void l4r_history_free(struct l4r_history *history);

#endif
