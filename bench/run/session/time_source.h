/* SPDX-License-Identifier: BSD-3-Clause */
/* The clock of everything that is timed. A test can replace it, and so run queues of known
 * behaviour, or clocks that go backwards, through the loops that measure. */
#ifndef L4R_BENCH_RUN_SESSION_TIME_SOURCE_H
#define L4R_BENCH_RUN_SESSION_TIME_SOURCE_H

#include <stdint.h>

struct l4r_time_source {
  int64_t (*now)(void);              /* nanoseconds; must never fall */
  void (*sleep_until)(int64_t when); /* on the same scale; may return late, or early on a signal */
};

/* CLOCK_MONOTONIC and clock_nanosleep, unless a test changed it. Not to be changed while another
 * thread measures. */
extern struct l4r_time_source l4r_time;

#endif
