/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/job.h"

#include "impl/base/error.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* The options that travel, by their place in a job. */
#define ROW(KIND, member, text, of, phrase, ...)                                                   \
  {.name = text,                                                                                   \
   .type = L4R_ARG_##KIND,                                                                         \
   .offset = offsetof(struct l4r_job, member),                                                     \
   .json = #member,                                                                                \
   __VA_ARGS__},
#define JOB(...) ROW(__VA_ARGS__, .in = L4R_IN_JOB)
#define JOB_RECORD(KIND, member, text, of, phrase, record, ...)                                    \
  ROW(KIND, member, text, of, phrase, __VA_ARGS__)
static const struct l4r_argument rows[] = {
#include "bench/record/run_options.inc.h"
    {0}};

const char *l4r_scenario_name(enum l4r_scenario scenario) {
  return l4r_scenario_names[scenario];
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
      "{s:i, s:s, s:s, s:s, s:i, s:i, s:o, s:f, s:i, s:i, s:i, s:i}", "task", (int)job->task, "arm",
      job->arm, "data", job->data, "asked", job->pin.asked, "bound", job->pin.bound, "nodes",
      job->pin.nodes, "processors", processors, "rate", job->rate, "round", job->round, "rankings",
      job->rankings, "shuffle", job->shuffle, "by_callgrind", job->by_callgrind);
  int failed = !meta;
  for (const struct l4r_argument *row = rows; row->name && !failed; row++)
    failed = json_object_set_new(meta, row->json, l4r_option_json(row, job));
  if (failed) {
    json_decref(meta);
    return l4r_fail(L4R_USAGE, "arm '%s' or data set '%s' is not valid UTF-8", job->arm, job->data);
  }
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
  out.arm = text(meta, "arm", &bad);
  out.data = text(meta, "data", &bad);
  pin_get(meta, &out.pin, &bad);
  out.rate = real(meta, "rate", &bad);
  out.round = (int)whole(meta, "round", 0, INT_MAX, &bad);
  for (const struct l4r_argument *row = rows; row->name; row++)
    if (l4r_option_read(row, json_object_get(meta, row->json), &out) && !bad) bad = row->json;
  out.rankings = (int)whole(meta, "rankings", 0, 1, &bad);
  out.shuffle = (int)whole(meta, "shuffle", 0, 1, &bad);
  out.by_callgrind = (int)whole(meta, "by_callgrind", 0, 1, &bad);
  if (bad)
    return l4r_fail(L4R_INPUT,
                    "a job this version does not understand: \"%s\" is missing or out of range",
                    bad);
  if (out.scenario == L4R_SERVER && out.task == L4R_TASK_ROUND && !(out.rate > 0))
    return l4r_fail(L4R_INPUT, "a round of the server scenario without a rate");
  *job = out;
  return L4R_OK;
}
