/* SPDX-License-Identifier: BSD-3-Clause */
/* From children's results to records: checks first, because a figure whose answers are wrong is not
 * written at all. */
#include "bench/run/compose.h"
#include "bench/engines.h"
#include "bench/run/session/checks.h"
#include "bench/machine/manifest.h"
#include "bench/run/facts.h"
#include "bench/run/session/requests.h"
#include "bench/run/run.h"
#include "bench/machine/warnings.h"
#include "bench/record/bound.h"
#include "bench/derive/derive.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/base/text.h"

#include <string.h>

static json_t *described(const struct l4r_bundle *result) {
  return json_object_get(result->meta, "description");
}

static int check_config(const struct l4r_run *run, struct l4r_run_config *config) {
  const struct l4r_run_arm *arm = &run->arm[config->arm];
  int status = l4r_check_description(arm->arm, described(&arm->accuracy));
  for (int r = 0; r < config->done && !status; r++) {
    struct l4r_bundle *round = &config->round[r];
    status = l4r_check_same_kernels(arm->arm, described(&arm->accuracy), described(round));
    if (!status) status = l4r_check_answers(round, &arm->accuracy, &config->answers_compared);
  }
  if (!status) status = l4r_check_repeats(config->round, config->done, &config->repeats);
  if (!status) status = l4r_check_novel(config->round, config->done, &config->known);
  return status;
}

/* An array of all rounds one after the other under its name; none where the first has none. */
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

/* How many users there are to draw conclusions from, and what a sample is one of. */
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
  put_meta(run, config, samples->meta);
  return status;
}

/* What a round says of itself beside its samples. */
static json_t *rounds_of(const struct l4r_run_config *config) {
  static const char *const fields[] = {
      "round",        "place",         "peak_rss_bytes",  "open_seconds", "cold_ns",
      "warmup",       "permutations",  "ended",           "allocations",  "counters",
      "sgemm_gflops", "timers",        "memory_gb_per_s", "overhead_ns",  "overhead_inside_ns",
      "tails",        "tail_readings", "stage_counters",  "machine",      "timed_seconds",
      "echo_ns",      "usage"};
  json_t *rounds = json_array();
  for (int r = 0; r < config->done; r++) {
    json_t *round = json_object();
    for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
      json_t *value = json_object_get(config->round[r].meta, fields[f]);
      if (value) json_object_set(round, fields[f], value);
    }
    json_t *load = json_object_get(described(&config->round[r]), "load_ns");
    if (load) json_object_set(round, "load_ns", load);
    json_array_append_new(rounds, round);
  }
  return rounds;
}

static json_t *resources_of(const struct l4r_run_config *config) {
  json_t *description = described(&config->round[0]);
  json_int_t peak = 0;
  double open_seconds = 0;
  for (int r = 0; r < config->done; r++) {
    json_t *meta = config->round[r].meta;
    json_int_t bytes = json_integer_value(json_object_get(meta, "peak_rss_bytes"));
    if (bytes > peak) peak = bytes;
    open_seconds += json_number_value(json_object_get(meta, "open_seconds")) / config->done;
  }
  return json_pack("{s:O, s:O, s:I, s:f, s:O, s:O}", "weights_bytes",
                   json_object_get(description, "weights_bytes"), "scratch_bytes",
                   json_object_get(description, "scratch_bytes"), "peak_rss_bytes", peak,
                   "open_seconds", open_seconds, "item_vectors_seconds",
                   json_object_get(description, "item_vectors_seconds"), "item_vectors_cached",
                   json_object_get(description, "item_vectors_cached"));
}

/* Joules of the timed parts of all rounds; absent when any round lacks them. */
static json_t *energy_of(const struct l4r_run_config *config) {
  double joules = 0, gross = 0, watts = 0;
  for (int r = 0; r < config->done; r++) {
    const json_t *energy = json_object_get(config->round[r].meta, "energy");
    const json_t *value = json_object_get(energy, "joules");
    if (!json_is_real(value))
      return json_pack("{s:n, s:s, s:O}", "joules", "source", "absent", "reason",
                       json_object_get(energy, "reason"));
    joules += json_real_value(value);
    gross += json_number_value(json_object_get(energy, "gross_joules"));
    watts += json_number_value(json_object_get(energy, "idle_watts")) / config->done;
  }
  return json_pack("{s:f, s:s, s:s, s:f, s:f}", "joules", joules, "source", "kernel", "reason",
                   "powercap, all packages, idle power subtracted", "gross_joules", gross,
                   "idle_watts", watts);
}

static json_t *pinned_of(const struct l4r_run_config *config) {
  json_t *processors = json_array(), *meta = config->round[0].meta;
  for (int i = 0; i < config->pin.threads && config->pin.bound; i++)
    json_array_append_new(processors, json_integer(config->pin.processor[i]));
  return json_pack("{s:s, s:O, s:o, s:O, s:O*, s:b}", "asked", config->pin.asked, "observed",
                   json_object_get(meta, "observed"), "processors", processors, "this_system",
                   json_object_get(meta, "this_system"), "memory_nodes",
                   json_object_get(meta, "memory_nodes"), "proven", config->pin.bound);
}

static json_t *ratio_of(const struct l4r_repeats *repeats) {
  return json_pack("{s:I, s:f, s:f, s:f}", "pairs", (json_int_t)repeats->pairs, "ratio",
                   repeats->ratio, "lo", repeats->lo, "hi", repeats->hi);
}

static json_t *checks_of(const struct l4r_run_config *config) {
  const json_t *meta = config->round[0].meta;
  return json_pack("{s:I, s:o, s:o, s:O, s:O*}", "answers_compared",
                   (json_int_t)config->answers_compared, "repeats_to_fresh",
                   ratio_of(&config->repeats), "known_to_novel", ratio_of(&config->known),
                   "held_out_hidden_by", json_object_get(meta, "held_out_hidden_by"),
                   "held_out_in_sight", json_object_get(meta, "held_out_in_sight"));
}

static json_t *warnings_of(const struct l4r_run *run, const struct l4r_run_config *config,
                           const json_t *rounds, const json_t *latency) {
  json_t *warnings = l4r_warnings_of_rounds(l4r_pin_shares_cores(&config->pin) > 0, rounds);
  json_t *correlated = l4r_derive_correlation_warning(latency);
  if (correlated) json_array_append_new(warnings, correlated);
  l4r_warnings_of_engine(rounds, config->pin.threads, warnings);
  size_t index;
  json_t *warning;
  json_array_foreach(warnings, index, warning)
    json_object_set_new(warning, "arm", json_string(run->arm[config->arm].arm->label));
  return warnings;
}

static int derive(const struct l4r_run *run, const struct l4r_run_config *config, json_t *record) {
  struct l4r_bundle samples = {0};
  json_t *rounds = rounds_of(config), *latency = NULL, *throughput = NULL, *serving = NULL;
  json_t *server = NULL, *over_rounds = NULL, *own = NULL;
  char name[80] = "";
  int status = l4r_run_gather(run, config, &samples);
  if (!status) status = l4r_derive_rounds(&samples, rounds);
  if (!status) status = l4r_derive_latency(&samples, &latency);
  if (!status) status = l4r_derive_over_rounds(&samples, latency, &over_rounds);
  if (!status) status = l4r_derive_throughput(&samples, &throughput);
  if (!status) status = l4r_derive_serving(&samples, &serving);
  if (!status) status = l4r_derive_server(&samples, latency, &server);
  if (!status) status = l4r_derive_own(&samples, rounds, &own);
  json_object_set_new(record, "rounds", rounds);
  json_object_set_new(record, "warnings", warnings_of(run, config, rounds, latency));
  if (own) json_object_set_new(record, "own_time", own);
  if (!status) status = l4r_bind(record, L4R_BOUND_TIMES, samples.meta);
  if (!status) status = l4r_bundle_store(&samples, run->options->out, name);
  l4r_bundle_free(&samples);
  if (status) {
    json_decref(latency);
    json_decref(over_rounds);
    json_decref(throughput);
    json_decref(serving);
    json_decref(server);
    return status;
  }
  json_int_t queries = json_integer_value(json_object_get(latency, "count"));
  const json_t *description = json_object_get(record, "description");
  json_object_set_new(record, "counters",
                      l4r_derive_counters(rounds, description, queries + l4r_derive_novel(rounds)));
  json_object_set_new(record, "ceiling", l4r_derive_ceiling(rounds, description, serving));
  json_object_set_new(record, "stages", l4r_derive_stages(rounds, description, latency));
  json_object_set_new(record, "overhead_ns", l4r_derive_overhead(rounds));
  if (server) json_object_set_new(record, "server", server);
  json_decref(serving);
  json_object_set_new(record, "latency_ns", latency);
  json_object_set_new(record, "latency_over_rounds_ns", over_rounds);
  json_object_set_new(record, "users_per_second", throughput);
  json_object_set_new(record, "samples", json_string(name));
  return L4R_OK;
}

/* What all records of an arm say, and its ranks are bound to. */
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
  if (!status) status = l4r_bundle_store(&ranks, run->options->out, name);
  json_decref(ranks.meta);
  if (!status) json_object_set_new(arm->figures, "samples", json_string(name));
  return status;
}

/* The folders of a file that an arm's word names as its engine. */
static void cut_engine(char *word) {
  char *file = l4r_engine_is_foreign(word) ? strchr(word, ':') + 1 : NULL;
  const char *base = file && *file == '/' ? strchr(file, '@') : NULL;
  if (!base) return;
  while (base[-1] != '/') base--;
  memmove(file, base, strlen(base) + 1);
}

/* The command line with every word's folders cut to their last part: records travel. */
static json_t *command_of(const char *command) {
  char text[4096] = "", word[1024], base[1024];
  size_t used = 0;
  for (const char *at = command; *at && used < sizeof text - 1;) {
    size_t n = strcspn(at, " ");
    snprintf(word, sizeof word, "%.*s", (int)n, at);
    char *path = strpbrk(word, "@=");
    path = path && strchr(path, '/') ? path + 1 : word;
    if (*path == '/') {
      l4r_base_name(path, base, sizeof base);
      snprintf(path, sizeof word - (size_t)(path - word), "%s", base);
    }
    cut_engine(word);
    l4r_text_add(text, sizeof text, &used, "%s%s", used ? " " : "", word);
    at += n + (at[n] == ' ');
  }
  return json_string(text);
}

/* Whom the run asked about and by which histories, as one hash: times of other requests say nothing
 * of each other. */
static json_t *requests_of(const struct l4r_run *run) {
  static const char *const names[] = {"user", "role", "start", "item"};
  char hash[65], all[4 * 64 + 1] = "";
  for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
    const struct l4r_array *array = l4r_bundle_find(&run->requests, names[n]);
    l4r_sha256(array->value, (size_t)array->count * sizeof *array->value, hash);
    memcpy(all + 64 * n, hash, 65);
  }
  l4r_sha256(all, strlen(all), hash);
  return json_pack("{s:s}", "sha256", hash);
}

static int compose(struct l4r_run *run, struct l4r_run_config *config, const json_t *manifest) {
  const struct l4r_run_options *options = run->options;
  struct l4r_run_arm *arm = &run->arm[config->arm];
  json_t *description = described(&config->round[0]);
  json_t *record = shared_of(run, arm);
  json_t *own = json_pack(
      "{s:s, s:i, s:I, s:O, s:O, s:O, s:o}", "scenario", l4r_scenario_name(options->scenario),
      "threads", config->pin.threads, "batch",
      (json_int_t)(l4r_scenario_has_batch(options->scenario) ? options->batch : 1), "precision",
      json_object_get(description, "precision"), "accuracy", arm->figures, "description",
      description, "requests", requests_of(run));
  const int made = record && own && !json_object_update(record, own);
  json_decref(own);
  if (!made) {
    json_decref(record);
    return l4r_fail(L4R_ENVIRONMENT, "no memory for a record");
  }
  json_object_set_new(record, "energy", energy_of(config));
  json_object_set_new(record, "resources", resources_of(config));
  json_object_set_new(record, "pinned", pinned_of(config));
  json_object_set_new(record, "checks", checks_of(config));
  json_object_set_new(record, "clock",
                      json_pack("{s:s, s:f, s:f}", "name", "CLOCK_MONOTONIC", "tick_ns",
                                run->clock.tick_ns, "read_ns", run->clock.read_ns));
  json_object_set(record, "failures", config->failures);
  json_object_set(record, "manifest", (json_t *)manifest);
  json_object_set_new(record, "command", command_of(options->command));
  if (options->row) json_object_set(record, "row", options->row);
  if (config->peak_rate) json_object_set(record, "knee", config->peak_rate);
  int status = derive(run, config, record);
  if (!status) json_array_append(run->records, record);
  json_decref(record);
  return status;
}

/* One bad configuration voids its arm: no figure of an engine that was caught is written. */
static void check_all(struct l4r_run *run) {
  for (int c = 0; c < run->configs; c++) {
    struct l4r_run_config *config = &run->config[c];
    struct l4r_run_arm *arm = &run->arm[config->arm];
    if (*arm->failure || !config->done || !check_config(run, config)) continue;
    snprintf(arm->failure, sizeof arm->failure, "%s", l4r_error_message());
    l4r_warn("%s with %d threads: %s", arm->arm->label, config->pin.threads, arm->failure);
  }
}

int l4r_run_compose(struct l4r_run *run) {
  json_t *manifest = l4r_manifest();
  run->records = json_array();
  int status = manifest && run->records ? L4R_OK : L4R_ENVIRONMENT;
  check_all(run);
  for (int a = 0; a < run->options->arms && !status; a++)
    if (run->arm[a].figures && !*run->arm[a].failure) status = store_ranks(run, &run->arm[a]);
  for (int c = 0; c < run->configs && !status; c++)
    if (!*run->arm[run->config[c].arm].failure && run->config[c].done)
      status = compose(run, &run->config[c], manifest);
  json_decref(manifest);
  return status;
}
