/* SPDX-License-Identifier: BSD-3-Clause */
/* A hash table (jansson's) maps the key of a series to its number, so that reading takes linear
 * time. About 200 bytes are kept of each record. */
#include "bench/history/history.h"
#include "bench/record/text.h"

#include "bench/record/distinct.h"
#include "bench/record/read.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The noise of a series is taken as a thousandth at least: smaller changes are no regressions, and
 * records with equal figures would have no noise at all. */
static const double least_noise = .001;

/* All members that are used below, by bench/record/machine.h and by l4r_round_figure. */
static const char *const members[] = {"schema",
                                      "sha256",
                                      "arm",
                                      "engine",
                                      "options",
                                      "model.sha256",
                                      "pinned.asked",
                                      "scenario",
                                      "threads",
                                      "batch",
                                      "settings.users",
                                      "settings.seed",
                                      "settings.k",
                                      "dataset.name",
                                      "dataset.sha256",
                                      "latency_ns.mean.withheld",
                                      "latency_ns.p50.withheld",
                                      "latency_ns.p99.withheld",
                                      "rounds.mean_ns",
                                      "rounds.p50_ns",
                                      "rounds.p99_ns",
                                      "rounds.users_per_second",
                                      "rounds.cold_ns",
                                      "rounds.open_seconds",
                                      "rounds.peak_rss_bytes",
                                      "instructions.per_user",
                                      "manifest.time",
                                      "manifest.git",
                                      "manifest.cpu",
                                      "manifest.machine",
                                      "manifest.machine_key",
                                      "manifest.topology",
                                      "manifest.system.hypervisor",
                                      NULL};

struct reading {
  struct l4r_history *history;
  const struct l4r_history_options *options;
  json_t *series; /* key -> number */
  json_t *stated; /* derived key -> stated key, or null where there are several */
  int64_t read;
};

static int64_t whole(int64_t value) {
  return value == L4R_NONE ? 0 : value;
}

/* Computes the figure of a record over its rounds; it is withheld where a round has none. */
static int estimate_of(const struct l4r_record *record, enum l4r_round_metric metric,
                       struct l4r_history_point *point) {
  const int64_t rounds = record->data.rounds.count;
  double *logarithm = l4r_alloc((size_t)rounds + 1, sizeof *logarithm, "rounds");
  if (!logarithm) return L4R_ENVIRONMENT;
  int complete = rounds > 0;
  for (int64_t r = 0; r < rounds && complete; r++) {
    const char *reason;
    const double ns = l4r_round_figure(record, r, metric, &reason);
    complete = ns > 0;
    logarithm[r] = complete ? log(ns) : 0;
  }
  point->rounds = rounds;
  point->ns = l4r_geometric_estimate(logarithm, complete ? rounds : 0, .95);
  l4r_free(logarithm);
  return L4R_OK;
}

/* Stores the file's name once: records of one file are adjacent. */
static int keep_file(struct l4r_history *history, const char *path, const char **kept) {
  if (!history->files || strcmp(history->file[history->files - 1], path)) {
    int status = l4r_grow(&history->file, &history->files_room, (size_t)history->files + 1,
                          sizeof *history->file, "names of files");
    if (status) return status;
    char *copy = l4r_strdup(path);
    if (!copy) return L4R_ENVIRONMENT;
    history->file[history->files++] = copy;
  }
  *kept = history->file[history->files - 1];
  return L4R_OK;
}

static void requests_of(const struct l4r_record *record, char *out, size_t size) {
  const struct l4r_record_settings *settings = &record->data.settings;
  const long long users = (long long)whole(settings->users);
  if (users)
    snprintf(out, size, "%lld users", users);
  else
    snprintf(out, size, "all users");
  size_t used = strlen(out);
  l4r_text_add(out, size, &used, ", seed %lld, k %lld", (long long)whole(settings->seed),
               (long long)whole(settings->k));
}

static const char *copy_of(struct l4r_record *to, const char *text) {
  return text ? l4r_record_text(to, text) : NULL;
}

/* Keeps the members that l4r_distinguish uses. */
static int keep_like(const struct l4r_record *record, struct l4r_history_series *series) {
  struct l4r_record *like = series->like = l4r_alloc(1, sizeof *like, "a series");
  if (!like) return L4R_ENVIRONMENT;
  l4r_record_blank(like);
  like->data.model.sha256 = copy_of(like, record->data.model.sha256);
  like->data.dataset.sha256 = copy_of(like, record->data.dataset.sha256);
  like->data.pinned.asked = copy_of(like, record->data.pinned.asked);
  const int failed = !like->data.model.sha256 != !record->data.model.sha256 ||
                     !like->data.dataset.sha256 != !record->data.dataset.sha256 ||
                     !like->data.pinned.asked != !record->data.pinned.asked;
  return failed ? L4R_ENVIRONMENT : L4R_OK;
}

static int make_series(struct l4r_history *history, const struct l4r_record *record,
                       const char *machine, const char *key) {
  const struct l4r_record_record *data = &record->data;
  int status = l4r_grow(&history->series, &history->series_room, (size_t)history->count + 1,
                        sizeof *history->series, "series of records");
  if (status) return status;
  struct l4r_history_series *series = &history->series[history->count++];
  series->name = l4r_strdup(l4r_text_or_none(data->arm));
  series->dataset = l4r_strdup(l4r_text_or_none(data->dataset.name));
  l4r_dataset_label_of(record, series->label, sizeof series->label);
  series->scenario = l4r_strdup(l4r_text_or_none(data->scenario));
  series->metric = history->metric;
  series->threads = whole(data->threads);
  series->batch = whole(data->batch);
  requests_of(record, series->requests, sizeof series->requests);
  series->place = l4r_strdup(key + strlen(machine) + 1);
  l4r_text_set(series->machine, sizeof series->machine, "%s", machine);
  l4r_text_set(series->cpu, sizeof series->cpu, "%.127s", l4r_text_or_none(data->manifest.cpu));
  status = keep_like(record, series);
  if (status) return status;
  return series->name && series->dataset && series->scenario && series->place ? L4R_OK
                                                                              : L4R_ENVIRONMENT;
}

/* Identifies what is measured. Arms are identified by engine, options and model hash, because an
 * arm's name has only the last part of the model's folder; without a hash, by their name. */
static json_t *key_of(const struct l4r_record *record, const char *machine) {
  const struct l4r_record_record *data = &record->data;
  char requests[96], distinct[L4R_DISTINCT_KEY];
  requests_of(record, requests, sizeof requests);
  l4r_distinct_key(record, L4R_BY_ALL & ~L4R_BY_MACHINE, distinct);
  const int hashed = data->model.sha256 && *data->model.sha256;
  const json_t *options = hashed ? data->options : NULL;
  char *served = options ? json_dumps(options, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
  json_t *key = json_sprintf("%s\n%s\n%s\n%s\n%s\n%s\n%lld\n%lld", machine, requests,
                             l4r_text_or_none(hashed ? data->engine : data->arm),
                             served ? served : "", distinct, l4r_text_or_none(data->scenario),
                             (long long)whole(data->threads), (long long)whole(data->batch));
  free(served);
  return key;
}

static int name_series(struct reading *reading, const char *key, int64_t number) {
  return json_object_set_new(reading->series, key, json_integer(number))
             ? l4r_fail(L4R_ENVIRONMENT, "no memory for a series")
             : L4R_OK;
}

/* Finds the series of a record, or makes it for the first record. */
static int find_series(struct reading *reading, const struct l4r_record *record,
                       struct l4r_history_series **series) {
  char stated[L4R_MACHINE_KEY], derived[L4R_MACHINE_KEY];
  l4r_machine_stated(record, stated);
  l4r_machine_derived(record, derived);
  const json_t *known = json_object_get(reading->stated, derived);
  if (*stated && !known)
    json_object_set_new(reading->stated, derived, json_string(stated));
  else if (*stated && json_is_string(known) && strcmp(json_string_value(known), stated))
    json_object_set_new(reading->stated, derived, json_null());
  const char *machine = *stated ? stated : derived;
  json_t *key = key_of(record, machine);
  const char *text = json_string_value(key);
  const json_t *number = text ? json_object_get(reading->series, text) : NULL;
  int status = text ? L4R_OK : l4r_fail(L4R_ENVIRONMENT, "no memory for a series");
  if (!status && !number) {
    status = make_series(reading->history, record, machine, text);
    if (!status) status = name_series(reading, text, reading->history->count - 1);
    number = status ? NULL : json_object_get(reading->series, text);
  }
  if (!status) {
    *series = &reading->history->series[json_integer_value(number)];
    (*series)->derived = !*stated;
  }
  json_decref(key);
  return status;
}

static int add_record(void *context, struct l4r_record *record) {
  struct reading *reading = context;
  struct l4r_history *history = reading->history;
  struct l4r_history_series *series;
  struct l4r_history_point point = {.order = reading->read++};
  if (!l4r_record_matches(record, &reading->options->filter)) return L4R_OK;
  int status = l4r_record_sealed(record);
  if (status == L4R_INPUT && reading->options->unsealed) {
    history->unsealed++;
    status = L4R_OK;
  }
  if (!status) status = estimate_of(record, history->metric, &point);
  if (status) return status;
  if (point.ns.withheld == L4R_WITHHELD_VALUE) {
    history->left_out++;
    return L4R_OK;
  }
  l4r_text_set(point.time, sizeof point.time, "%.23s",
               l4r_text_or_none(record->data.manifest.time));
  l4r_text_set(point.git, sizeof point.git, "%.47s", l4r_text_or_none(record->data.manifest.git));
  l4r_text_set(point.sha256, sizeof point.sha256, "%.12s", l4r_text_or_none(record->data.sha256));
  point.line = record->from.line;
  status = keep_file(history, record->from.path, &point.file);
  if (!status) status = find_series(reading, record, &series);
  if (!status)
    status = l4r_grow(&series->point, &series->room, (size_t)series->points + 1,
                      sizeof *series->point, "records of a series");
  if (!status) series->point[series->points++] = point;
  return status;
}

static int by_time(const void *left, const void *right) {
  const struct l4r_history_point *a = left, *b = right;
  const int order = strcmp(a->time, b->time); /* ISO 8601 in UTC sorts as text */
  return order ? order : (a->order > b->order) - (a->order < b->order);
}

static void free_series(struct l4r_history_series *series) {
  l4r_free(series->name);
  l4r_free(series->dataset);
  l4r_free(series->scenario);
  l4r_free(series->place);
  if (series->like) l4r_record_free(series->like);
  l4r_free(series->like);
  l4r_free(series->point);
  l4r_free(series->segment);
}

static int append_points(struct l4r_history_series *to, const struct l4r_history_series *from) {
  int status = l4r_grow(&to->point, &to->room, (size_t)(to->points + from->points),
                        sizeof *to->point, "records of a series");
  if (status) return status;
  memcpy(to->point + to->points, from->point, (size_t)from->points * sizeof *from->point);
  to->points += from->points;
  return L4R_OK;
}

/* Gives a series without a stated key the key `stated`, or merges it with the series of that
 * key. */
static int join(struct reading *reading, int64_t number, const char *stated) {
  struct l4r_history_series *old = &reading->history->series[number];
  json_t *key = json_sprintf("%s\n%s", stated, old->place);
  const char *text = json_string_value(key);
  if (!text) return l4r_fail(L4R_ENVIRONMENT, "no memory for a series");
  const json_t *other = json_object_get(reading->series, text);
  int status;
  if (other) {
    status = append_points(&reading->history->series[json_integer_value(other)], old);
    old->points = 0;
  } else {
    l4r_text_set(old->machine, sizeof old->machine, "%s", stated);
    old->derived = 0;
    status = name_series(reading, text, number);
  }
  json_decref(key);
  return status;
}

/* Merges series older than stated keys with the only machine that fits. */
static int join_older(struct reading *reading) {
  struct l4r_history *history = reading->history;
  int64_t kept = 0;
  int status = L4R_OK;
  for (int64_t s = 0; s < history->count && !status; s++) {
    const struct l4r_history_series *old = &history->series[s];
    const json_t *stated = old->derived ? json_object_get(reading->stated, old->machine) : NULL;
    if (json_is_string(stated)) status = join(reading, s, json_string_value(stated));
  }
  if (status) return status;
  for (int64_t s = 0; s < history->count; s++) {
    if (history->series[s].points)
      history->series[kept++] = history->series[s];
    else
      free_series(&history->series[s]);
  }
  history->count = kept;
  return L4R_OK;
}

static int find_steps(struct l4r_history_series *series) {
  qsort(series->point, (size_t)series->points, sizeof *series->point, by_time);
  double *value = l4r_alloc((size_t)series->points, sizeof *value, "a series");
  if (!value) return L4R_ENVIRONMENT;
  for (int64_t p = 0; p < series->points; p++) value[p] = log(series->point[p].ns.value);
  const int status = l4r_steps_find(value, series->points, least_noise, &series->segment,
                                    &series->segments, &series->noise);
  l4r_free(value);
  return status;
}

/* Adds to the names of series that look alike the attributes in which they differ. */
static int name_distinctly(struct l4r_history *history) {
  struct l4r_named *named = l4r_alloc((size_t)history->count, sizeof *named, "names of series");
  int status = named ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t s = 0; s < history->count && !status; s++) {
    const struct l4r_history_series *series = &history->series[s];
    json_t *shown = json_sprintf("%s\n%s\n%s\n%s\n%s\n%lld\n%lld", series->name, series->machine,
                                 series->dataset, series->scenario, series->requests,
                                 (long long)series->threads, (long long)series->batch);
    const char *name = shown ? l4r_record_text(series->like, json_string_value(shown)) : NULL;
    named[s] = (struct l4r_named){.record = series->like, .name = name};
    if (!name) status = l4r_fail(L4R_ENVIRONMENT, "no memory for names of series");
    json_decref(shown);
  }
  if (!status)
    status = l4r_distinguish_by(named, history->count, L4R_BY_MODEL | L4R_BY_DATA | L4R_BY_PIN);
  for (int64_t s = 0; s < history->count && !status; s++) {
    struct l4r_history_series *series = &history->series[s];
    if (!*named[s].suffix) continue;
    const size_t size = strlen(series->name) + L4R_DISTINCT;
    char *name = l4r_alloc(size, 1, "the name of a series");
    if (!name) status = L4R_ENVIRONMENT;
    if (name) snprintf(name, size, "%s%s", series->name, named[s].suffix);
    if (name) l4r_free(series->name);
    if (name) series->name = name;
  }
  l4r_free(named);
  return status;
}

int l4r_history_read(const struct l4r_history_options *options, struct l4r_history *history) {
  *history = (struct l4r_history){.metric = options->metric};
  struct reading reading = {history, options, json_object(), json_object(), 0};
  int status = reading.series && reading.stated ? L4R_OK : L4R_ENVIRONMENT;
  const struct l4r_records_part part = {options->path, options->paths, members};
  if (!status) status = l4r_records_read_partial(&part, add_record, &reading);
  if (!status && !history->count)
    status = l4r_fail(
        L4R_INPUT,
        "none of the %lld records in %s is of the arm, scenario and threads asked for "
        "and has a %s",
        (long long)reading.read, options->path[0], l4r_round_metric_names[options->metric]);
  if (!status) status = join_older(&reading);
  if (!status) status = name_distinctly(history);
  for (int64_t s = 0; s < history->count && !status; s++) status = find_steps(&history->series[s]);
  json_decref(reading.series);
  json_decref(reading.stated);
  return status;
}

void l4r_history_free(struct l4r_history *history) {
  for (int64_t s = 0; s < history->count; s++) free_series(&history->series[s]);
  for (int64_t f = 0; f < history->files; f++) l4r_free(history->file[f]);
  l4r_free(history->series);
  l4r_free(history->file);
  *history = (struct l4r_history){.count = 0};
}
