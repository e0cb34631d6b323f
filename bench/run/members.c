/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/members.h"

#include "bench/engines.h"
#include "bench/run/build.h"
#include "bench/run/phases.h"
#include "bench/run/ranks.h"
#include "bench/record/text.h"
#include "bench/run/session/answers.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

json_t *l4r_run_described(const struct l4r_bundle *result) {
  return json_object_get(result->meta, "description");
}

double l4r_run_tolerance(const struct l4r_run *run, const struct l4r_run_config *config) {
  const struct l4r_run_arm *arm = &run->arm[config->arm];
  return l4r_answer_tolerance(arm->arm,
                              l4r_text_at(l4r_run_described(&arm->accuracy), "precision"));
}

/* Memory is the most of the rounds', which l4r_derive finds. */
static void put_resources(const struct l4r_run_config *config, struct l4r_record *record) {
  const struct l4r_record_description *description = &record->data.description;
  double open_seconds = 0;
  for (int r = 0; r < config->done; r++) {
    const double seconds = record->data.rounds.at[r].open_seconds;
    open_seconds += isnan(seconds) ? 0 : seconds / config->done;
  }
  record->data.resources = (struct l4r_record_resources){
      .is_there = 1,
      .weights_bytes = description->weights_bytes,
      .scratch_bytes = description->scratch_bytes,
      .peak_rss_bytes = 0,
      .open_seconds = open_seconds,
      .item_vectors_seconds = description->item_vectors_seconds,
      .item_vectors_cached = description->item_vectors_cached};
}

/* Joules of the timed parts of all rounds; absent when any round lacks them. */
static void put_energy(const struct l4r_run_config *config, struct l4r_record *record) {
  struct l4r_record_energy *out = &record->data.energy;
  double joules = 0, gross = 0, watts = 0;
  *out = (struct l4r_record_energy){1, NAN, "absent", NULL, NAN, NAN};
  for (int r = 0; r < config->done; r++) {
    const json_t *energy = json_object_get(config->round[r].meta, "energy");
    const json_t *value = json_object_get(energy, "joules");
    if (!json_is_real(value)) {
      out->reason = json_string_value(json_object_get(energy, "reason"));
      return;
    }
    joules += json_real_value(value);
    gross += json_number_value(json_object_get(energy, "gross_joules"));
    watts += json_number_value(json_object_get(energy, "idle_watts")) / config->done;
  }
  *out = (struct l4r_record_energy){
      1, joules, "kernel", "powercap, all packages, idle power subtracted", gross, watts};
}

/* The numbers in an array of JSON. */
static int take_numbers(struct l4r_record *record, const json_t *array, struct l4r_wholes *out) {
  const size_t count = json_array_size(array);
  int64_t *at = l4r_record_room(record, count, sizeof *at);
  if (!at) return L4R_ENVIRONMENT;
  for (size_t i = 0; i < count; i++) at[i] = json_integer_value(json_array_get(array, i));
  *out = (struct l4r_wholes){json_is_array(array), at, (int64_t)count};
  return L4R_OK;
}

static int put_pinned(const struct l4r_run_config *config, struct l4r_record *record) {
  const json_t *meta = config->round[0].meta, *here = json_object_get(meta, "this_system");
  struct l4r_record_pinned *pinned = &record->data.pinned;
  const int threads = config->pin.bound ? config->pin.threads : 0;
  int64_t *processor = l4r_record_room(record, (size_t)threads, sizeof *processor);
  pinned->is_there = 1;
  pinned->asked = config->pin.asked;
  pinned->proven = config->pin.bound != 0;
  pinned->this_system = here ? json_is_true(here) : -1;
  int status = processor ? L4R_OK : L4R_ENVIRONMENT;
  for (int i = 0; i < threads && !status; i++) processor[i] = config->pin.processor[i];
  pinned->processors = (struct l4r_wholes){1, processor, threads};
  if (!status) status = take_numbers(record, json_object_get(meta, "observed"), &pinned->observed);
  if (!status)
    status = take_numbers(record, json_object_get(meta, "memory_nodes"), &pinned->memory_nodes);
  return status;
}

static struct l4r_record_ratio ratio_of(const struct l4r_repeats *repeats) {
  return (struct l4r_record_ratio){1, repeats->ratio, repeats->lo, repeats->hi, repeats->pairs};
}

static void put_checks(const struct l4r_run *run, const struct l4r_run_config *config,
                       struct l4r_record *record) {
  const json_t *meta = config->round[0].meta;
  record->data.checks = (struct l4r_record_checks){
      .is_there = 1,
      .answers_compared = config->answers.compared,
      .answers_difference = config->answers.difference,
      .answers_tolerance = l4r_run_tolerance(run, config),
      .held_out_hidden_by = json_string_value(json_object_get(meta, "held_out_hidden_by")),
      .held_out_in_sight = json_string_value(json_object_get(meta, "held_out_in_sight")),
      .known_to_novel = ratio_of(&config->known),
      .repeats_to_fresh = ratio_of(&config->repeats)};
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
static const char *command_of(const char *command, struct l4r_record *record) {
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
  return l4r_record_text(record, text);
}

/* Hashes the users and histories that the run asked about, because times of different requests
 * cannot be compared. */
static const char *requests_hash(const struct l4r_run *run, struct l4r_record *record) {
  static const char *const names[] = {"user", "role", "start", "item"};
  char hash[65], all[4 * 64 + 1] = "";
  for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
    const struct l4r_array *array = l4r_bundle_find(&run->requests, names[n]);
    l4r_sha256(array->value, (size_t)array->count * sizeof *array->value, hash);
    memcpy(all + 64 * n, hash, 65);
  }
  l4r_sha256(all, strlen(all), hash);
  return l4r_record_text(record, hash);
}

int l4r_run_fill(const struct l4r_run *run, const struct l4r_run_config *config,
                 struct l4r_record *record) {
  const struct l4r_run_options *options = run->options;
  struct l4r_record_record *data = &record->data;
  const int build = run->arm[config->arm].build;
  data->build = build < 0 ? NULL : l4r_build_names[build];
  data->scenario = l4r_scenario_name(options->scenario);
  data->threads = config->pin.threads;
  data->batch = l4r_scenario_has_batch(options->scenario) ? options->batch : 1;
  data->precision = data->description.precision;
  data->clock = (struct l4r_record_clock){1, "CLOCK_MONOTONIC", run->clock.tick_ns,
                                          run->clock.read_ns};
  data->command = command_of(options->command, record);
  data->requests = (struct l4r_record_requests){1, requests_hash(run, record)};
  put_energy(config, record);
  put_resources(config, record);
  put_checks(run, config, record);
  if (l4r_ranks_fill(l4r_run_timed_users(run), record)) return L4R_ENVIRONMENT;
  if (!data->command || !data->requests.sha256) return L4R_ENVIRONMENT;
  return put_pinned(config, record);
}
