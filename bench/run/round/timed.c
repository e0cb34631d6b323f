/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/round/timed.h"

#include "bench/machine/pin_proof.h"
#include "bench/run/session/describe.h"
#include "bench/run/session/time_source.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <assert.h>

enum { NOVEL_PERMUTATION = 16, USAGE_APART_NS = 100000000 };
/* Raw latencies travel with their record (at most 256 KB compressed for five rounds), so an engine
 * that answers in microseconds ends a round by count, long after its median is known to a percent.
 */
enum { SAMPLES_MOST = 16384 };

/* Looks at everything that computed since the timed part began, also at threads and processes of
 * the engine's own. */
int l4r_round_check_usage(struct l4r_round *round) {
  struct l4r_cpu_usage *usage = round->usage;
  l4r_usage_read(&usage[1]);
  const int status = l4r_usage_judge(&usage[0], &usage[1], &round->job->pin, &round->span);
  return status ? l4r_fail_context(status, "arm %s", round->job->arm) : L4R_OK;
}

/* Checks the workers' places between permutations, because a worker that strays and comes back
 * would pass the proof at the end. */
static int check_places(struct l4r_round *round) {
  const struct l4r_pin *pin = &round->job->pin;
  if (!pin->bound) return L4R_OK;
  struct l4r_pin_proof proof = {.this_system = 1};
  int status = l4r_team_observed(round->session.team, proof.observed);
  for (int i = 0; i < pin->threads; i++) proof.located[i] = -1;
  if (!status) status = l4r_pin_judge(pin, &proof);
  if (status) return l4r_fail_context(status, "arm %s", round->job->arm);
  if (l4r_now_ns() - round->usage[1].at_ns < USAGE_APART_NS) return L4R_OK;
  return l4r_round_check_usage(round);
}

/* Selection sampling, as for the log: the rest of what is to be asked over the rest of the calls.
 * Neither the slowest calls nor the stages' timers take part in it. */
int l4r_round_ask_aside(void *context, int64_t left, const struct l4r_request *known, int64_t ns) {
  struct l4r_round *round = context;
  struct l4r_novel *novel = &round->novel;
  if ((int64_t)l4r_random_below(&novel->random, (uint64_t)left) >= novel->left_here) return L4R_OK;
  struct l4r_timer before[L4R_TIMERS_MAX], after[L4R_TIMERS_MAX];
  novel->left_here--;
  l4r_slowest_close(&round->serving.slowest);
  const int timers = l4r_session_timers(&round->session, before), pairs = novel->pairs;
  assert(timers <= L4R_TIMERS_MAX);
  const int status = l4r_novel_ask(novel, &round->session, known, ns);
  novel->inside += novel->pairs - pairs;
  /* An engine may forget timers that it had; what they would have grown by is then unknown. */
  const int left_over = l4r_session_timers(&round->session, after);
  for (int t = 0; t < timers && t < left_over; t++)
    round->aside_ns[t] += after[t].ns - before[t].ns;
  l4r_slowest_open(&round->serving.slowest);
  return status;
}

int l4r_round_serve_closed(struct l4r_round *round) {
  struct l4r_serving *serving = &round->serving;
  const int64_t count = serving->options.count, batch = serving->options.batch;
  const int64_t calls = (count + batch - 1) / batch, began = l4r_time.now();
  int64_t served = 0;
  int enough = 0, timely = 0, full = 0;
  while (!enough || !(timely || full)) {
    if (serving->permutations) l4r_counters_next(round->counters);
    int status = l4r_serving_prepare(serving, 1, calls, 0);
    const uint64_t allocations = l4r_alloc_count();
    round->novel.left_here = NOVEL_PERMUTATION < count / 8 ? NOVEL_PERMUTATION : (int)(count / 8);
    if (!status) status = l4r_serve_permutation(serving);
    round->allocations += (int64_t)(l4r_alloc_count() - allocations);
    if (!status) status = check_places(round);
    if (status) return status;
    l4r_watch_during(&round->watch);
    served += count;
    const double seconds = (double)(l4r_time.now() - began) * 1e-9;
    const int was_enough = enough;
    round->timed_seconds = seconds;
    enough = served >= round->job->min_count;
    timely = seconds >= round->job->min_seconds;
    full = serving->samples.count + calls > SAMPLES_MOST;
    if (enough && !was_enough) round->ended = timely ? "minimum count" : "minimum time";
    if (enough && full && !timely) round->ended = "sample limit";
  }
  return L4R_OK;
}

/* The schedule is not interrupted for the proof of places: that comes after it. */
int l4r_round_serve_open(struct l4r_round *round) {
  struct l4r_serving *serving = &round->serving;
  const int64_t queries = round->plan.queries;
  int status = l4r_serving_prepare(serving, round->plan.permutations, queries, 1);
  const uint64_t allocations = l4r_alloc_count();
  const int64_t began = l4r_time.now();
  if (!status) status = l4r_serve_arrivals(serving, round->due, queries);
  round->timed_seconds = (double)(l4r_time.now() - began) * 1e-9;
  round->allocations = (int64_t)(l4r_alloc_count() - allocations);
  round->ended = round->plan.ended;
  return status ? status : check_places(round);
}
