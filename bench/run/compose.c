/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes records from children's results. The checks come first, because a figure whose answers are
 * wrong is not written at all. */
#include "bench/run/compose.h"
#include "bench/run/members.h"
#include "bench/record/check.h"
#include "bench/record/decode.h"
#include "bench/record/encode.h"
#include "bench/run/session/checks.h"
#include "bench/machine/manifest.h"
#include "bench/run/facts.h"
#include "bench/run/interrupt.h"
#include "bench/run/session/requests.h"
#include "bench/run/run.h"
#include "bench/machine/warnings.h"
#include "bench/record/bound.h"
#include "bench/record/write.h"
#include "bench/derive/derive.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/text.h"

#include <assert.h>
#include <string.h>

static int check_config(const struct l4r_run *run, struct l4r_run_config *config) {
  assert(config->arm >= 0 && config->arm < run->options->arms);
  const struct l4r_run_arm *arm = &run->arm[config->arm];
  int status = l4r_check_description(arm->arm, l4r_run_described(&arm->accuracy));
  for (int r = 0; r < config->done && !status; r++) {
    struct l4r_bundle *round = &config->round[r];
    status = l4r_check_same_kernels(arm->arm, l4r_run_described(&arm->accuracy),
                                    l4r_run_described(round));
    if (!status)
      status = l4r_check_answers(round, &arm->accuracy, l4r_run_tolerance(run, config),
                                 &config->answers);
  }
  if (!status) status = l4r_check_repeats(config->round, config->done, &config->repeats);
  if (!status) status = l4r_check_novel(config->round, config->done, &config->known);
  return status;
}

/* Joins an array of all rounds, one after the other, under its name; does nothing where the first
 * round has none. */
static int append_array(const struct l4r_run_config *config, const char *name, int64_t calls,
                        struct l4r_bundle *samples) {
  const struct l4r_array *array;
  if (!l4r_bundle_find(&config->round[0], name)) return L4R_OK;
  int64_t *all = l4r_bundle_add(samples, name, calls);
  if (!all) return L4R_ENVIRONMENT;
  for (int r = 0; r < config->done; r++) {
    int status = l4r_bundle_need(&config->round[r], name, &array);
    if (status) return status;
    memcpy(all, array->value, (size_t)array->count * sizeof *all);
    all += array->count;
  }
  return L4R_OK;
}

/* States how many distinct users there are and of what a sample is made. */
static void put_meta(const struct l4r_run *run, const struct l4r_run_config *config, json_t *meta) {
  const struct l4r_run_options *options = run->options;
  const struct l4r_array *role = l4r_bundle_find(&run->requests, "role");
  int64_t distinct = 0;
  for (int64_t i = 0; i < role->count; i++) distinct += role->value[i] == L4R_ROLE_TIMED;
  json_object_set_new(meta, "distinct_users", json_integer(distinct));
  json_object_set_new(meta, "per_query",
                      json_integer(l4r_scenario_is_per_query(options->scenario)));
  json_object_set_new(meta, "tick_ns", json_real(run->clock.tick_ns));
  json_object_set_new(meta, "interval", json_string(l4r_interval_crossed));
  if (options->scenario == L4R_MULTI_STREAM)
    json_object_set_new(meta, "query_users", json_integer(options->batch));
  if (options->scenario != L4R_SERVER) return;
  json_object_set_new(meta, "rate", json_real(config->rate));
  json_object_set_new(meta, "bound_ns", json_real(options->bound_ms * 1e6));
}

/* Says whom the places of a sample are of, by user and history: times then belong to people, not to
 * places in a list that another run draws otherwise. */
static int put_sample(const struct l4r_run *run, struct l4r_bundle *samples) {
  struct l4r_requests requests;
  int status = l4r_requests_read(&run->requests, &requests);
  if (status) return status;
  const int64_t count = l4r_requests_count(&requests, L4R_ROLE_TIMED);
  int64_t *user = l4r_bundle_add(samples, "sample_user", count);
  int64_t *history = l4r_bundle_add(samples, "sample_history", count);
  if (!user || !history) status = L4R_ENVIRONMENT;
  for (int64_t i = 0; i < count && !status; i++) {
    user[i] = requests.request[i].user;
    history[i] = l4r_history_key(requests.request[i].history, requests.request[i].length);
  }
  l4r_requests_free(&requests);
  return status;
}

int l4r_run_gather(const struct l4r_run *run, const struct l4r_run_config *config,
                   struct l4r_bundle *samples) {
  static const char *const names[] = {"ns", "served", "own", "due", "wait", "request"};
  const struct l4r_array *ns;
  int64_t calls = 0;
  int status = l4r_bundle_init(samples);
  int64_t *start = status ? NULL : l4r_bundle_add(samples, "round_start", config->done + 1);
  if (!start) return L4R_ENVIRONMENT;
  for (int r = 0; r < config->done; r++) {
    if (l4r_bundle_need(&config->round[r], "ns", &ns)) return L4R_INPUT;
    start[r + 1] = calls += ns->count;
  }
  /* whose a call was is told where it was one user's */
  const int single = run->options->scenario == L4R_SINGLE_STREAM ||
                     run->options->scenario == L4R_SERVER;
  for (size_t n = 0; n < (single ? 6 : 5) && !status; n++)
    status = append_array(config, names[n], calls, samples);
  if (!status) status = put_sample(run, samples);
  put_meta(run, config, samples->meta);
  return status;
}

/* What a round says of itself: the members of its result that a record's round has. */
static json_t *round_of(const struct l4r_bundle *result) {
  const struct l4r_shape *shape = l4r_shape_round();
  json_t *round = json_object();
  json_t *load = json_object_get(l4r_run_described(result), "load_ns");
  int failed = !round || (load && json_object_set(round, "load_ns", load));
  for (size_t f = 0; f < shape->fields && !failed; f++) {
    json_t *value = json_object_get(result->meta, shape->field[f].name);
    failed = value && json_object_set(round, shape->field[f].name, value);
  }
  if (!failed) return round;
  json_decref(round);
  return NULL;
}

static json_t *rounds_of(const struct l4r_run_config *config) {
  json_t *rounds = json_array();
  int failed = !rounds;
  for (int r = 0; r < config->done && !failed; r++)
    failed = json_array_append_new(rounds, round_of(&config->round[r]));
  if (!failed) return rounds;
  json_decref(rounds);
  return NULL;
}

/* What spoiled the rounds, under the arm's name. */
static int put_warnings(const struct l4r_run *run, const struct l4r_run_config *config,
                        struct l4r_record *record) {
  const char *correlated;
  int status = l4r_warnings_of_rounds(l4r_pin_shares_cores(&config->pin) > 0, record);
  if (!status) status = l4r_derive_correlation_warning(record, &correlated);
  if (!status && correlated) status = l4r_warning_add(record, "rounds-alike", NULL, correlated, 0);
  if (!status) status = l4r_warnings_of_engine(record, config->pin.threads);
  if (!status && record->data.ceiling.fault)
    status = l4r_warning_add(record, "ceiling-below-work", NULL, record->data.ceiling.fault, 0);
  if (!status && config->resumed && config->resumed < config->done)
    status = l4r_warning_add(
        record, "resumed", NULL,
        l4r_record_format(record,
                          "the run was interrupted: %d of its %d rounds were measured before that, "
                          "the others later",
                          config->resumed, config->done),
        0);
  for (int64_t w = 0; w < record->data.warnings.count; w++)
    record->data.warnings.at[w].arm = run->arm[config->arm].arm->label;
  return status;
}

/* Makes what all records of an arm state, to which its ranks are bound. */
static json_t *shared_of(const struct l4r_run *run, const struct l4r_run_arm *arm) {
  return json_pack("{s:i, s:s, s:s, s:s, s:o, s:O, s:o, s:o}", "schema", L4R_SCHEMA_NEWEST, "kind",
                   "run", "engine", arm->arm->name, "arm", arm->arm->label, "options",
                   l4r_arm_options(arm->arm), "model", arm->model, "dataset",
                   l4r_dataset_facts(run->dataset), "settings", l4r_options_settings(run->options));
}

/* Ranks without the rankings: what `verify` and `claims` need, and nothing that rebuilds data. */
static int store_ranks(const struct l4r_run *run, struct l4r_run_arm *arm) {
  static const char *const names[] = {"user",  "keep",       "mask",         "tied",
                                      "short", "short_mask", "length_group", "popularity_group"};
  json_t *groups = json_object_get(arm->accuracy.meta, "groups");
  struct l4r_bundle ranks = {.meta = json_pack("{s:O, s:O}", "groups", groups, "mask_by",
                                               json_object_get(arm->accuracy.meta, "mask_by"))};
  json_t *shared = shared_of(run, arm);
  int status = ranks.meta && shared ? l4r_bind(shared, L4R_BOUND_RANKS, ranks.meta)
                                    : l4r_fail(L4R_ENVIRONMENT, "no memory for a record");
  json_decref(shared);
  for (size_t n = 0; n < sizeof names / sizeof *names && !status; n++) {
    const struct l4r_array *array;
    status = l4r_bundle_need(&arm->accuracy, names[n], &array);
    if (!status) ranks.array[ranks.arrays++] = *array; /* borrowed for the writing */
  }
  char name[80];
  if (!status) status = l4r_bundle_store(&ranks, arm->out, name);
  json_decref(ranks.meta);
  if (!status) json_object_set_new(arm->figures, "samples", json_string(name));
  return status;
}

/* The parts of a record that come as JSON: what a record of the arm shares with others, and what
 * the engine, the machine and the rounds say. */
static json_t *parts_of(const struct l4r_run *run, const struct l4r_run_config *config,
                        const json_t *manifest) {
  const struct l4r_run_arm *arm = &run->arm[config->arm];
  json_t *shared = shared_of(run, arm);
  json_t *parts = json_pack("{s:O, s:O, s:O, s:o, s:O, s:O*, s:O*, s:O*}", "accuracy", arm->figures,
                            "description", l4r_run_described(&config->round[0]), "manifest",
                            manifest, "rounds", rounds_of(config), "failures", config->failures,
                            "row", run->options->row, "knee", config->peak_rate, "instructions",
                            config->instructions);
  const int failed = !shared || !parts || json_object_update(parts, shared);
  json_decref(shared);
  if (!failed) return parts;
  json_decref(parts);
  l4r_fail(L4R_ENVIRONMENT, "no memory for a record");
  return NULL;
}

static void note_fault(void *context, const char *member, const char *what) {
  char *first = context;
  if (!*first) l4r_text_set(first, 320, "%s %s", member, what);
}

/* A sealed record has no holes: that it has none is tried here, where it was made. */
static int check_whole(const struct l4r_run_arm *arm, json_t *json) {
  struct l4r_record record = {0};
  char fault[320] = "";
  int status = l4r_record_seal(json);
  if (!status) status = l4r_record_parse(json, NULL, 0, &record);
  if (!status && l4r_record_check(&record, note_fault, fault))
    status = l4r_fail(L4R_INPUT,
                      "the record of %s is not whole: %s; what the engine says of itself "
                      "(`about`, `cost`) has to be complete",
                      arm->arm->label, fault);
  l4r_record_free(&record);
  return status;
}

/* Samples are bound to all that the record says, so they are stored when it is complete. */
static int store(const struct l4r_run *run, const struct l4r_run_config *config,
                 struct l4r_bundle *samples, json_t *json) {
  char name[80] = "";
  int status = l4r_bind(json, L4R_BOUND_TIMES, samples->meta);
  if (!status) status = l4r_bundle_store(samples, run->arm[config->arm].out, name);
  if (!status && json_object_set_new(json, "samples", json_string(name)))
    status = l4r_fail(L4R_ENVIRONMENT, "no memory for a record");
  if (!status) status = check_whole(&run->arm[config->arm], json);
  if (!status && json_array_append(run->records, json))
    status = l4r_fail(L4R_ENVIRONMENT, "no memory for a record");
  return status;
}

/* The manifest of the build that served; NULL: no memory. The caller drops it. */
static json_t *manifest_of(const struct l4r_run *run, const struct l4r_run_config *config,
                           json_t *manifest) {
  const int build = run->arm[config->arm].build;
  if (build < 0) return json_incref(manifest);
  json_t *own = json_copy(manifest);
  if (own) l4r_build_state(&run->build[build], own);
  return own;
}

static int compose(struct l4r_run *run, struct l4r_run_config *config, json_t *whole) {
  struct l4r_bundle samples = {0};
  struct l4r_record record = {0};
  json_t *manifest = manifest_of(run, config, whole);
  json_t *parts = manifest ? parts_of(run, config, manifest) : NULL, *json = NULL;
  json_decref(manifest);
  int status = parts ? l4r_record_parse(parts, NULL, 0, &record) : L4R_ENVIRONMENT;
  record.from.is_made = 1;
  if (!status) status = l4r_run_fill(run, config, &record);
  if (!status) status = l4r_run_gather(run, config, &samples);
  if (!status) status = l4r_derive(&samples, &record);
  if (!status) status = put_warnings(run, config, &record);
  if (!status && !(json = l4r_record_json(&record))) status = L4R_ENVIRONMENT;
  if (!status) status = store(run, config, &samples, json);
  l4r_bundle_free(&samples);
  l4r_record_free(&record);
  json_decref(parts);
  json_decref(json);
  return status;
}

/* One bad configuration voids its arm: no figure of an engine that was caught is written. */
static void check_all(struct l4r_run *run) {
  for (int c = 0; c < run->configs; c++) {
    struct l4r_run_config *config = &run->config[c];
    struct l4r_run_arm *arm = &run->arm[config->arm];
    if (*arm->failure || !arm->figures || !config->done || !check_config(run, config)) continue;
    snprintf(arm->failure, sizeof arm->failure, "%s", l4r_error_message());
    l4r_warn("%s with %d threads: %s", arm->arm->label, config->pin.threads, arm->failure);
  }
}

int l4r_run_is_complete(const struct l4r_run *run, const struct l4r_run_config *config) {
  return *run->arm[config->arm].failure ||
         config->done + (int)json_array_size(config->failures) >= (int)run->options->rounds;
}

/* 1 when its record is to be made now. */
static int is_due(const struct l4r_run *run, const struct l4r_run_config *config) {
  const struct l4r_run_arm *arm = &run->arm[config->arm];
  /* an interruption may come before the accuracy pass of an arm whose rounds are there already */
  if (*arm->failure || !arm->figures || !config->done || config->written) return 0;
  return !l4r_interrupted() || l4r_run_is_complete(run, config);
}

static int arm_is_due(const struct l4r_run *run, int arm) {
  for (int c = 0; c < run->configs; c++)
    if (run->config[c].arm == arm && is_due(run, &run->config[c])) return 1;
  return 0;
}

int l4r_run_compose(struct l4r_run *run) {
  json_t *manifest = l4r_manifest();
  run->records = json_array();
  int status = manifest && run->records ? L4R_OK : L4R_ENVIRONMENT;
  if (!status && run->options->label &&
      json_object_set_new(manifest, "label", json_string(run->options->label)))
    status = l4r_fail(L4R_USAGE, "--label is not valid UTF-8");
  check_all(run);
  for (int a = 0; a < run->options->arms && !status; a++)
    if (run->arm[a].figures && arm_is_due(run, a)) status = store_ranks(run, &run->arm[a]);
  for (int c = 0; c < run->configs && !status; c++)
    if (is_due(run, &run->config[c])) status = compose(run, &run->config[c], manifest);
  json_decref(manifest);
  return status;
}
