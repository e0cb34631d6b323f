/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/harness/job.h"

#include "impl/base/error.h"

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

int l4r_job_get(const struct l4r_bundle *bundle, struct l4r_job *job) {
  struct l4r_job out = {0};
  json_t *processors;
  json_int_t k, batch, min_count, seed;
  int task, scenario;
  const char *asked;
  json_error_t error;
  if (json_unpack_ex(
          bundle->meta, &error, 0,
          "{s:i, s:i, s:s, s:s, s:s, s:i, s:i, s:o, s:I, s:I, s:I, s:F, s:F, s:I, s:i, s:s, "
          "s:i, s:i}",
          "task", &task, "scenario", &scenario, "arm", &out.arm, "data", &out.data, "asked", &asked,
          "bound", &out.pin.bound, "nodes", &out.pin.nodes, "processors", &processors, "k", &k,
          "batch", &batch, "min_count", &min_count, "min_seconds", &out.min_seconds, "rate",
          &out.rate, "seed", &seed, "round", &out.round, "counters", &out.counters, "rankings",
          &out.rankings, "shuffle", &out.shuffle) ||
      task < 0 || task >= L4R_TASKS || scenario < 0 || scenario >= L4R_SCENARIOS)
    return l4r_fail(L4R_INPUT, "a job this version does not understand: %s", error.text);
  if (scenario == L4R_SERVER && task == L4R_TASK_ROUND && !(out.rate > 0))
    return l4r_fail(L4R_INPUT, "a round of the server scenario without a rate");
  out.task = (enum l4r_task)task;
  out.scenario = (enum l4r_scenario)scenario;
  out.k = k;
  out.batch = batch;
  out.min_count = min_count;
  out.seed = (uint64_t)seed;
  snprintf(out.pin.asked, sizeof out.pin.asked, "%s", asked);
  out.pin.threads = (int)json_array_size(processors);
  for (int i = 0; i < out.pin.threads && i < L4R_PIN_THREADS; i++)
    out.pin.processor[i] = (int)json_integer_value(json_array_get(processors, (size_t)i));
  *job = out;
  return L4R_OK;
}
