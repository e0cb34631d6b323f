/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to bench/run/round: a round under way. */
#ifndef L4R_BENCH_RUN_ROUND_STATE_H
#define L4R_BENCH_RUN_ROUND_STATE_H

#include "bench/counters/counters.h"
#include "bench/machine/energy.h"
#include "bench/machine/usage.h"
#include "bench/machine/watch.h"
#include "bench/run/session/arrivals.h"
#include "bench/run/job.h"
#include "bench/run/session/novel.h"
#include "bench/run/session/overhead.h"
#include "bench/run/session/requests.h"
#include "bench/run/session/serve.h"
#include "bench/run/session/session.h"
#include "impl/shards/order.h"

enum { L4R_ROUND_CYCLES = 64 }; /* of warm-up, at most */

struct l4r_round {
  const struct l4r_job *job;
  struct l4r_session session;
  struct l4r_requests requests;
  struct l4r_request *call; /* [batch]: the requests of a call outside the timed part */
  struct l4r_serving serving;
  struct l4r_overhead overhead;
  struct l4r_counters *counters;
  struct l4r_energy energy;
  struct l4r_watch watch;
  double joules; /* negative: absent */
  int64_t cold_ns, warm_queries, allocations;
  double timed_seconds; /* of the timed part, what is between its calls included */
  int64_t *due;         /* of the open loop: when each query comes; else NULL */
  struct l4r_arrivals_plan plan;
  struct l4r_novel novel;
  int64_t aside_ns[L4R_TIMERS_MAX];          /* of the timers, while novel requests were served */
  struct l4r_timer timer[2][L4R_TIMERS_MAX]; /* before and after the timed part */
  int timers;
  struct l4r_shard_report *ranks[2]; /* [shards] likewise */
  int shards;                        /* of the arm; 0: it has none */
  struct l4r_budget budget[2];       /* likewise; without parts where nobody counts stages */
  struct l4r_cpu_usage *usage;       /* [2]: at the begin of the timed part, and the newest */
  struct l4r_usage_span span;
  int64_t echo_ns; /* the larger of before and after the timed part; 0: nothing lies between */
  double cycle[L4R_ROUND_CYCLES];
  int cycles, steady;
  const char *ended; /* why the timed part ended */
};

/* Serves the first n requests of round->call. */
static inline int l4r_round_call(struct l4r_round *round, int64_t n, int64_t *ns) {
  return l4r_session_serve(&round->session, round->call, n, round->job->k, ns);
}

#endif
