/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/remarks.h"

#include "bench/record/text.h"
#include "bench/table/units.h"
#include "impl/base/text.h"

#include <string.h>

static double number_at(const json_t *object, const char *key) {
  return json_number_value(json_object_get(object, key));
}

static long long count_at(const json_t *object, const char *key) {
  return (long long)json_integer_value(json_object_get(object, key));
}

/* --- counters ------------------------------------------------------------------------------------
 */

/* "cpu_time 40.7 µs" or "IPC 2.1"; the unit of counts is left out. */
static const char *add_counter(struct l4r_table *table, const char *line, const json_t *cell,
                               const char *end) {
  const char *name = l4r_text_at(cell, "name");
  const double figure = number_at(cell, "value");
  char text[32];
  if (!strncmp(l4r_text_at(cell, "unit"), "ns", 2))
    l4r_time_text(text, figure);
  else
    l4r_text_set(text, sizeof text, "%.3g", figure);
  return l4r_table_more(table, line, L4R_BREAK "%s %s%s", name, text, end);
}

static int is_absent(const json_t *cell) {
  return !json_is_number(json_object_get(cell, "value"));
}

/* Of one source, or absent for one reason. */
static int is_like(const json_t *a, const json_t *b) {
  return json_equal(json_object_get(a, "source"), json_object_get(b, "source")) &&
         (!is_absent(b) || json_equal(json_object_get(a, "reason"), json_object_get(b, "reason")));
}

/* All cells like the first of them. */
static const char *add_like(struct l4r_table *table, const char *line, const json_t *cells,
                            size_t first) {
  const json_t *like = json_array_get(cells, first), *cell;
  const int absent = is_absent(like);
  size_t index, last = first;
  if (!absent) line = l4r_table_more(table, line, L4R_BREAK "%s:", l4r_text_at(like, "source"));
  json_array_foreach(cells, index, cell)
    if (is_like(cell, like)) last = index;
  for (index = first; index <= last; index++) {
    cell = json_array_get(cells, index);
    if (!is_like(cell, like)) continue;
    if (!absent)
      line = add_counter(table, line, cell, index == last ? ";" : ",");
    else if (index == last)
      line = l4r_table_more(table, line, L4R_BREAK "%s - " L4R_BRACKET "%d];",
                            l4r_text_at(cell, "name"),
                            l4r_table_note(table, l4r_text_at(cell, "reason")));
    else
      line = l4r_table_more(table, line, L4R_BREAK "%s -,", l4r_text_at(cell, "name"));
  }
  return line;
}

static int is_first_of_kind(const json_t *cells, size_t at) {
  for (size_t before = 0; before < at; before++)
    if (is_like(json_array_get(cells, before), json_array_get(cells, at))) return 0;
  return 1;
}

static void add_counters(struct l4r_table *table, const json_t *cells) {
  const char *line = l4r_table_text(table, "a query,");
  for (size_t c = 0; c < json_array_size(cells); c++)
    if (is_first_of_kind(cells, c)) line = add_like(table, line, cells, c);
  if (json_array_size(cells)) l4r_row_remark(table, "%s", line);
}

/* The first round's counters of each stage, beside what reading them cost. */
static void add_stage_counters(struct l4r_table *table, const json_t *record) {
  const json_t *first = json_array_get(json_object_get(record, "rounds"), 0), *stage, *cell;
  const json_t *counted = json_object_get(first, "stage_counters");
  const char *reason = l4r_text_at(counted, "reason");
  size_t s, c;
  if (!counted) return;
  if (*reason) {
    l4r_row_remark(table, "stages - " L4R_BRACKET "%d]", l4r_table_note(table, reason));
    return;
  }
  const char *line = l4r_table_text(
      table, "a call of a stage, reading it %.1f %%:", 100 * number_at(counted, "cost"));
  json_array_foreach(json_object_get(counted, "stages"), s, stage) {
    line = l4r_table_more(table, line, L4R_BREAK "%s", l4r_text_at(stage, "name"));
    json_array_foreach(json_object_get(stage, "counters"), c, cell)
      line = is_absent(cell)
                 ? l4r_table_more(table, line, L4R_BREAK "%s -,", l4r_text_at(cell, "name"))
                 : add_counter(table, line, cell, ",");
  }
  l4r_row_remark(table, "%s", line);
}

/* --- times ---------------------------------------------------------------------------------------
 */

/* What a user's time goes into, on one line. */
static void add_stages(struct l4r_table *table, const json_t *stages) {
  size_t index;
  const json_t *stage;
  const char *line = l4r_table_text(table, "a user: ");
  json_array_foreach(stages, index, stage) {
    char time[32];
    const json_t *fraction = json_object_get(stage, "sgemm_fraction");
    l4r_time_text(time, number_at(json_object_get(stage, "ns_per_user"), "value"));
    line = l4r_table_more(table, line, "%s%s %s", index ? "; " : "", l4r_text_at(stage, "name"),
                          time);
    if (json_is_number(fraction))
      line = l4r_table_more(table, line, ", %.1f %% of it", 100 * json_number_value(fraction));
  }
  if (index) l4r_row_remark(table, "%s", line);
}

static void add_knee(struct l4r_table *table, const json_t *knee, double asked) {
  const json_t *rate = json_object_get(knee, "rate"), *trials = json_object_get(knee, "trials");
  const char *stopped = l4r_text_at(knee, "stopped");
  const double at = json_is_number(rate) ? json_number_value(rate)
                                         : number_at(json_array_get(trials, 0), "rate");
  if (!knee || at < asked || at > asked) return; /* once, with the rate it is about */
  if (json_is_number(rate))
    l4r_row_remark(table, "knee: %.4g users/s, the highest rate that passed of %zu tried (%s)", at,
                   json_array_size(trials), stopped);
  else
    l4r_row_remark(table, "knee: none, no rate of %zu tried passed (%s)", json_array_size(trials),
                   stopped);
}

static void add_server(struct l4r_table *table, const json_t *record) {
  const json_t *server = json_object_get(record, "server");
  const json_t *schedule = json_object_get(server, "schedule");
  const json_t *late = json_object_get(schedule, "p99_ns");
  char p50[32], p99[32];
  if (!server) return;
  const double asked = number_at(server, "rate_asked");
  l4r_row_remark(table, "server: %.4g users/s asked, %.4g achieved, load %.2f; %s", asked,
                 number_at(server, "rate_achieved"), number_at(server, "load"),
                 l4r_text_at(server, "reason"));
  if (json_is_number(late))
    l4r_row_remark(table,
                   "schedule: %lld arrivals found the worker idle and were taken %s (p50), %s "
                   "(p99) late%s",
                   count_at(schedule, "arrivals_idle"),
                   l4r_time_text(p50, number_at(schedule, "p50_ns")),
                   l4r_time_text(p99, json_number_value(late)),
                   json_is_true(json_object_get(schedule, "kept"))
                       ? ""
                       : ": NOT KEPT, 20 µs are asked for; was the core busy with something else?");
  add_knee(table, json_object_get(record, "knee"), asked);
}

/* "1 forced switch, 2 minor faults in the 4 calls around it" */
static const char *add_events(struct l4r_table *table, const char *line, const json_t *tail) {
  static const struct {
    const char *name, *one, *many;
  } events[] = {{"forced_switches", "forced switch", "forced switches"},
                {"voluntary_switches", "voluntary switch", "voluntary switches"},
                {"minor_faults", "minor fault", "minor faults"},
                {"major_faults", "major fault", "major faults"}};
  const long long over = count_at(tail, "over");
  int any = 0;
  for (size_t e = 0; e < sizeof events / sizeof *events; e++) {
    const long long count = count_at(tail, events[e].name);
    if (count)
      line = l4r_table_more(table, line, "%s%lld %s", any++ ? ", " : "", count,
                            count == 1 ? events[e].one : events[e].many);
  }
  if (!any) line = l4r_table_more(table, line, "no switch or fault");
  return over == 1 ? l4r_table_more(table, line, " in it")
                   : l4r_table_more(table, line, " in the %lld calls around it", over);
}

/* The slowest call of each round, three rounds at most, slowest first. */
static void add_tails(struct l4r_table *table, const json_t *rounds) {
  enum { SHOWN = 3 };
  double above = 1e300;
  size_t index;
  const json_t *round;
  const char *line = "tails: ";
  for (int shown = 0; shown < SHOWN; shown++) {
    const json_t *slowest = NULL;
    double most = 0;
    size_t of = 0;
    json_array_foreach(rounds, index, round) {
      const json_t *tail = json_array_get(json_object_get(round, "tails"), 0);
      const double ns = number_at(tail, "ns");
      if (!(ns > most) || ns >= above) continue;
      most = ns;
      slowest = tail;
      of = index;
    }
    if (!slowest) break;
    char text[32];
    above = most;
    line = l4r_table_more(table, line, "%s%s round %zu, user %lld, history %lld, ",
                          shown ? "; " : "", l4r_time_text(text, most), of + 1,
                          count_at(slowest, "user"), count_at(slowest, "history"));
    line = add_events(table, line, slowest);
  }
  if (above < 1e300) l4r_row_remark(table, "%s", line);
}

/* Percentiles whose interval over rounds is wider than that over queries, which is above them. */
static void add_over_rounds(struct l4r_table *table, const json_t *record) {
  const json_t *over_rounds = json_object_get(record, "latency_over_rounds_ns");
  const json_t *latency = json_object_get(record, "latency_ns");
  static const char *const shown[] = {"p50", "p90", "p99"};
  const char *line = NULL;
  if (*l4r_text_at(latency, "interval")) return; /* both are in the interval above */
  for (size_t p = 0; p < sizeof shown / sizeof *shown; p++) {
    const json_t *queries = json_object_get(latency, shown[p]);
    const json_t *rounds = json_object_get(over_rounds, shown[p]);
    const double lo = number_at(rounds, "lo"), hi = number_at(rounds, "hi");
    const double low = number_at(queries, "lo");
    if (!(lo > 0) || !(low > 0) || hi / lo <= number_at(queries, "hi") / low) continue;
    const struct l4r_unit unit = l4r_unit_of_time(number_at(rounds, "value"));
    char from[32], to[32];
    l4r_digits(from, lo / unit.scale, 2);
    l4r_digits(to, hi / unit.scale, 2);
    line = l4r_table_more(table,
                          line ? line : "rounds differ more than their queries; 95 % over rounds:",
                          "%s %s %s–%s %s", line ? "," : "", shown[p], from, to, unit.name);
  }
  if (line) l4r_row_remark(table, "%s", line);
}

static void add_correlation(struct l4r_table *table, const json_t *record) {
  const json_t *latency = json_object_get(record, "latency_ns");
  const json_t *correlation = json_object_get(latency, "round_correlation");
  if (correlation)
    l4r_row_remark(table, "rounds: neighbours correlate by %.2f (chance: up to %.2f%s)",
                   number_at(correlation, "lag1"), number_at(correlation, "bound"),
                   json_array_size(json_object_get(record, "rounds")) < 10
                       ? "; few rounds show a strong one alone"
                       : "");
}

static void add_harness(struct l4r_table *table, const json_t *overhead) {
  enum { OVERHEAD_NS = 200 };
  const double every = number_at(overhead, "every");
  if (overhead)
    l4r_row_remark(table,
                   "harness: %.0f ns a request beside the engine, %.0f ns of them in the latency%s",
                   every, number_at(overhead, "inside"),
                   every > OVERHEAD_NS ? "; above 200 ns, more than intended" : "");
}

/* --- all of them ---------------------------------------------------------------------------------
 */

/* Short rankings and ties. */
static void add_rankings(struct l4r_table *table, const json_t *accuracy) {
  const long long users = count_at(accuracy, "users"), few = count_at(accuracy, "short_rankings");
  const long long masked = count_at(accuracy, "short_rankings_mask");
  const double tied = number_at(accuracy, "tie_share");
  if (few)
    l4r_row_remark(table,
                   "%lld of %lld rankings hold fewer than 20 items; the rest counts as missed", few,
                   users);
  if (masked)
    l4r_row_remark(table, "%lld of %lld masked rankings hold fewer than 20 items%s", masked, users,
                   strcmp(l4r_text_at(accuracy, "mask_by"), "a search without the history")
                       ? ": what a ranking holds beside the history; mask figures are capped, too "
                         "low beside arms that rank everything"
                       : "; the rest counts as missed");
  if (tied >= .01)
    l4r_row_remark(table, "the target's score ties with another item's for %.1f %% of users",
                   100 * tied);
}

void l4r_row_remarks(struct l4r_table *table, const json_t *record) {
  const json_t *failures = json_object_get(record, "failures"), *warning;
  const json_t *ceiling = json_object_get(record, "ceiling");
  size_t index;
  add_counters(table, json_object_get(record, "counters"));
  add_stage_counters(table, record);
  add_rankings(table, json_object_get(record, "accuracy"));
  if (json_is_number(json_object_get(ceiling, "fraction")))
    l4r_row_remark(table, "%.1f %% of the sgemm ceiling of the same workers, %.3g GFLOP/s",
                   100 * number_at(ceiling, "fraction"), number_at(ceiling, "value") * 1e-9);
  add_stages(table, json_object_get(record, "stages"));
  add_server(table, record);
  add_over_rounds(table, record);
  add_correlation(table, record);
  add_tails(table, json_object_get(record, "rounds"));
  add_harness(table, json_object_get(record, "overhead_ns"));
  if (json_array_size(failures))
    l4r_row_remark(table, "%zu rounds failed; the first: %s", json_array_size(failures),
                   l4r_text_at(json_array_get(failures, 0), "reason"));
  json_array_foreach(json_object_get(record, "warnings"), index, warning)
    l4r_row_remark(table, "warning: %s", l4r_warning_text(warning));
}
