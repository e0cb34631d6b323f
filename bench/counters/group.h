/* SPDX-License-Identifier: BSD-3-Clause */
/* Counter groups as data (LIKWID's idea): the text files of bench/groups, which the build embeds.
 * Those of a folder are for a family of processors, and replace the generic group of the same name
 * on them.
 *
 *   SHORT one line
 *   CPUS        vendor, family (decimal), models (hexadecimal ranges): "AuthenticAMD 25 10-1f,60";
 *               on Arm "Arm", implementer (decimal), parts (hexadecimal): "Arm 65 d0c"
 *   EVENTS      our name, then the PAPI names to try in order; between them perhaps
 *               `rare`      0 is a possible count, of the timed part at least
 *               `unproven`  0 is a possible count, even where the machine is tried out
 *   METRICS     name = formula [unit], over our event names and `seconds`
 *   LONG        prose */
#ifndef L4R_BENCH_COUNTERS_GROUP_H
#define L4R_BENCH_COUNTERS_GROUP_H

#include "bench/machine/cpu_id.h"

enum { L4R_GROUP_EVENTS = 16, L4R_GROUP_METRICS = 16, L4R_EVENT_NAMES = 4 };
enum l4r_event_zero { L4R_ZERO_NEVER, L4R_ZERO_RARE, L4R_ZERO_UNPROVEN };

struct l4r_event {
  char name[32];
  char native[L4R_EVENT_NAMES][128];
  int natives;
  enum l4r_event_zero zero;
};
struct l4r_metric {
  char name[32], formula[128], unit[40];
};
struct l4r_group {
  char name[32], about[128];
  char family[32], cpus[96]; /* "generic" and "" for any processor; "zen4" and its CPUS line */
  const char *explanation;   /* the LONG part of the text parsed, borrowed; "" without one */
  struct l4r_event event[L4R_GROUP_EVENTS];
  struct l4r_metric metric[L4R_GROUP_METRICS];
  int events, metrics;
};

/* Parses a group's text. L4R_INPUT with name:line for an unknown section, too many rows, a formula
 * that does not parse or names an unknown event. */
int l4r_group_parse(const char *name, const char *text, struct l4r_group *group);
/* A built-in group for a processor; NULL: this machine's. Groups of the processor's family come
 * before generic ones. L4R_USAGE lists the names. */
int l4r_group_find(const char *name, const struct l4r_cpu_id *cpu, struct l4r_group *group);
/* The names one by one, from 0; NULL behind the last. */
const char *l4r_group_name(int i);
const char *l4r_group_names(void); /* "default, cache, ..." */
/* Every group of every family, from 0; L4R_CHECK behind the last, without a message. */
int l4r_group_at(int i, struct l4r_group *group);
/* 1 when a CPUS line names the processor. */
int l4r_group_fits(const char *cpus, const struct l4r_cpu_id *cpu);

#endif
