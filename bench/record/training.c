/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/training.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/lines.h"
#include "impl/base/memory.h"

#include <math.h>

static double number_of(const json_t *line, const char *key) {
  const json_t *value = json_object_get(line, key);
  return json_is_number(value) && isfinite(json_number_value(value)) ? json_number_value(value)
                                                                     : NAN;
}

static int read_line(struct l4r_training_log *log, size_t *room, const struct l4r_lines *lines,
                     const char *text) {
  json_error_t error;
  json_t *line = json_loads(text, 0, &error);
  if (!line || isnan(number_of(line, "epoch"))) {
    const char *what = line ? "no \"epoch\" in it" : error.text;
    const int status = l4r_fail(L4R_INPUT, "%s:%lld: not a line of a training log (%s)",
                                lines->path, (long long)lines->number, what);
    json_decref(line);
    return status;
  }
  json_array_append_new(log->line, line);
  int status = l4r_grow(&log->epoch, room, (size_t)log->epochs + 1, sizeof *log->epoch,
                        "epochs of a training log");
  if (status) return status;
  log->epoch[log->epochs++] = (struct l4r_training_epoch){
      .epoch = number_of(line, "epoch"),
      .seconds = number_of(line, "total_seconds"),
      .loss = number_of(line, "loss"),
      .hr10 = number_of(line, "hr10"),
      .ndcg10 = number_of(line, "ndcg10"),
      .users = number_of(line, "users"),
      .best = json_is_true(json_object_get(line, "best")),
  };
  return L4R_OK;
}

int l4r_training_read(const char *path, struct l4r_training_log *log) {
  char *content, *text;
  size_t bytes, room = 0;
  *log = (struct l4r_training_log){.line = json_array()};
  int status = l4r_read_file(path, 1, &content, &bytes);
  if (status) return status;
  struct l4r_lines lines;
  l4r_lines_init(&lines, path, content, bytes);
  while (!status && l4r_lines_next(&lines, &text))
    if (*text) status = read_line(log, &room, &lines, text);
  if (!status && !log->epochs)
    status = l4r_fail(L4R_INPUT, "%s holds no epoch; train the model for one first", path);
  l4r_free(content);
  return status;
}

void l4r_training_free(struct l4r_training_log *log) {
  l4r_free(log->epoch);
  json_decref(log->line);
  *log = (struct l4r_training_log){0};
}

const struct l4r_training_epoch *l4r_training_best(const struct l4r_training_log *log) {
  for (int64_t e = log->epochs; e > 0; e--)
    if (log->epoch[e - 1].best) return &log->epoch[e - 1];
  return NULL;
}

int l4r_training_trend(const struct l4r_training_log *log, struct l4r_trend *trend) {
  double *time = l4r_alloc((size_t)log->epochs, 2 * sizeof *time, "a learning curve");
  if (!time) return L4R_ENVIRONMENT;
  double *value = time + log->epochs;
  int64_t n = 0;
  for (int64_t e = 0; e < log->epochs; e++) {
    time[n] = log->epoch[e].seconds;
    value[n] = log->epoch[e].ndcg10;
    n += !isnan(time[n]) && !isnan(value[n]);
  }
  *trend = l4r_trend_of(time, value, n);
  l4r_free(time);
  return L4R_OK;
}
