/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/session/time_source.h"

#include "impl/base/log.h"

#include <sys/prctl.h>
#include <time.h>

/* The kernel may let a sleeper wait 50 microseconds longer to save a wake-up; 1 turns that off. */
enum { TIMER_SLACK_NS = 1 };

static void sleep_until(int64_t when) {
  static int slack_set;
  if (!slack_set) slack_set = !prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
  const struct timespec at = {when / 1000000000, when % 1000000000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

struct l4r_time_source l4r_time = {l4r_now_ns, sleep_until};
