/* Counters of the timed part. Every cell carries where it came from; absent is never 0, and nothing
 * stands in for a counter the machine does not have. */
#ifndef L4R_BENCH_HARNESS_COUNTERS_H
#define L4R_BENCH_HARNESS_COUNTERS_H

#include "impl/base/team.h"

enum { L4R_COUNTERS_MAX = 64 };

struct l4r_counter_cell {
  char name[40], unit[40]; /* "instructions", "count" */
  char source[16];         /* "hardware", "multiplexed", "kernel", "modelled" or "absent" */
  char reason[192];        /* why absent; "" otherwise */
  double value;            /* of one round's timed part; no meaning when absent */
  int total;               /* 1: adds up over queries and is reported per query; 0: a ratio */
};

struct l4r_counters;

/* Prepares the groups named in `groups` ("auto", "none", or names with commas) for the threads of
 * the team. L4R_USAGE for an unknown group, listing the known ones. A machine that cannot count
 * is a state, not an error: its cells are absent with the reason. Free with l4r_counters_close. */
int l4r_counters_open(const char *groups, struct l4r_team *team, struct l4r_counters **counters);
void l4r_counters_close(struct l4r_counters *counters);

/* Around the timed part; on the thread that owns the team. Allocate nothing. */
int l4r_counters_start(struct l4r_counters *counters);
int l4r_counters_stop(struct l4r_counters *counters);

/* Writes the cells, absent ones included; returns how many (<= L4R_COUNTERS_MAX). */
int l4r_counters_read(const struct l4r_counters *counters,
                      struct l4r_counter_cell cell[L4R_COUNTERS_MAX]);

/* L4R_USAGE unless `groups` can be opened, for a check before anything runs. */
int l4r_counters_check(const char *groups);

#endif
