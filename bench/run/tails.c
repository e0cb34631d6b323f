/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/tails.h"

#include "bench/stats/quantile.h"
#include "impl/base/log.h"

#include <string.h>
#include <sys/resource.h>

enum { READINGS = 21 };

const char *const l4r_tail_event_names[L4R_TAIL_EVENTS] = {"voluntary_switches", "forced_switches",
                                                           "minor_faults", "major_faults"};

/* Counters that cannot be read stay as they are: no event is then told. */
static void read_events(const struct l4r_tails *tails, int64_t event[L4R_TAIL_EVENTS]) {
  struct rusage usage;
  if (getrusage(tails->whole_process ? RUSAGE_SELF : RUSAGE_THREAD, &usage)) {
    memcpy(event, tails->reading, sizeof tails->reading);
    return;
  }
  event[0] = usage.ru_nvcsw;
  event[1] = usage.ru_nivcsw;
  event[2] = usage.ru_minflt;
  event[3] = usage.ru_majflt;
}

void l4r_tails_init(struct l4r_tails *tails, int threads) {
  int64_t ns[READINGS];
  memset(tails, 0, sizeof *tails);
  tails->whole_process = threads > 1;
  for (int i = 0; i < READINGS; i++) {
    const int64_t before = l4r_now_ns();
    read_events(tails, tails->reading);
    ns[i] = l4r_now_ns() - before;
  }
  l4r_sort_i64(ns, READINGS);
  tails->read_ns = ns[READINGS / 2];
  tails->every = (tails->read_ns + L4R_TAIL_BUDGET_NS - 1) / L4R_TAIL_BUDGET_NS;
  if (tails->every < 1) tails->every = 1;
}

void l4r_tails_close(struct l4r_tails *tails) {
  int64_t now[L4R_TAIL_EVENTS];
  read_events(tails, now);
  for (int t = 0; t < tails->count; t++) {
    struct l4r_tail *tail = &tails->slowest[t];
    if (tail->over) continue;
    for (int e = 0; e < L4R_TAIL_EVENTS; e++) tail->events[e] = now[e] - tails->reading[e];
    tail->over = tails->since;
  }
  memcpy(tails->reading, now, sizeof now);
  tails->since = 0;
}

void l4r_tails_open(struct l4r_tails *tails) {
  read_events(tails, tails->reading);
  tails->since = 0;
}

void l4r_tails_insert(struct l4r_tails *tails, const struct l4r_tail *tail) {
  int at = tails->count < L4R_TAILS ? tails->count++ : L4R_TAILS - 1;
  while (at > 0 && tails->slowest[at - 1].ns < tail->ns) {
    tails->slowest[at] = tails->slowest[at - 1];
    at--;
  }
  tails->slowest[at] = *tail;
  tails->slowest[at].over = 0;
}
