/* SPDX-License-Identifier: BSD-3-Clause */
/* Learning curves from training.jsonl. A value that a log lacks stays '-', so logs of other
 * versions are drawn as far as possible. */
#include "bench/export/curves.h"

#include "bench/export/rows.h"

#include "bench/table/tsv.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/lines.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

struct log {
  char path[L4R_PATH_MAX], name[256];
  char dataset[128]; /* "" where unknown */
  json_t *best;      /* the line of the best epoch; NULL for none */
  int64_t epochs;
};

static const char *base_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* Finds the log of an argument and its name in the figure. */
static int find_log(const char *given, struct log *log) {
  struct stat info;
  char plain[L4R_PATH_MAX];
  size_t n = strlen(given);
  while (n > 1 && given[n - 1] == '/') n--;
  if (n >= sizeof plain) return l4r_fail(L4R_USAGE, "path too long: %.80s...", given);
  memcpy(plain, given, n);
  plain[n] = '\0';
  if (stat(plain, &info)) return l4r_fail_errno(L4R_INPUT, "cannot open model %s", plain);
  l4r_text_set(log->name, sizeof log->name, "%.255s", base_of(plain));
  if (!S_ISDIR(info.st_mode)) {
    char *dot = strrchr(log->name, '.');
    if (dot && dot != log->name) *dot = '\0';
    strcpy(log->path, plain);
    return L4R_OK;
  }
  int status = l4r_path_join(log->path, plain, "training.jsonl");
  if (!status && stat(log->path, &info))
    status = l4r_fail(L4R_INPUT,
                      "%s has no training.jsonl: only models trained by epochs (lite, p5, p5-head, "
                      "lite-beam) have learning curves",
                      plain);
  return status;
}

/* Reads the data set's name from the config.json beside a log, if there is one. */
static void find_dataset(const char *given, struct log *log) {
  char path[L4R_PATH_MAX];
  struct stat info;
  if (l4r_path_join(path, given, "config.json") || stat(path, &info)) return;
  json_t *config = json_load_file(path, 0, NULL);
  const char *name = json_string_value(json_object_get(config, "dataset_name"));
  l4r_text_set(log->dataset, sizeof log->dataset, "%.127s", name ? name : "");
  json_decref(config);
}

#define COLUMNS "epoch loss hr10 ndcg10 users total_seconds seconds learning_rate"

/* Adds a line of a log as a row of curves.tsv. */
static void add_epoch(struct l4r_table *table, const json_t *line, int place) {
  char columns[] = COLUMNS, *rest = columns, *column;
  l4r_row(table);
  l4r_cell_count(table, place);
  while ((column = strsep(&rest, " "))) {
    const json_t *value = json_object_get(line, column);
    const int is_figure = json_is_number(value) && isfinite(json_number_value(value));
    l4r_cell_alone(table, is_figure ? json_number_value(value) : NAN);
  }
}

static int read_epoch(struct log *log, int place, int64_t number, const char *text,
                      struct l4r_table *table) {
  json_error_t error;
  json_t *line = json_loads(text, 0, &error);
  if (!line || !json_is_number(json_object_get(line, "epoch"))) {
    const char *what = line ? "no \"epoch\" in it" : error.text;
    int status = l4r_fail(L4R_INPUT, "%s:%lld: not a line of a training log (%s)", log->path,
                          (long long)number, what);
    json_decref(line);
    return status;
  }
  add_epoch(table, line, place);
  if (json_is_true(json_object_get(line, "best"))) {
    json_decref(log->best);
    log->best = json_incref(line);
  }
  json_decref(line);
  log->epochs++;
  return L4R_OK;
}

static int read_log(struct log *log, int place, struct l4r_table *table) {
  char *content, *text;
  size_t bytes;
  int status = l4r_read_file(log->path, 1, &content, &bytes);
  if (status) return status;
  struct l4r_lines lines;
  l4r_lines_init(&lines, log->path, content, bytes);
  while (!status && l4r_lines_next(&lines, &text))
    if (*text) status = read_epoch(log, place, lines.number, text, table);
  if (!status && !log->epochs)
    status = l4r_fail(L4R_INPUT, "%s holds no epoch; train the model for one first", log->path);
  l4r_free(content);
  return status;
}

/* Adds data sets to names where they differ, and uses the whole argument where base names are
 * equal. */
static void name_logs(const char *const *given, struct log *log, int logs) {
  int differ = 0;
  for (int a = 0; a < logs; a++) differ |= strcmp(log[a].dataset, log[0].dataset) != 0;
  for (int a = 0; a < logs; a++) {
    int twice = 0;
    for (int b = 0; b < logs; b++) twice |= a != b && !strcmp(base_of(log[b].name), log[a].name);
    if (twice) l4r_text_set(log[a].name, sizeof log[a].name, "%.255s", given[a]);
    size_t used = strlen(log[a].name);
    if (differ && *log[a].dataset)
      l4r_text_add(log[a].name, sizeof log[a].name, &used, " (%s)", log[a].dataset);
    for (char *c = log[a].name; *c; c++)
      if ((unsigned char)*c < 32) *c = ' ';
  }
}

enum { CURVES, BEST, MODELS, FILES };
static const struct l4r_tsv_file tables[FILES] = {{"curves.tsv", "model " COLUMNS},
                                                  {"best.tsv", "model " COLUMNS},
                                                  {"models.tsv", "key model label epochs dataset"}};

static int add_curves(const char *const *model, struct log *log, int logs, struct l4r_tsv *tsv) {
  int status = L4R_OK;
  for (int m = 0; m < logs && !status; m++) {
    status = find_log(model[m], &log[m]);
    if (!status) find_dataset(model[m], &log[m]);
    if (!status) status = read_log(&log[m], m, &tsv[CURVES].table);
    l4r_tsv_flush(&tsv[CURVES]);
  }
  if (status) return status;
  name_logs(model, log, logs);
  for (int m = 0; m < logs; m++) {
    if (log[m].best) add_epoch(&tsv[BEST].table, log[m].best, m);
    l4r_row(&tsv[MODELS].table);
    l4r_cell(&tsv[MODELS].table, "model");
    l4r_cell_count(&tsv[MODELS].table, m);
    l4r_cell(&tsv[MODELS].table, "%s", log[m].name);
    l4r_cell_count(&tsv[MODELS].table, log[m].epochs);
    l4r_cell(&tsv[MODELS].table, "%s", log[m].dataset);
  }
  return L4R_OK;
}

int l4r_export_curves(const char *const *model, int models, const char *folder) {
  struct l4r_tsv_files files = {.count = 0};
  struct log *log = l4r_alloc((size_t)models, sizeof *log, "training logs");
  if (!log) return L4R_ENVIRONMENT;
  int status = l4r_tsv_files_open(&files, folder, tables, FILES);
  if (!status) status = add_curves(model, log, models, files.tsv);
  status = l4r_tsv_files_end(&files, status);
  for (int m = 0; m < models; m++) json_decref(log[m].best);
  l4r_free(log);
  return status;
}
