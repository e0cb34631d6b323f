/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/remarks.h"

#include "bench/record/text.h"
#include "bench/table/share.h"
#include "bench/table/units.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

/* Returns 0 where the record does not say. */
static double number(double value) {
  return isnan(value) ? 0 : value;
}

static long long count(int64_t value) {
  return value == L4R_NONE ? 0 : (long long)value;
}

/* --- counters ------------------------------------------------------------------------------------
 */

/* Adds "cpu_time 40.7 µs" or "IPC 2.1"; counts have no unit. */
static const char *add_counter(struct l4r_table *table, const char *line,
                               const struct l4r_record_counter *counter, const char *end) {
  char text[32];
  if (!strncmp(l4r_text_or_none(counter->unit), "ns", 2))
    l4r_time_text(text, counter->value);
  else
    l4r_text_set(text, sizeof text, "%.3g", counter->value);
  return l4r_table_more(table, line, L4R_BREAK "%s %s%s", l4r_text_or_none(counter->name), text,
                        end);
}

static int is_absent(const struct l4r_record_counter *counter) {
  return isnan(counter->value);
}

static int same_text(const char *a, const char *b) {
  return a && b && !strcmp(a, b);
}

/* Returns 1 when both have the same source, or are absent for the same reason. */
static int is_like(const struct l4r_record_counter *a, const struct l4r_record_counter *b) {
  return same_text(a->source, b->source) && (!is_absent(b) || same_text(a->reason, b->reason));
}

/* Adds all counters like this one. */
static const char *add_like(struct l4r_table *table, const char *line,
                            const struct l4r_record_counter *counter, int64_t counters,
                            int64_t first) {
  const struct l4r_record_counter *like = &counter[first];
  const int absent = is_absent(like);
  int64_t last = first;
  if (!absent) line = l4r_table_more(table, line, L4R_BREAK "%s:", l4r_text_or_none(like->source));
  for (int64_t c = first; c < counters; c++)
    if (is_like(&counter[c], like)) last = c;
  for (int64_t c = first; c <= last; c++) {
    const char *name = l4r_text_or_none(counter[c].name);
    if (!is_like(&counter[c], like) && c != first) continue;
    if (!absent)
      line = add_counter(table, line, &counter[c], c == last ? ";" : ",");
    else if (c == last)
      line = l4r_table_more(table, line, L4R_BREAK "%s - " L4R_BRACKET "%d];", name,
                            l4r_table_note(table, l4r_text_or_none(counter[c].reason)));
    else
      line = l4r_table_more(table, line, L4R_BREAK "%s -,", name);
  }
  return line;
}

static int is_first_of_kind(const struct l4r_record_counter *counter, int64_t at) {
  for (int64_t before = 0; before < at; before++)
    if (is_like(&counter[before], &counter[at])) return 0;
  return 1;
}

static void add_counters(struct l4r_table *table, const struct l4r_record *record) {
  const struct l4r_record_counter *counter = record->data.counters.at;
  const int64_t counters = record->data.counters.count;
  const char *line = l4r_table_text(table, "a query,");
  for (int64_t c = 0; c < counters; c++)
    if (is_first_of_kind(counter, c)) line = add_like(table, line, counter, counters, c);
  if (counters) l4r_row_remark(table, "%s", line);
}

/* Adds the first round's counters of each stage and the cost of reading them. */
static void add_stage_counters(struct l4r_table *table, const struct l4r_record *record) {
  if (!record->data.rounds.count) return;
  const struct l4r_record_stage_counters *counted = &record->data.rounds.at[0].stage_counters;
  if (!counted->is_there) return;
  if (counted->reason && *counted->reason) {
    l4r_row_remark(table, "stages - " L4R_BRACKET "%d]", l4r_table_note(table, counted->reason));
    return;
  }
  const char *line = l4r_table_text(
      table, "a call of a stage, reading it %.1f %%:", 100 * number(counted->cost));
  for (int64_t s = 0; s < counted->stages.count; s++) {
    const struct l4r_record_counted_stage *stage = &counted->stages.at[s];
    line = l4r_table_more(table, line, L4R_BREAK "%s", l4r_text_or_none(stage->name));
    for (int64_t c = 0; c < stage->counters.count; c++) {
      const struct l4r_record_counter *counter = &stage->counters.at[c];
      line = is_absent(counter)
                 ? l4r_table_more(table, line, L4R_BREAK "%s -,", l4r_text_or_none(counter->name))
                 : add_counter(table, line, counter, ",");
    }
  }
  l4r_row_remark(table, "%s", line);
}

/* The first round's: parts by their place in the request, with their share of a call. */
static void add_budget(struct l4r_table *table, const struct l4r_record *record) {
  if (!record->data.rounds.count) return;
  const struct l4r_record_budget *budget = &record->data.rounds.at[0].budget;
  char time[32];
  if (!budget->is_there || !(budget->call_ns > 0)) return;
  const char *line = l4r_table_text(table,
                                    "a call takes %s:", l4r_time_text(time, budget->call_ns));
  for (int64_t p = 0; p < budget->parts.count; p++) {
    const struct l4r_record_budget_part *part = &budget->parts.at[p];
    line = l4r_table_more(table, line, L4R_BREAK "%s %s (%.1f %%),", l4r_text_or_none(part->name),
                          l4r_time_text(time, number(part->ns)),
                          100 * number(part->ns) / budget->call_ns);
  }
  line = l4r_table_more(table, line, L4R_BREAK "rest %s (%.1f %%)",
                        l4r_time_text(time, number(budget->rest_ns)),
                        100 * number(budget->rest_ns) / budget->call_ns);
  l4r_row_remark(table, "%s", line);
}

/* --- kernels -------------------------------------------------------------------------------------
 */

/* Which kernel multiplies, and what it was compared with, where there was a choice to make. */
static void add_choice(struct l4r_table *table, const struct l4r_record *record) {
  const struct l4r_record_description *said = &record->data.description;
  const char *kernel = l4r_text_or_none(said->kernel), *chosen = l4r_text_or_none(said->chosen);
  char time[32];
  if (strcmp(chosen, "measured") && strcmp(chosen, "remembered")) return;
  const char *line = l4r_table_text(table, "kernel %s (%s), the products of a request:", kernel,
                                    chosen);
  for (int64_t m = 0; m < said->measured.count; m++) {
    const struct l4r_record_measured_kernel *one = &said->measured.at[m];
    line = l4r_table_more(table, line, L4R_BREAK "%s %s%s", l4r_text_or_none(one->kernel),
                          l4r_time_text(time, number(one->ns)),
                          m + 1 < said->measured.count ? "," : "");
  }
  l4r_row_remark(table, "%s", line);
}

/* --- times ---------------------------------------------------------------------------------------
 */

/* Adds the parts of a user's time on one line. */
static void add_stages(struct l4r_table *table, const struct l4r_record *record) {
  const char *line = l4r_table_text(table, "a user: ");
  for (int64_t s = 0; s < record->data.stages.count; s++) {
    const struct l4r_record_stage *stage = &record->data.stages.at[s];
    char time[32], share[96];
    l4r_time_text(time, number(stage->ns_per_user.value));
    line = l4r_table_more(table, line, "%s%s %s", s ? "; " : "", l4r_text_or_none(stage->name),
                          time);
    if (!isnan(stage->peak_fraction))
      line = l4r_table_more(table, line, ", %s", l4r_share_text(share, stage->peak_fraction));
    else if (!isnan(stage->sgemm_fraction))
      line = l4r_table_more(table, line, ", %.2f x sgemm", stage->sgemm_fraction);
  }
  if (record->data.stages.count) l4r_row_remark(table, "%s", line);
}

static void add_knee(struct l4r_table *table, const struct l4r_record_knee *knee, double asked) {
  const int64_t tried = knee->trials.count;
  const char *stopped = l4r_text_or_none(knee->stopped);
  double at = knee->rate;
  if (isnan(at)) at = tried ? number(knee->trials.at[0].rate) : 0;
  if (!knee->is_there || at < asked || at > asked) return; /* only in that rate's row */
  if (!isnan(knee->rate))
    l4r_row_remark(table, "highest rate that passed: %.4g users/s, %lld rates were tried (%s)", at,
                   (long long)tried, stopped);
  else
    l4r_row_remark(table, "highest rate that passed: none of the %lld rates that were tried (%s)",
                   (long long)tried, stopped);
}

static void add_server(struct l4r_table *table, const struct l4r_record *record) {
  const struct l4r_record_server *server = &record->data.server;
  const struct l4r_record_schedule *schedule = &server->schedule;
  char p50[32], p99[32];
  if (!server->is_there) return;
  l4r_row_remark(table, "server: %.4g users/s asked, %.4g achieved, load %.2f; %s",
                 number(server->rate_asked), number(server->rate_achieved), number(server->load),
                 l4r_text_or_none(server->reason));
  if (schedule->p99_ns != L4R_NONE)
    l4r_row_remark(
        table,
        "schedule: %lld arrivals found the worker idle and were taken %s (p50), %s "
        "(p99) late%s",
        count(schedule->arrivals_idle), l4r_time_text(p50, (double)count(schedule->p50_ns)),
        l4r_time_text(p99, (double)schedule->p99_ns),
        schedule->kept == 1 ? ""
                            : ": NOT KEPT, the limit of p99 is 20 µs; the core may have been busy");
  add_knee(table, &record->data.knee, number(server->rate_asked));
}

/* Adds "1 forced switch, 2 minor faults in the 4 calls around it". */
static const char *add_events(struct l4r_table *table, const char *line,
                              const struct l4r_record_tail *tail) {
  const struct {
    int64_t count;
    const char *one, *many;
  } events[] = {{tail->forced_switches, "forced switch", "forced switches"},
                {tail->voluntary_switches, "voluntary switch", "voluntary switches"},
                {tail->minor_faults, "minor fault", "minor faults"},
                {tail->major_faults, "major fault", "major faults"}};
  const long long over = count(tail->over);
  int any = 0;
  for (size_t e = 0; e < sizeof events / sizeof *events; e++) {
    const long long n = count(events[e].count);
    if (n)
      line = l4r_table_more(table, line, "%s%lld %s", any++ ? ", " : "", n,
                            n == 1 ? events[e].one : events[e].many);
  }
  if (!any) line = l4r_table_more(table, line, "no switch or fault");
  return over == 1 ? l4r_table_more(table, line, " in it")
                   : l4r_table_more(table, line, " in the %lld calls around it", over);
}

/* Adds the slowest calls of the rounds, one per round and three at most, slowest first. */
static void add_tails(struct l4r_table *table, const struct l4r_record *record) {
  enum { SHOWN = 3 };
  double above = 1e300;
  const char *line = "tails: ";
  for (int shown = 0; shown < SHOWN; shown++) {
    const struct l4r_record_tail *slowest = NULL;
    double most = 0;
    int64_t of = 0;
    for (int64_t r = 0; r < record->data.rounds.count; r++) {
      const struct l4r_record_round *round = &record->data.rounds.at[r];
      const double ns = round->tails.count ? (double)count(round->tails.at[0].ns) : 0;
      if (!(ns > most) || ns >= above) continue;
      most = ns;
      slowest = &round->tails.at[0];
      of = r;
    }
    if (!slowest) break;
    char text[32];
    above = most;
    line = l4r_table_more(table, line, "%s%s round %lld, user %lld, history %lld, ",
                          shown ? "; " : "", l4r_time_text(text, most), (long long)of + 1,
                          count(slowest->user), count(slowest->history));
    line = add_events(table, line, slowest);
  }
  if (above < 1e300) l4r_row_remark(table, "%s", line);
}

/* Adds the percentiles whose interval over rounds is wider than the interval over queries in the
 * row above. */
static void add_over_rounds(struct l4r_table *table, const struct l4r_record *record) {
  const struct l4r_record_percentiles *over = &record->data.latency_over_rounds_ns;
  const struct l4r_record_latency *latency = &record->data.latency_ns;
  const struct {
    const char *name;
    const struct l4r_record_estimate *queries, *rounds;
  } shown[] = {{"p50", &latency->p50, &over->p50},
               {"p90", &latency->p90, &over->p90},
               {"p99", &latency->p99, &over->p99}};
  const char *line = NULL;
  if (latency->interval) return; /* the interval in the row above covers both */
  for (size_t p = 0; p < sizeof shown / sizeof *shown; p++) {
    const double lo = shown[p].rounds->lo, hi = shown[p].rounds->hi, low = shown[p].queries->lo;
    if (!(lo > 0) || !(low > 0) || hi / lo <= shown[p].queries->hi / low) continue;
    const struct l4r_unit unit = l4r_unit_of_time(number(shown[p].rounds->value));
    char from[32], to[32];
    l4r_digits(from, lo / unit.scale, 2);
    l4r_digits(to, hi / unit.scale, 2);
    line = l4r_table_more(table,
                          line ? line : "rounds differ more than their queries; 95 % over rounds:",
                          "%s %s %s–%s %s", line ? "," : "", shown[p].name, from, to, unit.name);
  }
  if (line) l4r_row_remark(table, "%s", line);
}

static void add_correlation(struct l4r_table *table, const struct l4r_record *record) {
  const struct l4r_record_correlation *found = &record->data.latency_ns.round_correlation;
  if (found->is_there)
    l4r_row_remark(
        table, "rounds: neighbours correlate by %.2f (chance: up to %.2f%s)", number(found->lag1),
        number(found->bound),
        record->data.rounds.count < 10 ? "; with few rounds only a strong correlation shows" : "");
}

static void add_harness(struct l4r_table *table, const struct l4r_record_overhead *overhead) {
  enum { OVERHEAD_NS = 200 };
  if (overhead->is_there)
    l4r_row_remark(table,
                   "harness: %.0f ns a request beside the engine, %.0f ns of them in the latency%s",
                   number(overhead->every), number(overhead->inside),
                   overhead->every > OVERHEAD_NS ? "; above 200 ns, more than intended" : "");
}

/* --- all of them ---------------------------------------------------------------------------------
 */

/* Adds the numbers of short rankings and ties. */
static void add_rankings(struct l4r_table *table, const struct l4r_record_accuracy *accuracy) {
  const long long users = count(accuracy->users), few = count(accuracy->short_rankings);
  const long long masked = count(accuracy->short_rankings_mask);
  if (few)
    l4r_row_remark(table,
                   "%lld of %lld rankings hold fewer than 20 items; the rest counts as missed", few,
                   users);
  if (masked)
    l4r_row_remark(
        table, "%lld of %lld masked rankings hold fewer than 20 items%s", masked, users,
        strcmp(l4r_text_or_none(accuracy->mask_by), "a search without the history")
            ? ": seen items were removed from finished rankings, so mask figures are capped, too "
              "low beside arms that rank everything"
            : "; the rest counts as missed");
  if (accuracy->tie_share >= .01)
    l4r_row_remark(table, "the target's score ties with another item's for %.1f %% of users",
                   100 * accuracy->tie_share);
}

/* Old records know sgemm alone, which is no ceiling, and say so. */
static void add_ceiling(struct l4r_table *table, const struct l4r_record_ceiling *ceiling) {
  const double gflops = number(ceiling->value) * 1e-9;
  if (isnan(ceiling->fraction)) return;
  if (ceiling->fault)
    l4r_row_remark(table, "error of this record: %s (%s, %.3g GFLOP/s)", ceiling->fault,
                   l4r_text_or_none(ceiling->name), gflops);
  else if (ceiling->precision)
    l4r_row_remark(table,
                   "%.1f %% of the ceiling of the same workers, %.3g GFLOP/s: %s "
                   "multiply-adds by %s",
                   100 * ceiling->fraction, gflops, ceiling->precision,
                   l4r_text_or_none(ceiling->instructions));
  else
    l4r_row_remark(table,
                   "%.2f times sgemm of the same workers, %.3g GFLOP/s: a library's speed, "
                   "not a ceiling",
                   ceiling->fraction, gflops);
}

const char *l4r_instructions_text(const struct l4r_record_instructions *counted, char *out,
                                  size_t size) {
  double least = INFINITY, most = 0;
  for (int64_t c = 0; c < counted->counts.count; c++) {
    least = fmin(least, (double)counted->counts.at[c]);
    most = fmax(most, (double)counted->counts.at[c]);
  }
  l4r_text_set(out, size,
               "instructions, no time: %.0f a user of the %lld, counted by %s (%s, isa=%s) %lld "
               "times, within %.3f %%",
               counted->per_user, count(counted->users), l4r_text_or_none(counted->source),
               l4r_text_or_none(counted->counter), l4r_text_or_none(counted->isa),
               (long long)counted->counts.count, least > 0 ? 100 * (most / least - 1) : 0);
  return out;
}

static void add_instructions(struct l4r_table *table,
                             const struct l4r_record_instructions *counted) {
  char text[256];
  if (counted->is_there)
    l4r_row_remark(table, "%s", l4r_instructions_text(counted, text, sizeof text));
}

void l4r_row_remarks(struct l4r_table *table, const struct l4r_record *record) {
  const struct l4r_record_record *data = &record->data;
  add_instructions(table, &data->instructions);
  add_counters(table, record);
  add_stage_counters(table, record);
  add_budget(table, record);
  add_choice(table, record);
  add_rankings(table, &data->accuracy);
  add_ceiling(table, &data->ceiling);
  add_stages(table, record);
  add_server(table, record);
  add_over_rounds(table, record);
  add_correlation(table, record);
  add_tails(table, record);
  add_harness(table, &data->overhead_ns);
  if (data->failures.count)
    l4r_row_remark(table, "%lld rounds failed; the first: %s", (long long)data->failures.count,
                   l4r_text_or_none(data->failures.at[0].reason));
  for (int64_t w = 0; w < data->warnings.count; w++)
    l4r_row_remark(table, "warning: %s", l4r_text_or_none(data->warnings.at[w].text));
}
