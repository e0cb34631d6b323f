/* What plots/history.sh draws: series of one machine, data set, scenario and batch are a figure. */
#include "bench/export/files.h"
#include "bench/history/history.h"
#include "impl/base/error.h"

#include <math.h>
#include <string.h>
#include <time.h>

static int is_beside(const struct l4r_history_series *a, const struct l4r_history_series *b) {
  return !strcmp(a->machine, b->machine) && !strcmp(a->dataset, b->dataset) &&
         !strcmp(a->scenario, b->scenario) && a->batch == b->batch;
}

/* Seconds of "2026-11-26T07:50:27Z" since 1970; -1 where it is none. */
static long long seconds_of(const char *text) {
  struct tm utc = {.tm_year = 0};
  const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return end && !*end ? (long long)timegm(&utc) : -1;
}

static void print_plain(FILE *stream, const char *text) {
  for (; *text; text++) fputc((unsigned char)*text < 32 ? ' ' : *text, stream);
}

static void write_points(FILE *stream, int group, int arm,
                         const struct l4r_history_series *series) {
  for (int64_t s = 0; s < series->segments; s++)
    for (int64_t p = series->segment[s].begin; p < series->segment[s].end; p++) {
      const struct l4r_history_point *point = &series->point[p];
      const long long seconds = seconds_of(point->time);
      if (seconds < 0) continue;
      fprintf(stream, "%d\t%d\t%lld\t%.10g\t", group, arm, seconds, point->ns.value);
      if (point->ns.withheld)
        fputs("-\t-\t", stream);
      else
        fprintf(stream, "%.10g\t%.10g\t", point->ns.lo, point->ns.hi);
      fprintf(stream, "%.10g\t%d\n", exp(series->segment[s].level),
              s && p == series->segment[s].begin);
    }
}

enum { POINTS, ARMS, GROUPS, FILES };

static void write_group(const struct l4r_history *history, int64_t first, int group,
                        FILE *const *stream) {
  int arms = 0;
  size_t longest = 0;
  const struct l4r_history_series *head = &history->series[first];
  for (int64_t s = first; s < history->count; s++) {
    const struct l4r_history_series *series = &history->series[s];
    if (!is_beside(series, head)) continue;
    char label[320];
    snprintf(label, sizeof label, "%.240s, %lld thread%s, %.60s", series->name,
             (long long)series->threads, series->threads == 1 ? "" : "s", series->requests);
    if (strlen(label) > longest) longest = strlen(label);
    fprintf(stream[ARMS], "%d\t%d\t", group, arms);
    print_plain(stream[ARMS], label);
    fputc('\n', stream[ARMS]);
    write_points(stream[POINTS], group, arms++, series);
  }
  fprintf(stream[GROUPS], "%d\t%d\t%zu\t", group, arms, longest);
  print_plain(stream[GROUPS], head->dataset);
  fputs("; ", stream[GROUPS]);
  print_plain(stream[GROUPS], head->scenario);
  fputs("; ", stream[GROUPS]);
  print_plain(stream[GROUPS], *head->cpu ? head->cpu : "unknown processor");
  fprintf(stream[GROUPS], ", machine %.12s\n", head->machine);
}

int l4r_history_tables(const struct l4r_history *history, const char *folder) {
  static const char *const names[FILES] = {"history.tsv", "history-arms.tsv", "history-groups.tsv"};
  struct l4r_export_files files;
  FILE *stream[FILES] = {NULL};
  int groups = 0, status = l4r_export_files_open(&files, folder);
  if (status) return status;
  for (int f = 0; f < FILES && !status; f++) status = l4r_export_file(&files, names[f], &stream[f]);
  if (!status) {
    fputs("group\tarm\tseconds\tns\tns_lo\tns_hi\tlevel_ns\tchange\n", stream[POINTS]);
    fputs("group\tarm\tlabel\n", stream[ARMS]);
    fputs("group\tarms\tlongest\ttitle\n", stream[GROUPS]);
  }
  for (int64_t s = 0; s < history->count && !status; s++) {
    int64_t before = 0;
    while (before < s && !is_beside(&history->series[before], &history->series[s])) before++;
    if (before == s) write_group(history, s, groups++, stream);
  }
  return l4r_export_files_end(&files, status);
}
