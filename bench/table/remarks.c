/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/remarks.h"

#include "bench/record/text.h"
#include "bench/table/cells.h"
#include "impl/base/text.h"

#include <stdarg.h>
#include <string.h>

/* Prints words separated by blanks, beginning a new line with `indent` where one would pass
 * L4R_LINE_WIDTH.
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
  if (line->column > line->indent && line->column + length + 1 > L4R_LINE_WIDTH) {
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
    struct l4r_table_unit time = l4r_table_unit_of(figure);
    l4r_table_number(text, sizeof text, figure / time.scale);
    wrap(line, "%s %s %s%s", name, text, time.name, end);
    return;
  }
  snprintf(text, sizeof text, "%.3g", figure);
  wrap(line, "%s %s%s", name, text, end);
}

/* All cells of one source, or all absent ones of one reason. */
static void print_like(struct wrap *line, const json_t *cells, size_t first,
                       struct l4r_footnotes *notes) {
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
             l4r_footnote(notes, l4r_text_at(cell, "reason")));
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

void l4r_print_counters(FILE *stream, const json_t *record, struct l4r_footnotes *notes) {
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
    const struct l4r_table_unit unit = l4r_table_unit_of(ns);
    l4r_table_number(time, sizeof time, ns / unit.scale);
    fprintf(stream, "%s%s %s %s", index ? "; " : "    a user: ", l4r_text_at(stage, "name"), time,
            unit.name);
    if (json_is_number(fraction))
      fprintf(stream, ", %.1f %% of it", 100 * json_number_value(fraction));
  }
  if (index) fprintf(stream, "\n");
}

/* "12.3 ms" */
static const char *time_text(double ns, char out[32]) {
  const struct l4r_table_unit unit = l4r_table_unit_of(ns);
  char digits[24];
  l4r_table_number(digits, sizeof digits, ns / unit.scale);
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
    const struct l4r_table_unit unit = l4r_table_unit_of(
        json_number_value(json_object_get(rounds, "value")));
    char from[24], to[24];
    l4r_table_number(from, sizeof from, lo / unit.scale);
    l4r_table_number(to, sizeof to, hi / unit.scale);
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

void l4r_print_stage_counters(FILE *stream, const json_t *record, struct l4r_footnotes *notes) {
  const json_t *first = json_array_get(json_object_get(record, "rounds"), 0), *stage, *cell;
  const json_t *counted = json_object_get(first, "stage_counters");
  if (!counted) return;
  size_t s, c;
  struct wrap line = {.stream = stream, .indent = 4};
  line.column = fprintf(stream, "    ");
  if (*l4r_text_at(counted, "reason"))
    wrap(&line, "stages - [%d]", l4r_footnote(notes, l4r_text_at(counted, "reason")));
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

void l4r_print_warnings(FILE *stream, const json_t *warnings, const char *indent) {
  size_t index;
  const json_t *warning;
  json_array_foreach(warnings, index, warning) {
    fprintf(stream, "%swarning: ", indent);
    l4r_print_line(stream, l4r_warning_text(warning));
    fputc('\n', stream);
  }
}

void l4r_print_remarks(FILE *stream, const json_t *record) {
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
