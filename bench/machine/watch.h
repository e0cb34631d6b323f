/* SPDX-License-Identifier: BSD-3-Clause */
/* A watch on what else happens while a round serves: the clock's frequency, and the time that the
 * hypervisor and other programs take. */
#ifndef L4R_BENCH_MACHINE_WATCH_H
#define L4R_BENCH_MACHINE_WATCH_H

#include <jansson.h>
#include <stdint.h>

struct l4r_ticks { /* of all processors, in the kernel's ticks (10 ms), and our own seconds */
  double busy, steal, total, own_seconds;
};

struct l4r_watch {
  struct l4r_ticks from, to;
  double before, during, after; /* GHz; 0: not measured */
  int64_t last_ns;
  int elsewhere; /* 1: the engine is a process of its own, so that others' time cannot be told */
};

/* These three make up a watch. Each call takes about half a millisecond; `during` measures at most
 * ten times a second. Call them on the thread that serves. */
void l4r_watch_begin(struct l4r_watch *watch);
void l4r_watch_during(struct l4r_watch *watch);
void l4r_watch_end(struct l4r_watch *watch);

/* {"ghz": {"before", "during" (the lowest), "after"}, "steal_share", "others_share"}: shares of all
 * processors' time; null where a machine does not say or the span is below 20 ticks. */
json_t *l4r_watch_json(const struct l4r_watch *watch);

/* Reads /proc/stat below `root`; returns 0 when it cannot. own_seconds stays 0. */
int l4r_ticks_read(const char *root, struct l4r_ticks *ticks);

/* Measures GHz with a chain of multiplications that depend on each other. Each takes three cycles
 * on every x86-64 made since 2008 (an add may vanish at rename). Returns the best of three, or 0 on
 * other processors. */
double l4r_clock_ghz(void);

#endif
