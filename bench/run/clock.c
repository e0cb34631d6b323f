/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures how fine the clock is, because a latency of a few ticks would be noise. */
#include "bench/run/clock.h"
#include "impl/base/log.h"

enum { READS = 20000 };

struct l4r_clock_facts l4r_clock_measure(void) {
  int64_t first = l4r_now_ns(), last = first, tick = INT64_MAX;
  for (int i = 0; i < READS; i++) {
    int64_t now = l4r_now_ns();
    if (now > last && now - last < tick) tick = now - last;
    last = now;
  }
  /* A step seen between two reads is a tick or a read, whichever is longer. */
  return (struct l4r_clock_facts){.tick_ns = tick == INT64_MAX ? 0 : (double)tick,
                                  .read_ns = (double)(last - first) / READS};
}
