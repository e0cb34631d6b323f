/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/job.h"

#include "impl/base/error.h"

#include <limits.h>
#include <math.h>
#include <string.h>

static const char *const scenarios[L4R_SCENARIOS] = {"single-stream", "multi-stream", "offline",
                                                     "server"};

const char *l4r_scenario_name(enum l4r_scenario scenario) {
  return scenarios[scenario];
}

int l4r_scenario_parse(const char *text, enum l4r_scenario *scenario) {
  for (int s = 0; s < L4R_SCENARIOS; s++)
    if (!strcmp(text, scenarios[s])) {
      *scenario = (enum l4r_scenario)s;
      return L4R_OK;
    }
  return l4r_fail(L4R_USAGE, "unknown scenario '%s'; there are: %s, %s, %s, %s", text, scenarios[0],
                  scenarios[1], scenarios[2], scenarios[3]);
}

int l4r_scenario_has_batch(enum l4r_scenario scenario) {
  return scenario == L4R_MULTI_STREAM || scenario == L4R_OFFLINE;
}

int l4r_scenario_is_per_query(enum l4r_scenario scenario) {
  return scenario != L4R_OFFLINE;
}

int l4r_job_put(const struct l4r_job *job, struct l4r_bundle *bundle) {
  json_t *processors = json_array();
  for (int i = 0; i < job->pin.threads; i++)
    json_array_append_new(processors, json_integer(job->pin.processor[i]));
  json_t *meta = json_pack(
      "{s:i, s:i, s:s, s:s, s:s, s:i, s:i, s:o, s:I, s:I, s:I, s:f, s:f, s:I, s:i, s:s, s:i, s:i}",
      "task", (int)job->task, "scenario", (int)job->scenario, "arm", job->arm, "data", job->data,
      "asked", job->pin.asked, "bound", job->pin.bound, "nodes", job->pin.nodes, "processors",
      processors, "k", (json_int_t)job->k, "batch", (json_int_t)job->batch, "min_count",
      (json_int_t)job->min_count, "min_seconds", job->min_seconds, "rate", job->rate, "seed",
      (json_int_t)job->seed, "round", job->round, "counters", job->counters, "rankings",
      job->rankings, "shuffle", job->shuffle);
  if (!meta)
    return l4r_fail(L4R_USAGE, "arm '%s' or data set '%s' is not valid UTF-8", job->arm, job->data);
  json_decref(bundle->meta);
  bundle->meta = meta;
  return L4R_OK;
}

/* A whole number of the job within its bounds; 1 and out of them: `bad` names it. */
static int64_t whole(const json_t *meta, const char *key, int64_t least, int64_t most,
                     const char **bad) {
  const json_t *value = json_object_get(meta, key);
  const json_int_t number = json_integer_value(value);
  if (json_is_integer(value) && number >= least && number <= most) return number;
  if (!*bad) *bad = key;
  return least;
}

static double real(const json_t *meta, const char *key, const char **bad) {
  const json_t *value = json_object_get(meta, key);
  const double number = json_number_value(value);
  if (json_is_number(value) && isfinite(number) && number >= 0) return number;
  if (!*bad) *bad = key;
  return 0;
}

static const char *text(const json_t *meta, const char *key, const char **bad) {
  const char *value = json_string_value(json_object_get(meta, key));
  if (!value && !*bad) *bad = key;
  return value;
}

static void pin_get(const json_t *meta, struct l4r_pin *pin, const char **bad) {
  const json_t *processors = json_object_get(meta, "processors");
  const char *asked = text(meta, "asked", bad);
  if (asked && strlen(asked) >= sizeof pin->asked && !*bad) *bad = "asked";
  snprintf(pin->asked, sizeof pin->asked, "%s", asked ? asked : "");
  pin->bound = (int)whole(meta, "bound", 0, 1, bad);
  pin->nodes = (int)whole(meta, "nodes", 0, INT_MAX, bad);
  const size_t threads = json_array_size(processors);
  if ((threads < 1 || threads > L4R_PIN_THREADS) && !*bad) *bad = "processors";
  for (size_t i = 0; i < threads && i < L4R_PIN_THREADS; i++) {
    const json_t *one = json_array_get(processors, i);
    const json_int_t number = json_integer_value(one);
    if ((!json_is_integer(one) || number < 0 || number > INT_MAX) && !*bad) *bad = "processors";
    pin->processor[pin->threads++] = *bad ? 0 : (int)number;
  }
}

int l4r_job_get(const struct l4r_bundle *bundle, struct l4r_job *job) {
  const json_t *meta = bundle->meta;
  struct l4r_job out = {0};
  const char *bad = NULL;
  out.task = (enum l4r_task)whole(meta, "task", 0, L4R_TASKS - 1, &bad);
  out.scenario = (enum l4r_scenario)whole(meta, "scenario", 0, L4R_SCENARIOS - 1, &bad);
  out.arm = text(meta, "arm", &bad);
  out.data = text(meta, "data", &bad);
  pin_get(meta, &out.pin, &bad);
  out.k = whole(meta, "k", 1, INT32_MAX, &bad);
  out.batch = whole(meta, "batch", 1, INT32_MAX, &bad);
  out.min_count = whole(meta, "min_count", 0, INT64_MAX, &bad);
  out.min_seconds = real(meta, "min_seconds", &bad);
  out.rate = real(meta, "rate", &bad);
  out.seed = (uint64_t)whole(meta, "seed", INT64_MIN, INT64_MAX, &bad);
  out.round = (int)whole(meta, "round", 0, INT_MAX, &bad);
  out.counters = text(meta, "counters", &bad);
  out.rankings = (int)whole(meta, "rankings", 0, 1, &bad);
  out.shuffle = (int)whole(meta, "shuffle", 0, 1, &bad);
  if (bad)
    return l4r_fail(L4R_INPUT,
                    "a job this version does not understand: \"%s\" is missing or out of range",
                    bad);
  if (out.scenario == L4R_SERVER && out.task == L4R_TASK_ROUND && !(out.rate > 0))
    return l4r_fail(L4R_INPUT, "a round of the server scenario without a rate");
  *job = out;
  return L4R_OK;
}
