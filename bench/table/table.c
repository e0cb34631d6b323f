/* SPDX-License-Identifier: BSD-3-Clause */
/* Three lines a row: the figures; their 95 % intervals below them; the counters with their source.
 */
#include "bench/record/text.h"
#include "bench/table/table.h"

#include "bench/derive/door.h"
#include "bench/record/notes.h"
#include "impl/base/text.h"
#include "bench/record/distinct.h"
#include "bench/record/notes.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { ARM = 27, COLUMN = 14, LINE = 158, CELL = 64 };

struct unit {
  double scale;
  const char *name;
};

/* The unit in which a time reads with one to three digits before the point. */
static struct unit unit_of(double ns) {
  static const struct unit units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
  for (size_t u = 0; u < sizeof units / sizeof *units; u++)
    if (ns >= units[u].scale) return units[u];
  return units[3];
}

/* Three significant digits without an exponent. */
static void number(char *out, size_t size, double value) {
  double magnitude = value < 0 ? -value : value;
  int digits = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3;
  snprintf(out, size, "%.*f", digits, value);
}

struct cell {
  char value[CELL], interval[CELL];
};

static struct cell accuracy_cell(const json_t *accuracy, const char *convention,
                                 const char *metric) {
  struct cell cell;
  json_t *value = json_object_get(json_object_get(accuracy, convention), metric);
  json_t *interval = json_object_get(json_object_get(json_object_get(accuracy, "ci95"), convention),
                                     metric);
  snprintf(cell.value, CELL, "%.4f", json_number_value(value));
  snprintf(cell.interval, CELL, "%.4f-%.4f", json_number_value(json_array_get(interval, 0)),
           json_number_value(json_array_get(interval, 1)));
  return cell;
}

static struct cell estimate_cell(const json_t *estimate, int is_time, struct l4r_notes *notes) {
  struct cell cell = {{0}, {0}};
  const json_t *value = json_object_get(estimate, "value"), *lo = json_object_get(estimate, "lo");
  if (!json_is_number(value)) {
    snprintf(cell.value, CELL, "- [%d]", l4r_note(notes, l4r_text_at(estimate, "withheld")));
    return cell;
  }
  struct unit unit = {1, ""};
  if (is_time) unit = unit_of(json_number_value(value));
  char middle[24], low[24], high[24];
  number(middle, sizeof middle, json_number_value(value) / unit.scale);
  l4r_text_set(cell.value, CELL, "%s%s%s", middle, is_time ? " " : "", unit.name);
  if (!json_is_number(lo)) {
    const char *why = l4r_text_at(estimate, "interval_withheld");
    snprintf(cell.interval, CELL, "- [%d]",
             l4r_note(notes, *why ? "fewer than three rounds have no interval; raise --rounds"
                                  : "one round has no interval over rounds; raise --rounds"));
    return cell;
  }
  number(low, sizeof low, json_number_value(lo) / unit.scale);
  number(high, sizeof high, json_number_value(json_object_get(estimate, "hi")) / unit.scale);
  l4r_text_set(cell.interval, CELL, "%s-%s", low, high);
  return cell;
}

static struct cell bytes_cell(const json_t *bytes) {
  struct cell cell = {{0}, {0}};
  double megabytes = json_number_value(bytes) / 1e6;
  if (json_is_number(bytes))
    snprintf(cell.value, CELL, "%.*f", megabytes < 10 ? 2 : 0, megabytes);
  else
    strcpy(cell.value, "-");
  return cell;
}

/* Prints words separated by blanks, beginning a new line with `indent` where one would pass LINE.
 */
struct wrap {
  FILE *stream;
  int column, indent;
};

static void wrap(struct wrap *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void wrap(struct wrap *line, const char *format, ...) {
  char text[256];
  size_t used = 0;
  va_list arguments;
  va_start(arguments, format);
  l4r_text_add_list(text, sizeof text, &used, format, arguments);
  va_end(arguments);
  int length = (int)strlen(text);
  if (line->column > line->indent && line->column + length + 1 > LINE) {
    fprintf(line->stream, "\n%*s", line->indent, "");
    line->column = line->indent;
  }
  line->column += fprintf(line->stream, "%s%s", line->column > line->indent ? " " : "", text);
}

/* "cpu_time 40.7 us" or "IPC 2.1"; the unit of counts is left out. */
static void print_counter(struct wrap *line, const json_t *cell, const char *end) {
  const char *name = l4r_text_at(cell, "name"), *unit = l4r_text_at(cell, "unit");
  double figure = json_number_value(json_object_get(cell, "value"));
  char text[32];
  if (!strncmp(unit, "ns", 2)) {
    struct unit time = unit_of(figure);
    number(text, sizeof text, figure / time.scale);
    wrap(line, "%s %s %s%s", name, text, time.name, end);
    return;
  }
  snprintf(text, sizeof text, "%.3g", figure);
  wrap(line, "%s %s%s", name, text, end);
}

/* All cells of one source, or all absent ones of one reason. */
static void print_like(struct wrap *line, const json_t *cells, size_t first,
                       struct l4r_notes *notes) {
  const json_t *like = json_array_get(cells, first), *cell;
  const json_t *source = json_object_get(like, "source"), *reason = json_object_get(like, "reason");
  const char *name = l4r_text_at(like, "source");
  int absent = !json_is_number(json_object_get(like, "value"));
  size_t index, last = first;
  if (!absent) wrap(line, "%s:", name);
  for (int pass = 0; pass < 2; pass++)
    json_array_foreach(cells, index, cell) {
      int same = json_equal(json_object_get(cell, "source"), source) &&
                 (!absent || json_equal(json_object_get(cell, "reason"), reason));
      if (!same || index < first) continue;
      if (pass == 0)
        last = index;
      else if (absent && index == last)
        wrap(line, "%s - [%d];", l4r_text_at(cell, "name"),
             l4r_note(notes, l4r_text_at(cell, "reason")));
      else if (absent)
        wrap(line, "%s -,", l4r_text_at(cell, "name"));
      else
        print_counter(line, cell, index == last ? ";" : ",");
    }
}

static int is_first_of_kind(const json_t *cells, size_t at) {
  const json_t *cell = json_array_get(cells, at);
  int absent = !json_is_number(json_object_get(cell, "value"));
  for (size_t before = 0; before < at; before++) {
    const json_t *other = json_array_get(cells, before);
    if (json_equal(json_object_get(other, "source"), json_object_get(cell, "source")) &&
        (!absent || json_equal(json_object_get(other, "reason"), json_object_get(cell, "reason"))))
      return 0;
  }
  return 1;
}

static void print_counters(FILE *stream, const json_t *record, struct l4r_notes *notes) {
  const json_t *cells = json_object_get(record, "counters");
  size_t count = json_array_size(cells);
  if (!count) return;
  struct wrap line = {.stream = stream, .indent = 4};
  line.column = fprintf(stream, "    ");
  wrap(&line, "a query,");
  for (size_t c = 0; c < count; c++)
    if (is_first_of_kind(cells, c)) print_like(&line, cells, c, notes);
  fprintf(stream, "\n");
}

/* What a user's time goes into, on one line. */
static void print_stages(FILE *stream, const json_t *stages) {
  size_t index;
  const json_t *stage;
  json_array_foreach(stages, index, stage) {
    char time[32];
    const json_t *fraction = json_object_get(stage, "sgemm_fraction");
    const json_t *estimate = json_object_get(stage, "ns_per_user");
    const double ns = json_number_value(json_object_get(estimate, "value"));
    const struct unit unit = unit_of(ns);
    number(time, sizeof time, ns / unit.scale);
    fprintf(stream, "%s%s %s %s", index ? "; " : "    a user: ", l4r_text_at(stage, "name"), time,
            unit.name);
    if (json_is_number(fraction))
      fprintf(stream, ", %.1f %% of it", 100 * json_number_value(fraction));
  }
  if (index) fprintf(stream, "\n");
}

/* "12.3 ms" */
static const char *time_text(double ns, char out[32]) {
  const struct unit unit = unit_of(ns);
  char digits[24];
  number(digits, sizeof digits, ns / unit.scale);
  snprintf(out, 32, "%s %s", digits, unit.name);
  return out;
}

static void print_server(FILE *stream, const json_t *record) {
  const json_t *server = json_object_get(record, "server"), *knee = json_object_get(record, "knee");
  const json_t *schedule = json_object_get(server, "schedule");
  const json_t *late = json_object_get(schedule, "p99_ns");
  char p50[32], p99[32];
  if (!server) return;
  const double asked = json_number_value(json_object_get(server, "rate_asked"));
  fprintf(stream, "    server: %.4g users/s asked, %.4g achieved, load %.2f; %s\n", asked,
          json_number_value(json_object_get(server, "rate_achieved")),
          json_number_value(json_object_get(server, "load")), l4r_text_at(server, "reason"));
  if (json_is_number(late))
    fprintf(stream,
            "    schedule: %lld arrivals found the worker idle and were taken %s (p50), %s "
            "(p99) late%s\n",
            (long long)json_integer_value(json_object_get(schedule, "arrivals_idle")),
            time_text(json_number_value(json_object_get(schedule, "p50_ns")), p50),
            time_text(json_number_value(late), p99),
            json_is_true(json_object_get(schedule, "kept"))
                ? ""
                : ": NOT KEPT, 20 us are asked for; was the core busy with something else?");
  if (!knee) return;
  const json_t *rate = json_object_get(knee, "rate");
  const double at = json_number_value(
      json_is_number(rate)
          ? rate
          : json_object_get(json_array_get(json_object_get(knee, "trials"), 0), "rate"));
  if (at < asked || at > asked) return; /* once, with the rate it is about */
  if (json_is_number(rate))
    fprintf(stream, "    knee: %.4g users/s, the highest rate that passed of %zu tried (%s)\n", at,
            json_array_size(json_object_get(knee, "trials")), l4r_text_at(knee, "stopped"));
  else
    fprintf(stream, "    knee: none, no rate of %zu tried passed (%s)\n",
            json_array_size(json_object_get(knee, "trials")), l4r_text_at(knee, "stopped"));
}

/* "1 forced switch, 2 minor faults in the 4 calls around it" */
static void print_events(FILE *stream, const json_t *tail) {
  static const struct {
    const char *name, *one, *many;
  } events[] = {{"forced_switches", "forced switch", "forced switches"},
                {"voluntary_switches", "voluntary switch", "voluntary switches"},
                {"minor_faults", "minor fault", "minor faults"},
                {"major_faults", "major fault", "major faults"}};
  const long long over = json_integer_value(json_object_get(tail, "over"));
  int printed = 0;
  for (size_t e = 0; e < sizeof events / sizeof *events; e++) {
    const long long count = json_integer_value(json_object_get(tail, events[e].name));
    if (count)
      fprintf(stream, "%s%lld %s", printed++ ? ", " : "", count,
              count == 1 ? events[e].one : events[e].many);
  }
  if (!printed) fprintf(stream, "no switch or fault");
  if (over == 1)
    fprintf(stream, " in it");
  else
    fprintf(stream, " in the %lld calls around it", over);
}

/* The slowest call of each round, three rounds at most, slowest first. */
static void print_tails(FILE *stream, const json_t *rounds) {
  enum { SHOWN = 3 };
  double above = 1e300;
  size_t index;
  const json_t *round;
  for (int shown = 0; shown < SHOWN; shown++) {
    const json_t *slowest = NULL;
    double most = 0;
    size_t of = 0;
    json_array_foreach(rounds, index, round) {
      const json_t *tail = json_array_get(json_object_get(round, "tails"), 0);
      const double ns = json_number_value(json_object_get(tail, "ns"));
      if (!(ns > most) || ns >= above) continue;
      most = ns;
      slowest = tail;
      of = index;
    }
    if (!slowest) break;
    char text[32];
    above = most;
    fprintf(stream, "%s%s round %zu, user %lld, history %lld, ",
            shown ? "; " : "    tails: ", time_text(most, text), of + 1,
            (long long)json_integer_value(json_object_get(slowest, "user")),
            (long long)json_integer_value(json_object_get(slowest, "history")));
    print_events(stream, slowest);
  }
  if (above < 1e300) fprintf(stream, "\n");
}

/* Percentiles whose interval over rounds is wider than that over queries, which is above them. */
static void print_over_rounds(FILE *stream, const json_t *record) {
  const json_t *over_rounds = json_object_get(record, "latency_over_rounds_ns");
  const json_t *latency = json_object_get(record, "latency_ns");
  static const char *const shown[] = {"p50", "p90", "p99"};
  int printed = 0;
  if (*l4r_text_at(latency, "interval")) return; /* both are in the interval above */
  for (size_t p = 0; p < sizeof shown / sizeof *shown; p++) {
    const json_t *queries = json_object_get(latency, shown[p]);
    const json_t *rounds = json_object_get(over_rounds, shown[p]);
    const double lo = json_number_value(json_object_get(rounds, "lo"));
    const double hi = json_number_value(json_object_get(rounds, "hi"));
    const double low = json_number_value(json_object_get(queries, "lo"));
    if (!(lo > 0) || !(low > 0)) continue;
    if (hi / lo <= json_number_value(json_object_get(queries, "hi")) / low) continue;
    const struct unit unit = unit_of(json_number_value(json_object_get(rounds, "value")));
    char from[24], to[24];
    number(from, sizeof from, lo / unit.scale);
    number(to, sizeof to, hi / unit.scale);
    fprintf(stream, "%s %s %s-%s %s",
            printed++ ? "," : "    rounds differ more than their queries; 95 % over rounds:",
            shown[p], from, to, unit.name);
  }
  if (printed) fprintf(stream, "\n");
}

static void print_correlation(FILE *stream, const json_t *record) {
  const json_t *latency = json_object_get(record, "latency_ns");
  const json_t *correlation = json_object_get(latency, "round_correlation");
  if (!correlation) return;
  fprintf(stream, "    rounds: neighbours correlate by %.2f (chance: up to %.2f%s)\n",
          json_number_value(json_object_get(correlation, "lag1")),
          json_number_value(json_object_get(correlation, "bound")),
          json_array_size(json_object_get(record, "rounds")) < 10
              ? "; few rounds show a strong one alone"
              : "");
}

static void print_harness(FILE *stream, const json_t *record) {
  enum { OVERHEAD_NS = 200 };
  const json_t *overhead = json_object_get(record, "overhead_ns");
  if (!overhead) return;
  const double every = json_number_value(json_object_get(overhead, "every"));
  fprintf(stream,
          "    harness: %.0f ns a request beside the engine, %.0f ns of them in the latency%s\n",
          every, json_number_value(json_object_get(overhead, "inside")),
          every > OVERHEAD_NS ? "; above 200 ns, more than intended" : "");
}

/* The first round's counters of each stage, beside what reading them cost. */
static void print_stage_counters(FILE *stream, const json_t *record, struct l4r_notes *notes) {
  const json_t *first = json_array_get(json_object_get(record, "rounds"), 0), *stage, *cell;
  const json_t *counted = json_object_get(first, "stage_counters");
  if (!counted) return;
  size_t s, c;
  struct wrap line = {.stream = stream, .indent = 4};
  line.column = fprintf(stream, "    ");
  if (*l4r_text_at(counted, "reason"))
    wrap(&line, "stages - [%d]", l4r_note(notes, l4r_text_at(counted, "reason")));
  else
    wrap(&line, "a call of a stage, reading it %.1f %%:",
         100 * json_number_value(json_object_get(counted, "cost")));
  if (!*l4r_text_at(counted, "reason"))
    json_array_foreach(json_object_get(counted, "stages"), s, stage) {
      wrap(&line, "%s", l4r_text_at(stage, "name"));
      json_array_foreach(json_object_get(stage, "counters"), c, cell) {
        if (json_is_number(json_object_get(cell, "value")))
          print_counter(&line, cell, ",");
        else
          wrap(&line, "%s -,", l4r_text_at(cell, "name"));
      }
    }
  fprintf(stream, "\n");
}

static void print_warnings(FILE *stream, const json_t *warnings, const char *indent) {
  size_t index;
  const json_t *warning;
  json_array_foreach(warnings, index, warning) {
    fprintf(stream, "%swarning: ", indent);
    l4r_print_line(stream, l4r_warning_text(warning));
    fputc('\n', stream);
  }
}

static void print_remarks(FILE *stream, const json_t *record) {
  const json_t *accuracy = json_object_get(record, "accuracy");
  const json_t *failures = json_object_get(record, "failures");
  long long is_short = json_integer_value(json_object_get(accuracy, "short_rankings"));
  double tied = json_number_value(json_object_get(accuracy, "tie_share"));
  if (is_short)
    fprintf(stream,
            "    %lld of %lld rankings hold fewer than 20 items; the rest counts as missed\n",
            is_short, (long long)json_integer_value(json_object_get(accuracy, "users")));
  is_short = json_integer_value(json_object_get(accuracy, "short_rankings_mask"));
  if (is_short)
    fprintf(stream, "    %lld of %lld masked rankings hold fewer than 20 items%s\n", is_short,
            (long long)json_integer_value(json_object_get(accuracy, "users")),
            strcmp(l4r_text_at(accuracy, "mask_by"), "a search without the history")
                ? ": what a ranking holds beside the history; mask figures are capped, too low "
                  "beside arms that rank everything"
                : "; the rest counts as missed");
  if (tied >= .01)
    fprintf(stream, "    the target's score ties with another item's for %.1f %% of users\n",
            100 * tied);
  const json_t *ceiling = json_object_get(record, "ceiling");
  if (json_is_number(json_object_get(ceiling, "fraction")))
    fprintf(stream, "    %.1f %% of the sgemm ceiling of the same workers, %.3g GFLOP/s\n",
            100 * json_number_value(json_object_get(ceiling, "fraction")),
            json_number_value(json_object_get(ceiling, "value")) * 1e-9);
  print_stages(stream, json_object_get(record, "stages"));
  print_server(stream, record);
  print_over_rounds(stream, record);
  print_correlation(stream, record);
  print_tails(stream, json_object_get(record, "rounds"));
  print_harness(stream, record);
  if (json_array_size(failures))
    fprintf(stream, "    %zu rounds failed; the first: %s\n", json_array_size(failures),
            l4r_text_at(json_array_get(failures, 0), "reason"));
}

/* A line without the blanks that padding leaves at its end. */
static void print_trimmed(FILE *stream, char *text) {
  size_t n = strlen(text);
  while (n && text[n - 1] == ' ') n--;
  fprintf(stream, "%.*s\n", (int)n, text);
}

static void print_cells(FILE *stream, const struct cell *cell, int cells) {
  char text[512];
  size_t used = 0;
  for (int c = 0; c < cells; c++)
    l4r_text_add(text, sizeof text, &used, " %-*s", (c < 8 ? COLUMN : 8) - 1, cell[c].value);
  print_trimmed(stream, text);
  used = 0;
  l4r_text_add(text, sizeof text, &used, "%*s", ARM + 3, "");
  for (int c = 0; c < cells && c < 8; c++)
    l4r_text_add(text, sizeof text, &used, " %-*s", COLUMN - 1, cell[c].interval);
  print_trimmed(stream, text);
}

static void accuracy_cells(const json_t *accuracy, struct cell *cell) {
  cell[0] = accuracy_cell(accuracy, "keep", "HR@10");
  cell[1] = accuracy_cell(accuracy, "keep", "NDCG@10");
  cell[2] = accuracy_cell(accuracy, "mask", "HR@10");
  cell[3] = accuracy_cell(accuracy, "mask", "NDCG@10");
}

/* The arm's label in its column, or on a line of its own where it is longer. */
static void print_label(FILE *stream, const char *label, long long threads) {
  if (strlen(label) >= ARM)
    fprintf(stream, "%s\n%*s", label, ARM, "");
  else
    fprintf(stream, "%-*s", ARM, label);
  if (threads)
    fprintf(stream, "%3lld", threads);
  else
    fprintf(stream, "   ");
}

static void print_row(FILE *stream, const struct l4r_named *named, struct l4r_notes *notes) {
  const json_t *record = named->record;
  const json_t *latency = json_object_get(record, "latency_ns");
  const json_t *resources = json_object_get(record, "resources");
  struct cell cell[10];
  accuracy_cells(json_object_get(record, "accuracy"), cell);
  cell[4] = estimate_cell(json_object_get(latency, "p50"), 1, notes);
  cell[5] = estimate_cell(json_object_get(latency, "p90"), 1, notes);
  cell[6] = estimate_cell(json_object_get(latency, "p99"), 1, notes);
  cell[7] = estimate_cell(json_object_get(record, "users_per_second"), 0, notes);
  cell[8] = bytes_cell(json_object_get(resources, "weights_bytes"));
  cell[9] = bytes_cell(json_object_get(resources, "peak_rss_bytes"));
  char arm[640];
  snprintf(arm, sizeof arm, "%.400s%s", named->name, named->suffix);
  print_label(stream, arm, json_integer_value(json_object_get(record, "threads")));
  print_cells(stream, cell, 10);
  print_counters(stream, record, notes);
  print_stage_counters(stream, record, notes);
  print_remarks(stream, record);
  print_warnings(stream, json_object_get(record, "warnings"), "    ");
}

static void print_notes(FILE *stream, const struct l4r_notes *notes) {
  for (int n = 0; n < notes->count; n++) fprintf(stream, "[%d] %s\n", n + 1, notes->text[n]);
}

static void print_heading(FILE *stream, const json_t *record) {
  const json_t *dataset = json_object_get(record, "dataset");
  const json_t *accuracy = json_object_get(record, "accuracy");
  if (strstr(l4r_text_at(dataset, "filters"), "repeats=all"))
    fputs("repeats kept: a test item may stand in its own history, and mask never finds it\n",
          stream);
  fprintf(stream, "%s: %lld users, %lld items, ties by %s", l4r_text_at(dataset, "name"),
          (long long)json_integer_value(json_object_get(dataset, "users")),
          (long long)json_integer_value(json_object_get(dataset, "items")),
          l4r_text_at(dataset, "tie"));
  if (!strcmp(l4r_text_at(dataset, "split"), "time"))
    fprintf(stream, ", split by time, %lld users evaluated",
            (long long)json_integer_value(json_object_get(accuracy, "users")));
  fprintf(stream, "; %s, pin %s", l4r_text_at(record, "scenario"),
          l4r_text_at(json_object_get(record, "pinned"), "asked"));
  const json_t *k = json_object_get(json_object_get(record, "settings"), "k");
  if (json_is_integer(k)) fprintf(stream, ", k %lld", (long long)json_integer_value(k));
  fprintf(stream, "; below each figure its 95 %% interval\n");
  print_warnings(stream, json_object_get(json_object_get(record, "manifest"), "warnings"), "");
}

/* 1 when a heading says the same of both. */
static int same_heading(const json_t *a, const json_t *b) {
  static const char *const members[][2] = {{"dataset", "sha256"}, {"dataset", "name"},
                                           {"dataset", "tie"},    {"dataset", "split"},
                                           {"pinned", "asked"},   {"settings", "k"}};
  const json_t *x = json_object_get(a, "scenario"), *y = json_object_get(b, "scenario");
  int equal = x == y || json_equal(x, y);
  for (size_t m = 0; m < sizeof members / sizeof *members && equal; m++) {
    x = json_object_get(json_object_get(a, members[m][0]), members[m][1]);
    y = json_object_get(json_object_get(b, members[m][0]), members[m][1]);
    equal = x == y || json_equal(x, y);
  }
  return equal;
}

/* The records from `first` on that stand under its heading, under names that tell them apart. */
static void print_under_heading(FILE *stream, struct l4r_named *named, size_t count, char *printed,
                                size_t first) {
  static const char *const names[] = {"HR@10 keep", "NDCG@10 keep", "HR@10 mask", "NDCG@10 mask",
                                      "p50",        "p90",          "p99",        "users/s",
                                      "weights",    "peak MB"};
  struct l4r_notes notes = {{0}, 0};
  if (first) fprintf(stream, "\n");
  print_heading(stream, named[first].record);
  fprintf(stream, "%-*s%3s", ARM, "arm", "thr");
  for (int c = 0; c < 10; c++) fprintf(stream, " %-*s", (c < 8 ? COLUMN : 8) - 1, names[c]);
  fprintf(stream, "\n");
  for (size_t r = first; r < count; r++) {
    if (printed[r] || !same_heading(named[r].record, named[first].record)) continue;
    print_row(stream, &named[r], &notes);
    printed[r] = 1;
  }
  print_notes(stream, &notes);
  const json_t *latency = json_object_get(named[first].record, "latency_ns");
  if (*l4r_text_at(latency, "interval"))
    fprintf(stream, "intervals, 95 %%: of percentiles for users and rounds like these; of the mean "
                    "and users/s for these users, over rounds like these\n");
}

/* named[0 .. count) of `records`, with suffixes that tell them from all of `all`, in whose order
 * they stand. */
static int name_among(const json_t *records, const json_t *all, struct l4r_named *named) {
  const size_t count = json_array_size(all), wanted = json_array_size(records);
  struct l4r_named *each = l4r_alloc(count, sizeof *each, "rows of tables");
  if (!each) return L4R_ENVIRONMENT;
  for (size_t r = 0; r < count; r++) {
    const json_t *record = json_array_get(all, r);
    each[r] = (struct l4r_named){.record = record, .name = l4r_text_at(record, "arm")};
  }
  const int status = l4r_distinguish_by(each, (int64_t)count,
                                        L4R_BY_MODEL | L4R_BY_DATA | L4R_BY_MACHINE);
  for (size_t r = 0, at = 0; at < wanted && r < count; r++)
    if (each[r].record == json_array_get(records, at)) named[at++] = each[r];
  l4r_free(each);
  return status;
}

int l4r_table_run_among(FILE *stream, const json_t *records, const json_t *all) {
  const size_t count = json_array_size(records);
  struct l4r_named *named = l4r_alloc(count, sizeof *named, "rows of a table");
  char *printed = l4r_alloc(count, 1, "rows of a table");
  int status = named && printed ? name_among(records, all, named) : L4R_ENVIRONMENT;
  for (size_t r = 0; r < count && !status; r++)
    if (!printed[r]) print_under_heading(stream, named, count, printed, r);
  if (!status) l4r_checked_print(stream, records, "", "\n");
  l4r_free(named);
  l4r_free(printed);
  return status;
}

int l4r_table_run(FILE *stream, const json_t *records) {
  return l4r_table_run_among(stream, records, records);
}

static void print_group(FILE *stream, const char *what, const json_t *group) {
  char label[96];
  const char *name = l4r_text_at(group, "name");
  const long long from = (long long)json_integer_value(json_object_get(group, "from"));
  const long long to = (long long)json_integer_value(json_object_get(group, "to"));
  l4r_text_set(label, sizeof label, "%s%s%s %lld to %lld", what, *name ? ", " : "", name, from, to);
  fprintf(stream, "    %-40s %6lld", label,
          (long long)json_integer_value(json_object_get(group, "users")));
  for (int convention = 0; convention < 2; convention++) {
    const json_t *figures = json_object_get(group, convention ? "mask" : "keep");
    fprintf(stream, "   %.4f  %.4f", json_number_value(json_object_get(figures, "HR@10")),
            json_number_value(json_object_get(figures, "NDCG@10")));
  }
  fprintf(stream, "\n");
}

void l4r_table_groups(FILE *stream, const json_t *accuracy) {
  static const char *const names[][2] = {{"history_length", "history of"},
                                         {"target_popularity", "target trained on"}};
  const json_t *groups = json_object_get(accuracy, "groups"), *group;
  size_t index;
  if (!groups) return;
  fprintf(stream, "    %-40s %6s   %-14s   %s\n", "group, bounds included", "users",
          "keep HR NDCG@10", "mask HR NDCG@10");
  for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
    const json_t *list = json_object_get(groups, names[n][0]);
    json_array_foreach(list, index, group) print_group(stream, names[n][1], group);
  }
}

void l4r_table_accuracy(FILE *stream, const json_t *rows) {
  static const char *const metrics[] = {"HR@1",   "HR@5",    "HR@10",   "HR@20",
                                        "NDCG@5", "NDCG@10", "NDCG@20", "MRR@20"};
  size_t index;
  const json_t *row;
  fprintf(stream, "%-*s   ", ARM, "arm, convention");
  for (int m = 0; m < 8; m++) fprintf(stream, " %-*s", COLUMN - 1, metrics[m]);
  fprintf(stream, "\n");
  json_array_foreach(rows, index, row) {
    for (int convention = 0; convention < 2; convention++) {
      const char *name = convention ? "mask" : "keep";
      char label[512];
      struct cell cell[8];
      for (int m = 0; m < 8; m++)
        cell[m] = accuracy_cell(json_object_get(row, "accuracy"), name, metrics[m]);
      const json_t *control = json_object_get(row, "control");
      l4r_text_set(label, sizeof label, "%s %s%s%s%s", l4r_text_at(row, "arm"), name,
                   control ? " (control: " : "", l4r_text_at(control, "name"), control ? ")" : "");
      print_label(stream, label, 0);
      print_cells(stream, cell, 8);
    }
    print_remarks(stream, row);
    l4r_table_groups(stream, json_object_get(row, "accuracy"));
  }
}
