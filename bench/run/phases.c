/* SPDX-License-Identifier: BSD-3-Clause */
/* The phases of a run whose configurations are planned: probe, accuracy and rounds, each in a child
 * of its own. */
#include "bench/run/phases.h"
#include "bench/counters/counters.h"
#include "bench/run/child.h"
#include "bench/run/count.h"
#include "bench/run/interrupt.h"
#include "bench/run/journal.h"
#include "bench/run/run.h"

#include "bench/run/accuracy.h"
#include "bench/run/session/arrivals.h"
#include "bench/run/peak_rate.h"
#include "bench/run/order.h"
#include "bench/run/session/requests.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <assert.h>
#include <string.h>

int l4r_run_job(const struct l4r_run *run, const struct l4r_run_config *config, enum l4r_task task,
                int round, struct l4r_bundle *bundle) {
  const struct l4r_run_options *options = run->options;
  assert(config->arm >= 0 && config->arm < options->arms && options->arms <= L4R_RUN_ARMS);
  struct l4r_job job = {.task = task,
                        .arm = run->arm[config->arm].arm->text,
                        .data = options->data,
                        .pin = config->pin,
#define JOB(KIND, member, ...)        .member = options->member,
#define JOB_RECORD(KIND, member, ...) .member = options->member,
#include "bench/record/run_options.inc.h"
                        .rate = config->rate,
                        .round = round};
  if (!l4r_scenario_has_batch(options->scenario)) job.batch = 1;
  /* The arrays are the run's: only the meta object differs from job to job. */
  *bundle = run->requests;
  bundle->meta = json_object();
  const int status = l4r_job_put(&job, bundle), build = run->arm[config->arm].build;
  if (!status && build >= 0) /* for l4r_child_run; the child itself need not know */
    json_object_set_new(bundle->meta, "program", json_string(options->build[build]));
  return status;
}

/* Starts a job and drops its meta object again. */
static int start_job(const struct l4r_run *run, const struct l4r_run_config *config,
                     enum l4r_task task, int round, struct l4r_bundle *result, int *died) {
  struct l4r_bundle job;
  int status = l4r_run_job(run, config, task, round, &job);
  if (!status) status = l4r_child_run(&job, result, died);
  json_decref(job.meta);
  return status;
}

/* The configuration of an arm with the most threads: for what is done once per arm. */
static const struct l4r_run_config *widest_config(const struct l4r_run *run, int arm) {
  const struct l4r_run_config *widest = NULL;
  for (int c = 0; c < run->configs; c++)
    if (run->config[c].arm == arm && (!widest || run->config[c].pin.threads > widest->pin.threads))
      widest = &run->config[c];
  return widest;
}

int64_t l4r_run_timed_users(const struct l4r_run *run) {
  const struct l4r_array *role = l4r_bundle_find(&run->requests, "role");
  int64_t timed = 0;
  for (int64_t i = 0; i < role->count; i++) timed += role->value[i] == L4R_ROLE_TIMED;
  return timed;
}

static double serving_seconds(const struct l4r_run *run, const struct l4r_run_config *config,
                              int most) {
  const struct l4r_run_options *options = run->options;
  const struct l4r_run_arm *arm = &run->arm[config->arm];
  const int64_t timed = l4r_run_timed_users(run);
  double permutation = arm->request_seconds * (double)timed * most / config->pin.threads;
  if (options->scenario == L4R_SERVER && timed) {
    /* A search stays below what a closed loop serves, and tries about half of its trials. */
    const double rate = options->find_peak_rate ? .7 / arm->request_seconds : config->rate;
    const struct l4r_arrivals_asked asked = {timed, options->min_count, options->min_seconds, rate};
    const int64_t queries = l4r_arrivals_plan(&asked).queries;
    permutation *= (double)(queries / timed); /* at overload the engine is what takes time */
    if ((double)queries / rate > permutation) permutation = (double)queries / rate;
  }
  double serving = permutation > options->min_seconds ? permutation : options->min_seconds;
  /* Warm-up takes at most the minimum time, repeats about a tenth of the serving. */
  const double round = arm->open_seconds + 1.1 * serving + options->min_seconds;
  return options->find_peak_rate ? round * L4R_PEAK_RATE_TRIALS / 2 : round;
}

static int probe_arm(struct l4r_run *run, int a) {
  struct l4r_run_arm *arm = &run->arm[a];
  struct l4r_bundle result = {0};
  const struct l4r_run_config *widest = widest_config(run, a);
  int died, status = start_job(run, widest, L4R_TASK_PROBE, 0, &result, &died);
  if (status && (died || status == L4R_CHECK)) { /* the others can still be measured */
    snprintf(arm->failure, sizeof arm->failure, "%s", l4r_error_message());
    l4r_warn("%s: %s", arm->arm->label, arm->failure);
    return L4R_OK;
  }
  if (status) return status;
  arm->open_seconds = json_number_value(json_object_get(result.meta, "open_seconds"));
  arm->request_seconds = json_number_value(json_object_get(result.meta, "request_ns")) * 1e-9;
  arm->score_seconds = json_number_value(json_object_get(result.meta, "score_ns")) * 1e-9;
  double seconds = arm->open_seconds + arm->score_seconds * (double)run->dataset->users;
  for (int c = 0; c < run->configs; c++)
    if (run->config[c].arm == a) {
      run->config[c].round_seconds = serving_seconds(run, &run->config[c], widest->pin.threads);
      seconds += (double)run->options->rounds * run->config[c].round_seconds;
    }
  if (l4r_counters_ask_counts(run->options->counters)) /* twice the sample, in every repeat */
    seconds += L4R_COUNT_SLOWDOWN * L4R_COUNT_REPEATS *
               (arm->open_seconds + 2 * arm->request_seconds * (double)l4r_run_timed_users(run));
  arm->minutes = seconds / 60;
  l4r_bundle_free(&result);
  return L4R_OK;
}

static double accuracy_seconds(const struct l4r_run *run, int a) {
  return run->arm[a].open_seconds + run->arm[a].score_seconds * (double)run->dataset->users;
}

static void tell_estimate(const struct l4r_run *run, double minutes) {
  char time[16];
  for (int a = 0; a < run->options->arms; a++)
    if (!*run->arm[a].failure && run->options->verbose)
      l4r_info("%s: about %.1f minutes (%.3g ms a user, accuracy of %lld users %.0f s)",
               run->arm[a].arm->label, run->arm[a].minutes, run->arm[a].request_seconds * 1e3,
               (long long)run->dataset->users, accuracy_seconds(run, a));
  l4r_info("%d arm%s, %d combination%s of %lld round%s: about %s", run->options->arms,
           run->options->arms == 1 ? "" : "s", run->configs, run->configs == 1 ? "" : "s",
           (long long)run->options->rounds, run->options->rounds == 1 ? "" : "s",
           l4r_duration_text(time, minutes * 60));
}

int l4r_run_estimate(struct l4r_run *run) {
  double minutes = 0;
  for (int a = 0; a < run->options->arms; a++) {
    int status = probe_arm(run, a);
    if (!status && l4r_interrupted()) status = l4r_fail(L4R_CHECK, "interrupted before a round");
    if (status) return status;
    minutes += run->arm[a].minutes;
  }
  tell_estimate(run, minutes);
  if (minutes <= run->options->budget) return L4R_OK;
  return l4r_fail(L4R_USAGE,
                  "this run would take about %.0f minutes, more than --budget %g; raise it, or "
                  "lower --users, --rounds or --min-time",
                  minutes, run->options->budget);
}

/* What is still to be measured, as expected. */
static double seconds_left(const struct l4r_run *run) {
  double seconds = 0;
  for (int a = 0; a < run->options->arms; a++)
    if (!run->arm[a].accuracy.meta) seconds += accuracy_seconds(run, a);
  for (int c = 0; c < run->configs; c++)
    seconds += run->config[c].round_seconds * (double)(run->options->rounds - run->config[c].done);
  return seconds;
}

static int accuracy_of(struct l4r_run *run, int a) {
  struct l4r_run_arm *arm = &run->arm[a];
  int died, status = L4R_OK;
  if (!arm->accuracy.meta) { /* not measured before an interruption */
    status = start_job(run, widest_config(run, a), L4R_TASK_ACCURACY, 0, &arm->accuracy, &died);
    if (status && l4r_interrupted()) return L4R_OK;
    if (!status) l4r_journal_accuracy(run, a);
  }
  if (!status) status = l4r_accuracy_derive(&arm->accuracy, &arm->figures);
  return status;
}

int l4r_run_accuracy(struct l4r_run *run) {
  double from = 0;
  l4r_progress_begin(seconds_left(run));
  for (int a = 0; a < run->options->arms && !l4r_interrupted(); a++) {
    struct l4r_run_arm *arm = &run->arm[a];
    if (*arm->failure) continue;
    const double seconds = arm->accuracy.meta ? 0 : accuracy_seconds(run, a);
    arm->accuracy_expected = seconds;
    l4r_progress_part(from, seconds);
    from += seconds;
    if (!accuracy_of(run, a)) continue;
    snprintf(arm->failure, sizeof arm->failure, "%s", l4r_error_message());
    l4r_warn("%s: %s", arm->arm->label, arm->failure);
  }
  return L4R_OK;
}

static void note_failure(struct l4r_run *run, struct l4r_run_config *config, int round) {
  l4r_warn("round %d of %s with %d threads: %s", round + 1, run->arm[config->arm].arm->label,
           config->pin.threads, l4r_error_message());
  json_array_append_new(config->failures,
                        json_pack("{s:i, s:s}", "round", round, "reason", l4r_error_message()));
}

static int one_round(struct l4r_run *run, struct l4r_run_config *config, int round, int place) {
  struct l4r_run_arm *arm = &run->arm[config->arm];
  if (*arm->failure || l4r_interrupted() || l4r_journal_has_round(config, round)) return L4R_OK;
  struct l4r_bundle *result = &config->round[config->done];
  int died, status = start_job(run, config, L4R_TASK_ROUND, round, result, &died);
  if (!status) {
    json_object_set_new(result->meta, "round", json_integer(round));
    json_object_set_new(result->meta, "place", json_integer(place));
    config->done++;
    l4r_journal_round(run, config, round, result);
    return L4R_OK;
  }
  if (l4r_interrupted()) return L4R_OK;
  note_failure(run, config, round);
  if (status != L4R_CHECK) return L4R_OK;
  /* A broken contract voids the arm: more rounds would not mend it. */
  snprintf(arm->failure, sizeof arm->failure, "%s", l4r_error_message());
  return L4R_OK;
}

int l4r_run_config_rounds(struct l4r_run *run, struct l4r_run_config *config) {
  int status = L4R_OK;
  for (int round = 0; round < (int)run->options->rounds && !status && !l4r_interrupted(); round++)
    status = one_round(run, config, round, 0);
  return status;
}

/* Says which round comes next; the seconds of all before it are done. */
static void tell_round(const struct l4r_run *run, const struct l4r_run_config *config, int i,
                       double from) {
  char what[160];
  snprintf(what, sizeof what, "%.100s, %d threads: round", run->arm[config->arm].arm->label,
           config->pin.threads);
  l4r_progress_part(from, 0);
  l4r_progress(what, i, (int)run->options->rounds * run->configs, "");
}

int l4r_run_rounds(struct l4r_run *run) {
  int rounds = (int)run->options->rounds, total = rounds * run->configs, status = L4R_OK;
  int *order = l4r_alloc((size_t)total, sizeof *order, "order of rounds");
  double from = 0; /* seconds of accuracy passes and rounds that are done */
  if (!order) return L4R_ENVIRONMENT;
  l4r_latin_order(run->configs, rounds, run->options->seed, order);
  for (int a = 0; a < run->options->arms; a++) from += run->arm[a].accuracy_expected;
  for (int i = 0; i < total && !status && !l4r_interrupted(); i++) {
    struct l4r_run_config *config = &run->config[order[i]];
    tell_round(run, config, i, from);
    if (!l4r_journal_has_round(config, i / run->configs)) from += config->round_seconds;
    status = one_round(run, config, i / run->configs, i % run->configs);
  }
  l4r_free(order);
  return status;
}

int l4r_run_add_config(struct l4r_run *run, int arm, const struct l4r_pin *pin, double rate) {
  struct l4r_run_config *config = &run->config[run->configs];
  *config = (struct l4r_run_config){.arm = arm, .pin = *pin, .rate = rate};
  config->round = l4r_alloc((size_t)run->options->rounds, sizeof *config->round, "rounds");
  if (!config->round) return L4R_ENVIRONMENT;
  config->failures = json_array();
  run->configs++;
  return L4R_OK;
}
