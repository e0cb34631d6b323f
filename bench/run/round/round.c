/* SPDX-License-Identifier: BSD-3-Clause */
/* The course of a round:
 *
 *   open | cold query | warm-up cycles ... steady | timed permutations ... | repeats : fresh |
 * known : novel | overhead | proof
 *
 * Nothing is allocated by the harness inside a permutation: samples are grown between two of them,
 * rankings are copied into slots taken beforehand, and copying happens outside the clock. Outliers
 * stay in. */
#include "bench/run/round/round.h"

#include "bench/run/round/pairs.h"
#include "bench/run/round/ranks.h"
#include "bench/run/round/result.h"
#include "bench/run/round/state.h"
#include "bench/run/round/timed.h"
#include "bench/run/round/warm_up.h"
#include "bench/run/session/describe.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

static const double IDLE_SECONDS = .3;

static void next_counters(void *round) {
  l4r_counters_next(((struct l4r_round *)round)->counters);
}

/* Stages of the engine also begin while it opens, when there are no counters yet. */
static void note_stage(void *context, int timer) {
  struct l4r_round *round = context;
  if (round->counters) l4r_counters_note_stage(round->counters, timer);
}

/* Takes the memory of the timed loops and makes the schedule of the open one. */
static int prepare_serving(struct l4r_round *round) {
  const struct l4r_job *job = round->job;
  const int64_t count = l4r_requests_count(&round->requests, L4R_ROLE_TIMED);
  const int open = job->scenario == L4R_SERVER, equal = job->scenario == L4R_MULTI_STREAM;
  if (count < 1 || (equal && job->batch > count))
    return l4r_fail(L4R_USAGE,
                    "queries of %lld requests want at least as many users, and the sample has "
                    "%lld; lower --batch or raise --users",
                    (long long)job->batch, (long long)count);
  if (open) {
    const struct l4r_arrivals_asked asked = {count, job->min_count, job->min_seconds, job->rate};
    round->plan = l4r_arrivals_plan(&asked);
    round->due = l4r_alloc((size_t)round->plan.queries, sizeof *round->due, "arrivals");
    if (!round->due) return L4R_ENVIRONMENT;
    l4r_arrivals_make(job->seed, job->round, job->rate, round->due, round->plan.queries);
  }
  /* Counters of stages cannot leave out a part of the serving. */
  const int aside = job->batch == 1 && !l4r_counters_by_stage(round->counters);
  int status = l4r_novel_make(&round->requests, &round->session, job->seed, job->round, job->k,
                              &round->novel);
  if (status) return status;
  const struct l4r_serving_options options = {.session = &round->session,
                                              .request = round->requests.request +
                                                         round->requests.begin[L4R_ROLE_TIMED],
                                              .count = count,
                                              .batch = job->batch,
                                              .k = job->k,
                                              .equal = equal,
                                              .longest = open ? round->plan.queries : count,
                                              .seed = job->seed,
                                              .round = job->round,
                                              .between = next_counters,
                                              .aside = aside ? l4r_round_ask_aside : NULL,
                                              .context = round};
  return l4r_serving_open(&options, &round->serving);
}

static int prepare(struct l4r_round *round, const struct l4r_bundle *bundle) {
  const struct l4r_job *job = round->job;
  int status = l4r_requests_read(bundle, &round->requests);
  if (status) return status;
  int64_t k = job->k + l4r_requests_longest(&round->requests);
  if (l4r_counters_ask_stages(job->counters))
    round->session.on_stage = (struct l4r_stage_hook){note_stage, round};
  status = l4r_session_open(job, job->batch, k, &round->session);
  if (status) return status;
  round->call = l4r_alloc((size_t)job->batch, sizeof *round->call, "requests of a call");
  if (!round->call) return L4R_ENVIRONMENT;
  status = l4r_counters_open(job->counters, round->session.team, &round->counters);
  return status ? status : prepare_serving(round);
}

/* The echo is measured before and after, because other work on the machine slows it, too. */
static int measure_echo(struct l4r_round *round) {
  const struct l4r_session *session = &round->session;
  int64_t ns;
  if (!session->engine->echo) return L4R_OK;
  const int status = session->engine->echo(session->handle, &ns);
  if (!status && ns > round->echo_ns) round->echo_ns = ns;
  return status ? l4r_fail_context(status, "arm %s, the way to it", round->job->arm) : L4R_OK;
}

int l4r_round_do(const struct l4r_bundle *bundle, const struct l4r_job *job,
                 struct l4r_bundle *result) {
  struct l4r_round *round = l4r_alloc(1, sizeof *round, "a round");
  if (!round) return L4R_ENVIRONMENT;
  round->job = job;
  round->usage = l4r_alloc(2, sizeof *round->usage, "who computes");
  int status = round->usage ? L4R_OK : L4R_ENVIRONMENT;
  if (!status) status = prepare(round, bundle);
  l4r_energy_find("/sys", &round->energy);
  if (!status) l4r_energy_idle(&round->energy, IDLE_SECONDS);
  if (!status) status = l4r_round_warm_up(round);
  if (!status) status = l4r_round_try_stages(round);
  if (!status) status = measure_echo(round);
  if (!status) round->timers = l4r_session_timers(&round->session, round->timer[0]);
  if (!status) l4r_session_budget(&round->session, &round->budget[0]);
  if (!status) status = l4r_round_ask_ranks(round, 0);
  l4r_watch_begin(&round->watch);
  if (!status) round->watch.elsewhere = round->session.engine->own_ns != NULL;
  if (!status) status = l4r_counters_start(round->counters);
  l4r_energy_start(&round->energy);
  if (!status) l4r_counters_stages_begin(round->counters, 0);
  l4r_usage_read(&round->usage[0]);
  round->usage[1].at_ns = round->usage[0].at_ns;
  if (!status) status = round->due ? l4r_round_serve_open(round) : l4r_round_serve_closed(round);
  if (!status) l4r_counters_stages_end(round->counters, 0, round->serving.serving_ns);
  round->joules = l4r_energy_stop(&round->energy);
  if (!status) status = l4r_counters_stop(round->counters);
  l4r_watch_end(&round->watch);
  if (!status) status = l4r_round_ask_ranks(round, 1);
  if (!status) status = l4r_round_check_usage(round);
  if (!status) l4r_session_budget(&round->session, &round->budget[1]);
  if (!status && l4r_session_timers(&round->session, round->timer[1]) != round->timers)
    round->timers = 0;
  if (!status) status = measure_echo(round);
  if (!status) status = l4r_round_serve_repeats(round, result);
  if (!status) status = l4r_round_serve_novel(round, result);
  if (!status) status = l4r_serving_overhead(&round->serving, round->due != NULL, &round->overhead);
  if (!status) status = l4r_round_put_results(round, result);
  l4r_counters_close(round->counters);
  l4r_session_close(&round->session);
  l4r_requests_free(&round->requests);
  l4r_serving_close(&round->serving);
  l4r_free(round->call);
  l4r_free(round->due);
  l4r_free(round->usage);
  l4r_free(round->ranks[0]);
  l4r_free(round->ranks[1]);
  l4r_novel_free(&round->novel);
  l4r_free(round);
  return status;
}
