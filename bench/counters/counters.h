/* SPDX-License-Identifier: BSD-3-Clause */
/* Counters of the timed part. Every reading carries where it came from; absent is never 0, and
 * nothing stands in for a counter the machine does not have. */
#ifndef L4R_BENCH_COUNTERS_COUNTERS_H
#define L4R_BENCH_COUNTERS_COUNTERS_H

#include "bench/counters/stages.h"
#include "impl/base/team.h"

enum { L4R_COUNTERS_MAX = 64 };

struct l4r_counter_reading {
  char name[40], unit[40]; /* "instructions", "count" */
  char source[16];         /* "hardware", "multiplexed", "kernel", "modelled" or "absent" */
  char reason[192];        /* why absent; else "" or in which share of the work it was counted */
  double value;            /* of one round's timed part; no meaning when absent */
  int total;               /* 1: adds up over queries and is reported per query; 0: a ratio */
};

struct l4r_counters;

/* Prepares the groups named in `groups` ("auto", "none", or names with commas, among them perhaps
 * "stages": the first group of each stage too) for the threads of the team. L4R_USAGE for an
 * unknown group, listing the known ones. A machine that cannot count is a state, not an error: its
 * readings are absent with the reason. Free with l4r_counters_close. */
int l4r_counters_open(const char *groups, struct l4r_team *team, struct l4r_counters **counters);
void l4r_counters_close(struct l4r_counters *counters);

/* Around the timed part; on the thread that owns the team. Allocate nothing. */
int l4r_counters_start(struct l4r_counters *counters);
int l4r_counters_stop(struct l4r_counters *counters);

/* Between start and stop, after each permutation: where events take turns, the next ones count. */
void l4r_counters_next(struct l4r_counters *counters);

/* Writes the readings, absent ones included; returns how many (<= L4R_COUNTERS_MAX). */
int l4r_counters_read(const struct l4r_counters *counters,
                      struct l4r_counter_reading reading[L4R_COUNTERS_MAX]);

/* Counters of stages, where they were asked for (else these do nothing and the last gives NULL):
 * listens from here to the end, whose serving took so long. A trial comes first, outside start and
 * stop, on a serving whose counts are then forgotten; what it refuses the second pair does not
 * try. */
int l4r_counters_by_stage(const struct l4r_counters *counters);
void l4r_counters_stages_begin(struct l4r_counters *counters, int trial);
void l4r_counters_stages_end(struct l4r_counters *counters, int trial, int64_t serving_ns);
void l4r_counters_note_stage(struct l4r_counters *counters, int timer); /* l4r_stages_note */
json_t *l4r_counters_stages(const struct l4r_counters *counters, const struct l4r_timer *timer,
                            int timers);

/* 1 when a word, such as "instructions", is among `groups`. Pure. */
int l4r_counters_ask(const char *groups, const char *word);
/* 1 when instructions of serving a sample are to be counted apart (bench/run/count.h). Pure. */
int l4r_counters_ask_counts(const char *groups);
/* 1 when counters of stages are among `groups`. Pure. */
int l4r_counters_ask_stages(const char *groups);

/* L4R_USAGE unless `groups` can be opened, for a check before anything runs. */
int l4r_counters_check(const char *groups);

#endif
