/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec history on as many records as years of a busy machine leave: 10^5 in one folder. */
#include "bench/history/history.h"
#include "bench/history/plot_tables.h"
#include "bench/history/print.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "tests/support/files.h"
#include "tests/support/rounds.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RECORDS = 100000, FILES = 10, CHANGES = 3 };
static const int change_at[CHANGES] = {20000, 20100, 77777};
static const double change_by[CHANGES] = {.06, -.05, .02};

#define OK(call) cr_assert_eq(call, 0, "%s", l4r_error_message())

/* As l4r_records_write, which serialises twice, once for the hash. */
static void write_sealed(FILE *file, const json_t *record) {
  char hash[65], *text = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
  l4r_sha256(text, strlen(text), hash);
  const char *behind = strstr(text, ",\"threads\":"); /* in the order of the alphabet */
  cr_assert_not_null(behind);
  fprintf(file, "%.*s,\"sha256\":\"%s\"%s\n", (int)(behind - text), text, hash, behind);
  free(text);
}

/* Half-hourly records of series in turn, whose rounds vary by 1.5 %; levels change in the first. */
static void write_records(int series) {
  struct test_rounds wanted = {.rounds = 2, .users = 40, .ns = {1e6, 1e6}};
  struct l4r_random random;
  json_t *record = test_rounds_record("h", &wanted), *rounds = json_object_get(record, "rounds");
  FILE *file = NULL;
  json_object_del(record, "sha256");
  l4r_random_seed(&random, 31);
  for (int i = 0; i < RECORDS; i++) {
    char text[64];
    if (i % (RECORDS / FILES) == 0) {
      if (file) cr_assert_eq(fclose(file), 0);
      snprintf(text, sizeof text, "h/%02d.jsonl", i / (RECORDS / FILES));
      cr_assert_not_null(file = fopen(test_path(text), "wb"));
    }
    double level = 0;
    for (int c = 0; c < CHANGES && i % series == 0; c++)
      if (i / series >= change_at[c]) level += change_by[c];
    const time_t when = 1600000000 + 1800 * (time_t)i;
    struct tm utc;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&when, &utc));
    json_object_set_new(json_object_get(record, "manifest"), "time", json_string(text));
    json_object_set_new(record, "threads", json_integer(1 + i % series));
    for (size_t r = 0; r < 2; r++)
      json_object_set_new(json_array_get(rounds, r), "mean_ns",
                          json_real(1e6 * exp(level + .015 * l4r_random_normal(&random))));
    write_sealed(file, record);
  }
  cr_assert_eq(fclose(file), 0);
  json_decref(record);
}

static int read_all(struct l4r_history *history) {
  const char *const paths[] = {test_path("h")};
  const struct l4r_history_options options = {.path = paths, .paths = 1};
  return l4r_history_read(&options, history);
}

static int64_t peak_kilobytes(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

Test(history_size, one_series, .timeout = 240) {
  struct l4r_history history;
  write_records(1);
  OK(read_all(&history));
  cr_assert_eq(history.count, 1);
  const struct l4r_history_series *series = history.series;
  cr_assert_eq(series->points, RECORDS);
  cr_assert_eq(series->segments, CHANGES + 1, "%lld levels", (long long)series->segments);
  for (int c = 0; c < CHANGES; c++) {
    const struct l4r_segment *segment = &series->segment[c + 1];
    /* Records vary by .015 / sqrt 2: the place of a step of d such deviations is known to some
     * 10 / d^2 records, .02 being 1.9. */
    cr_expect_leq(llabs(segment->begin - change_at[c]), 5, "change %d at %lld", c,
                  (long long)segment->begin);
    /* A mean of 100 of them at least: .0011, four times. */
    cr_expect_float_eq(segment->level - segment[-1].level, change_by[c], .0045);
  }
  OK(l4r_history_plot_tables(&history, test_path("tables")));
  struct stat info;
  cr_assert_eq(stat(test_path("tables/history.tsv"), &info), 0);
  cr_expect_lt(info.st_size, 300000); /* 2,000 lines of 100 bytes, and what levels add */
  FILE *out = fopen(test_path("out"), "wb");
  OK(l4r_history_json(&history, out));
  cr_assert_eq(fclose(out), 0);
  l4r_history_free(&history);
  /* 160 bytes a record, twice when the list grows, and what is left of the reader. */
  cr_expect_lt(peak_kilobytes(), 200000, "%lld KB", (long long)peak_kilobytes());
}

Test(history_size, a_thousand_series_and_a_bad_line_among_them, .timeout = 240) {
  struct l4r_history history;
  write_records(1000);
  OK(read_all(&history));
  cr_assert_eq(history.count, 1000);
  int64_t changed = 0;
  for (int64_t s = 0; s < history.count; s++) {
    cr_assert_eq(history.series[s].points, RECORDS / 1000);
    changed += history.series[s].segments > 1;
  }
  /* None has a change; 7 % is what tests/check/test_coverage.c allows for. */
  cr_expect_leq(changed, 70, "%lld of 1000", (long long)changed);
  FILE *out = fopen(test_path("out"), "wb");
  OK(l4r_history_print(&history, &l4r_print_text, -1, out));
  cr_assert_lt(ftell(out), 1000000);
  cr_assert_eq(fclose(out), 0);
  l4r_history_free(&history);
  /* Cut in the middle of the last file's last line. */
  const char *path = test_path("h/09.jsonl");
  struct stat info;
  cr_assert_eq(stat(path, &info), 0);
  cr_assert_eq(truncate(path, info.st_size - 1000), 0);
  cr_assert_eq(read_all(&history), L4R_INPUT);
  cr_expect_not_null(strstr(l4r_error_message(), "h/09.jsonl:10000: not JSON"), "%s",
                     l4r_error_message());
  l4r_history_free(&history);
}

/* No change, a change at every turn, a trend, a walk: what a search could be slow at. */
Test(history_size, steps_of_long_series, .timeout = 240) {
  double *y = l4r_alloc(RECORDS, sizeof *y, "a series");
  struct l4r_random random;
  l4r_random_seed(&random, 32);
  for (int shape = 0; shape < 6; shape++) {
    double level = 0;
    for (int i = 0; i < RECORDS; i++) {
      const double z = l4r_random_normal(&random);
      level += shape == 5 ? .002 * l4r_random_normal(&random) : 0;
      y[i] = level + (shape == 1 ? 0 : .015 * z) + (shape == 2 ? i / 10 % 2 : 0) +
             (shape == 3 ? 1e-5 * i : 0) + (shape == 4 ? .1 * sin(1e-3 * i) : 0);
    }
    struct l4r_segment *segment;
    int64_t segments;
    double noise;
    OK(l4r_steps_find(y, RECORDS, .001, &segment, &segments, &noise));
    if (shape < 2) cr_expect_eq(segments, 1, "%lld levels of shape %d", (long long)segments, shape);
    if (shape == 2) cr_expect_eq(segments, RECORDS / 10, "%lld levels", (long long)segments);
    if (shape > 2)
      cr_expect_gt(segments, 20, "%lld levels of shape %d", (long long)segments, shape);
    l4r_free(segment);
  }
  l4r_free(y);
}
