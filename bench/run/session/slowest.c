/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/session/slowest.h"

#include "bench/stats/quantile.h"
#include "impl/base/log.h"

#include <string.h>
#include <sys/resource.h>

enum { READINGS = 21 };

const char *const l4r_slow_call_event_names[L4R_SLOW_CALL_EVENTS] = {
    "voluntary_switches", "forced_switches", "minor_faults", "major_faults"};

/* Counters that cannot be read stay as they are, so that no event is reported. */
static void read_events(const struct l4r_slowest *slowest, int64_t event[L4R_SLOW_CALL_EVENTS]) {
  struct rusage usage;
  if (getrusage(slowest->whole_process ? RUSAGE_SELF : RUSAGE_THREAD, &usage)) {
    memcpy(event, slowest->reading, sizeof slowest->reading);
    return;
  }
  event[0] = usage.ru_nvcsw;
  event[1] = usage.ru_nivcsw;
  event[2] = usage.ru_minflt;
  event[3] = usage.ru_majflt;
}

void l4r_slowest_init(struct l4r_slowest *slowest, int threads) {
  int64_t ns[READINGS];
  memset(slowest, 0, sizeof *slowest);
  slowest->whole_process = threads > 1;
  for (int i = 0; i < READINGS; i++) {
    const int64_t before = l4r_now_ns();
    read_events(slowest, slowest->reading);
    ns[i] = l4r_now_ns() - before;
  }
  l4r_sort_i64(ns, READINGS);
  slowest->read_ns = ns[READINGS / 2];
  slowest->every = (slowest->read_ns + L4R_SLOWEST_BUDGET_NS - 1) / L4R_SLOWEST_BUDGET_NS;
  if (slowest->every < 1) slowest->every = 1;
}

void l4r_slowest_close(struct l4r_slowest *slowest) {
  int64_t now[L4R_SLOW_CALL_EVENTS];
  read_events(slowest, now);
  for (int t = 0; t < slowest->count; t++) {
    struct l4r_slow_call *call = &slowest->call[t];
    if (call->over) continue;
    for (int e = 0; e < L4R_SLOW_CALL_EVENTS; e++) call->events[e] = now[e] - slowest->reading[e];
    call->over = slowest->since;
  }
  memcpy(slowest->reading, now, sizeof now);
  slowest->since = 0;
}

void l4r_slowest_open(struct l4r_slowest *slowest) {
  read_events(slowest, slowest->reading);
  slowest->since = 0;
}

void l4r_slowest_insert(struct l4r_slowest *slowest, const struct l4r_slow_call *call) {
  int at = slowest->count < L4R_SLOWEST ? slowest->count++ : L4R_SLOWEST - 1;
  while (at > 0 && slowest->call[at - 1].ns < call->ns) {
    slowest->call[at] = slowest->call[at - 1];
    at--;
  }
  slowest->call[at] = *call;
  slowest->call[at].over = 0;
}
