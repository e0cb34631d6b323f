/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/count.h"

#include "bench/counters/counters.h"
#include "bench/engines.h"
#include "bench/record/text.h"
#include "bench/run/child.h"
#include "bench/run/interrupt.h"
#include "bench/run/phases.h"
#include "bench/run/session/answers.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/text.h"

#include <string.h>

int l4r_count_check(const struct l4r_run_options *options) {
  if (!l4r_counters_ask_counts(options->counters)) return L4R_OK;
  for (int t = 0; t < options->threads.count; t++)
    if (options->threads.value[t] != 1)
      return l4r_fail(L4R_USAGE,
                      "--counters instructions counts on one thread, since several also count "
                      "their waiting: leave --threads out, or give --threads 1");
  if (options->scenario == L4R_SERVER)
    return l4r_fail(L4R_USAGE, "--counters instructions counts a fixed sample, and scenario server "
                               "has a schedule; take another scenario");
  for (int a = 0; a < options->arms; a++)
    if (l4r_peer_of(options->arm[a].name))
      return l4r_fail(L4R_USAGE,
                      "%s: instructions are counted of engines within the program, and a peer is "
                      "another one; leave the word instructions out of --counters for it",
                      options->arm[a].text);
  return L4R_OK;
}

struct count { /* of one configuration */
  int64_t total[L4R_COUNT_REPEATS], users;
  char source[16], counter[32];
  struct l4r_bundle result; /* of the last repeat */
};

static int start(const struct l4r_run *run, const struct l4r_run_config *config, int by_callgrind,
                 struct count *count, int repeat) {
  struct l4r_bundle job;
  int died = 0, status = l4r_run_job(run, config, L4R_TASK_COUNT, 0, &job);
  l4r_bundle_free(&count->result);
  count->result = (struct l4r_bundle){0};
  if (status) return status;
  json_object_set_new(job.meta, "by_callgrind", json_integer(by_callgrind));
  if (by_callgrind)
    status = l4r_child_count(&job, &count->result, &died, &count->total[repeat], count->counter);
  else
    status = l4r_child_run(&job, &count->result, &died);
  json_decref(job.meta);
  if (status || by_callgrind) return status;
  count->total[repeat] = json_integer_value(json_object_get(count->result.meta, "instructions"));
  return L4R_OK;
}

/* Sets *found to 0 where the processor counts no instructions. */
static int by_processor(const struct l4r_run *run, const struct l4r_run_config *config,
                        struct count *count, int *found) {
  int status = L4R_OK;
  *found = 1;
  l4r_text_set(count->source, sizeof count->source, "hardware");
  l4r_text_set(count->counter, sizeof count->counter, "instructions, user mode");
  for (int r = 0; r < L4R_COUNT_REPEATS && !status && *found; r++) {
    status = start(run, config, 0, count, r);
    *found = status || count->total[r] > 0;
  }
  return status;
}

static int by_callgrind(const struct l4r_run *run, const struct l4r_run_config *config,
                        struct count *count) {
  int status = L4R_OK;
  l4r_text_set(count->source, sizeof count->source, "callgrind");
  for (int r = 0; r < L4R_COUNT_REPEATS && !status; r++) status = start(run, config, 1, count, r);
  return status ? l4r_fail_context(status, "counting instructions") : L4R_OK;
}

static json_t *count_json(const struct count *count) {
  const json_t *description = json_object_get(count->result.meta, "description");
  json_t *counts = json_array();
  double sum = 0;
  for (int r = 0; r < L4R_COUNT_REPEATS; r++) {
    json_array_append_new(counts, json_integer(count->total[r]));
    sum += (double)count->total[r] / L4R_COUNT_REPEATS;
  }
  return json_pack("{s:f, s:o, s:I, s:s, s:s, s:s, s:s}", "per_user", sum / (double)count->users,
                   "counts", counts, "users", (json_int_t)count->users, "source", count->source,
                   "counter", count->counter, "isa", l4r_text_at(description, "isa"), "kernel",
                   l4r_text_at(description, "kernel"));
}

/* Whoever serves wrong answers is not counted. */
static int check(const struct l4r_run *run, const struct l4r_run_config *config,
                 struct count *count) {
  const struct l4r_run_arm *arm = &run->arm[config->arm];
  const char *precision = l4r_text_at(json_object_get(arm->accuracy.meta, "description"),
                                      "precision");
  struct l4r_answers_seen seen = {0};
  count->users = json_integer_value(json_object_get(count->result.meta, "users"));
  if (count->users < 1) return l4r_fail(L4R_CHECK, "the count served nobody");
  return l4r_check_answers(&count->result, &arm->accuracy,
                           l4r_answer_tolerance(arm->arm, precision), &seen);
}

static int count_config(struct l4r_run *run, struct l4r_run_config *config) {
  struct count count = {.users = 0};
  int found = 0, status = L4R_OK;
  if (!l4r_counters_ask(run->options->counters, "callgrind"))
    status = by_processor(run, config, &count, &found);
  if (!status && !found) status = by_callgrind(run, config, &count);
  if (!status) status = check(run, config, &count);
  if (!status && !(config->instructions = count_json(&count)))
    status = l4r_fail(L4R_ENVIRONMENT, "no memory for a count");
  l4r_bundle_free(&count.result);
  return status;
}

int l4r_run_count(struct l4r_run *run) {
  if (!l4r_counters_ask_counts(run->options->counters)) return L4R_OK;
  l4r_progress("counts", 0, run->configs, "");
  for (int c = 0; c < run->configs && !l4r_interrupted(); c++) {
    struct l4r_run_config *config = &run->config[c];
    struct l4r_run_arm *arm = &run->arm[config->arm];
    if (*arm->failure) continue;
    const int status = count_config(run, config);
    if (status && l4r_interrupted()) return L4R_OK;
    if (status == L4R_ENVIRONMENT) return l4r_fail_context(status, "arm %s", arm->arm->text);
    if (status) {
      l4r_text_set(arm->failure, sizeof arm->failure, "%s", l4r_error_message());
      l4r_warn("%s: %s", arm->arm->label, arm->failure);
    }
    l4r_progress("counts", c + 1, run->configs, arm->arm->label);
  }
  return L4R_OK;
}
