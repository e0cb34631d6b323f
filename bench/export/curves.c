/* SPDX-License-Identifier: BSD-3-Clause */
/* Learning curves from training.jsonl. What a log does not say stays '-': logs of other versions
 * draw what they have. */
#include "bench/export/curves.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

enum { ROW = 320 };

struct log {
  char path[L4R_PATH_MAX], name[256];
  char dataset[128]; /* "" where unknown */
  char best[ROW];    /* the row of the epoch that was best in the end; "" for none */
  int64_t epochs;
};

static const char *base_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* Where the log of an argument is, and what it is called in the figure. */
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

/* The data set's name from the config.json beside a log, where there is one. */
static void find_dataset(const char *given, struct log *log) {
  char path[L4R_PATH_MAX];
  struct stat info;
  if (l4r_path_join(path, given, "config.json") || stat(path, &info)) return;
  json_t *config = json_load_file(path, 0, NULL);
  const char *name = json_string_value(json_object_get(config, "dataset_name"));
  l4r_text_set(log->dataset, sizeof log->dataset, "%.127s", name ? name : "");
  json_decref(config);
}

/* The columns of curves.tsv; each line of a log is printed as one row of them. */
static const char *const columns[] = {"epoch", "loss",          "hr10",    "ndcg10",
                                      "users", "total_seconds", "seconds", "learning_rate"};
enum { COLUMNS = sizeof columns / sizeof *columns };

static void print_row(const json_t *line, int place, char row[ROW]) {
  size_t used = 0;
  l4r_text_add(row, ROW, &used, "%d", place);
  for (int c = 0; c < COLUMNS; c++) {
    const json_t *value = json_object_get(line, columns[c]);
    if (json_is_number(value) && isfinite(json_number_value(value)))
      l4r_text_add(row, ROW, &used, "\t%.10g", json_number_value(value));
    else
      l4r_text_add(row, ROW, &used, "\t-");
  }
}

static int read_epoch(struct log *log, int place, int64_t number, const char *text, FILE *stream) {
  char row[ROW];
  json_error_t error;
  json_t *line = json_loads(text, 0, &error);
  if (!line || !json_is_number(json_object_get(line, "epoch"))) {
    const char *what = line ? "no \"epoch\" in it" : error.text;
    int status = l4r_fail(L4R_INPUT, "%s:%lld: not a line of a training log (%s)", log->path,
                          (long long)number, what);
    json_decref(line);
    return status;
  }
  print_row(line, place, row);
  fprintf(stream, "%s\n", row);
  if (json_is_true(json_object_get(line, "best"))) strcpy(log->best, row);
  json_decref(line);
  log->epochs++;
  return L4R_OK;
}

static int read_log(struct log *log, int place, FILE *stream) {
  char *content, *text;
  size_t bytes;
  int status = l4r_read_file(log->path, 1, &content, &bytes);
  if (status) return status;
  struct l4r_lines lines;
  l4r_lines_init(&lines, log->path, content, bytes);
  while (!status && l4r_lines_next(&lines, &text))
    if (*text) status = read_epoch(log, place, lines.number, text, stream);
  if (!status && !log->epochs)
    status = l4r_fail(L4R_INPUT, "%s holds no epoch; train the model for one first", log->path);
  l4r_free(content);
  return status;
}

/* Data sets where they differ; the whole argument where base names are equal. */
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

static void print_columns(FILE *stream) {
  fputs("model", stream);
  for (int c = 0; c < COLUMNS; c++) fprintf(stream, "\t%s", columns[c]);
  fputc('\n', stream);
}

enum { CURVES, BEST, MODELS, FILES };

static int write_curves(const char *const *model, struct log *log, int logs,
                        const struct l4r_output *output) {
  int status = L4R_OK;
  print_columns(output[CURVES].stream);
  for (int m = 0; m < logs && !status; m++) {
    status = find_log(model[m], &log[m]);
    if (!status) find_dataset(model[m], &log[m]);
    if (!status) status = read_log(&log[m], m, output[CURVES].stream);
  }
  if (status) return status;
  print_columns(output[BEST].stream);
  name_logs(model, log, logs);
  fputs("key\tmodel\tlabel\tepochs\tdataset\n", output[MODELS].stream);
  for (int m = 0; m < logs; m++) {
    if (*log[m].best) fprintf(output[BEST].stream, "%s\n", log[m].best);
    fprintf(output[MODELS].stream, "model\t%d\t%s\t%lld\t%s\n", m, log[m].name,
            (long long)log[m].epochs, *log[m].dataset ? log[m].dataset : "-");
  }
  return L4R_OK;
}

int l4r_export_curves(const char *const *model, int models, const char *folder) {
  static const char *const names[FILES] = {"curves.tsv", "best.tsv", "models.tsv"};
  struct l4r_output output[FILES];
  struct log *log = l4r_alloc((size_t)models, sizeof *log, "training logs");
  if (!log) return L4R_ENVIRONMENT;
  int opened = 0, status = l4r_make_folders(folder);
  for (; opened < FILES && !status; opened++) {
    char path[L4R_PATH_MAX];
    status = l4r_path_join(path, folder, names[opened]);
    if (!status) status = l4r_output_open(&output[opened], path);
    if (status) break;
  }
  if (!status) status = write_curves(model, log, models, output);
  for (int f = 0; f < opened; f++) {
    if (!status)
      status = l4r_output_commit(&output[f]);
    else
      l4r_output_abort(&output[f]);
  }
  l4r_free(log);
  return status;
}
