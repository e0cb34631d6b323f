/* SPDX-License-Identifier: BSD-3-Clause */
/* A gate that cannot detect a slowdown would always pass. So it first determines from A alone what
 * it can detect, independently of the B that it will judge. */
#include "bench/compare/gate.h"
#include "bench/compare/compare.h"
#include "bench/compare/rows.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>

static const double most_false_alarms = .02;
/* Automatic margins: no finer than a thousandth, and a gate that misses a quarter is none. */
static const double least_automatic = .001, most_automatic = .25;
enum { SEED = 20260 };

static const char *arm_of(const struct l4r_compared *row) {
  const char *arm = row->record[0]->data.arm;
  return arm ? arm : "?";
}

/* Up to the next tenth of a percent, so that the margin said is one that is held. */
static double rounded_up(double share) {
  return ceil(share * 1000 - 1e-9) / 1000;
}

/* "mean=3.4%,p99=7.1%": what --gate takes and every row holds. */
static void holdable(const struct l4r_compare_table *table, const struct l4r_gate *gate, char *out,
                     size_t size) {
  size_t used = 0;
  for (int64_t r = 0; r < table->rows; r++) {
    const struct l4r_target *target = table->row[r].target;
    double least = 0;
    int first = 1;
    for (int64_t i = 0; i < table->rows; i++) {
      if (table->row[i].target != target) continue;
      first &= i >= r;
      least = fmax(least, fmax(gate->sight[i].least_margin, table->row[i].margin));
    }
    if (!first || target->is_guard || !(rounded_up(least) < 1)) continue;
    l4r_text_add(out, size, &used, "%s%s=%.1f%%", used ? "," : "", target->figure.name,
                 100 * rounded_up(least));
  }
}

/* Rounds that all rows of rounds need; more than L4R_GATE_ROUNDS_MAX: there is no such number. */
static int64_t rounds_needed(const struct l4r_compare_table *table, const struct l4r_gate *gate) {
  int64_t needed = 0;
  for (int64_t i = 0; i < table->rows; i++) {
    if (table->row[i].figure->source != L4R_OF_ROUNDS) continue;
    if (!gate->sight[i].needed) return L4R_GATE_ROUNDS_MAX + 1;
    if (gate->sight[i].needed > needed) needed = gate->sight[i].needed;
  }
  return needed;
}

static int refuse(const struct l4r_compare_table *table, const struct l4r_gate *gate, int64_t r) {
  const struct l4r_compared *row = &table->row[r];
  const struct l4r_sight *sight = &gate->sight[r];
  char what[400], remedy[300] = "", margins[300] = "";
  const int64_t needed = rounds_needed(table, gate);
  const int of_users = row->figure->source == L4R_OF_USERS;
  if (of_users)
    l4r_text_set(what, sizeof what, "the %lld users of %s (%s, paired interval of +-%.1f %%)",
                 (long long)row->pairs, arm_of(row), row->figure->name, 100 * sight->noise);
  else if (row->figure->source == L4R_OF_RECORD)
    l4r_text_set(what, sizeof what, "the %lld counts of %s (%s, which are %.2f %% apart)",
                 (long long)row->pairs, arm_of(row), row->figure->name, 100 * sight->noise);
  else
    l4r_text_set(what, sizeof what, "the %lld rounds of %s (%s, round noise %.2f %%)",
                 (long long)row->pairs, arm_of(row), row->figure->name, 100 * sight->noise);
  holdable(table, gate, margins, sizeof margins);
  if (of_users)
    l4r_text_set(remedy, sizeof remedy, "only more evaluated users narrow it");
  else if (row->figure->source == L4R_OF_RECORD)
    l4r_text_set(remedy, sizeof remedy, "count again");
  else if (needed > L4R_GATE_ROUNDS_MAX)
    l4r_text_set(remedy, sizeof remedy,
                 "no number of rounds up to %d is enough: use a quieter machine",
                 L4R_GATE_ROUNDS_MAX);
  else
    l4r_text_set(remedy, sizeof remedy,
                 "measure A and B with --rounds %lld (and --budget, where run asks for it)",
                 (long long)needed);
  return l4r_fail(L4R_NOISY,
                  "a margin of %g %% is too fine for %s: %s; or %s%s%sgate what machines' noise "
                  "does not reach: run --counters instructions",
                  100 * row->margin, what, remedy,
                  *margins ? "give margins that hold, --gate " : "", margins,
                  *margins ? "; or " : "");
}

/* B far from A has a wide interval too, and a clear verdict. */
static int is_clear(const struct l4r_compared *row) {
  const double margin = isnan(row->margin) ? least_automatic : row->margin;
  return row->cost.lo > 1 + margin || row->cost.hi < 1 / (1 + margin);
}

/* What the paired interval of users can judge. */
static struct l4r_sight sight_of_users(const struct l4r_compared *row) {
  const struct l4r_comparison *c = &row->cost;
  const double width = c->lo > 0 && isfinite(c->hi) ? log(c->hi / c->lo) / 2 : INFINITY;
  return (struct l4r_sight){.noise = expm1(width),
                            .found = expm1(2 * width),
                            .least_margin = is_clear(row) ? 0 : l4r_margin_of(width)};
}

/* Counts of the same program may differ a little from process to process. */
static struct l4r_sight sight_of_counts(const struct l4r_compared *row) {
  const double spread = row->comparison.hi / row->comparison.lo - 1;
  return (struct l4r_sight){
      .noise = spread, .found = spread, .least_margin = is_clear(row) ? 0 : spread};
}

static void set_sight(const struct l4r_compare_table *table, struct l4r_compared *row,
                      struct l4r_sight *sight) {
  const double margin = isnan(row->margin) ? most_automatic : row->margin;
  *sight = (struct l4r_sight){.noise = 0};
  if (row->figure->source == L4R_OF_ROUNDS)
    *sight = l4r_sight_of(row->all, row->rounds[0], row->pairs, table->family[L4R_OF_ROUNDS],
                          margin);
  else if (row->figure->source == L4R_OF_USERS)
    *sight = sight_of_users(row);
  else
    *sight = sight_of_counts(row);
  if (!isnan(row->margin)) return;
  row->margin = fmin(most_automatic, fmax(least_automatic, rounded_up(sight->least_margin)));
  if (row->figure->source == L4R_OF_ROUNDS) /* what is found depends on the margin */
    *sight = l4r_sight_of(row->all, row->rounds[0], row->pairs, table->family[L4R_OF_ROUNDS],
                          row->margin);
  l4r_compared_judge(row);
}

/* Resamples A against itself. */
static int try_alarms(const struct l4r_compare_table *table, struct l4r_gate *gate) {
  struct l4r_rounds *rounds = l4r_alloc((size_t)table->rows, sizeof *rounds, "rounds of A");
  int64_t n = 0;
  if (!rounds) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < table->rows; r++) {
    const struct l4r_compared *row = &table->row[r];
    if (row->figure->source == L4R_OF_ROUNDS)
      rounds[n++] = (struct l4r_rounds){row->all, row->rounds[0], row->pairs, row->margin};
  }
  gate->false_alarms = n ? l4r_false_alarms(rounds, n, L4R_GATE_RESAMPLES, SEED) : 0;
  l4r_free(rounds);
  return L4R_OK;
}

int l4r_gate_calibrate(struct l4r_compare_table *table, struct l4r_gate *gate) {
  *gate = (struct l4r_gate){.sight = l4r_alloc((size_t)table->rows, sizeof *gate->sight, "a gate")};
  int64_t worst = -1;
  if (!gate->sight) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < table->rows; r++) {
    set_sight(table, &table->row[r], &gate->sight[r]);
    const double least = gate->sight[r].least_margin;
    if (least <= table->row[r].margin || table->row[r].target->is_guard) continue;
    if (worst < 0 || least > gate->sight[worst].least_margin) worst = r;
  }
  const int status = try_alarms(table, gate);
  if (status) return status;
  if (worst >= 0) return refuse(table, gate, worst);
  if (gate->false_alarms <= most_false_alarms) return L4R_OK;
  return l4r_fail(L4R_NOISY,
                  "A against itself is called worse in %.1f %% of %d resamples; no gate can be "
                  "built on these rounds: measure more of them, or use a wider margin",
                  100 * gate->false_alarms, L4R_GATE_RESAMPLES);
}

void l4r_gate_free(struct l4r_gate *gate) {
  l4r_free(gate->sight);
  *gate = (struct l4r_gate){.sight = NULL};
}

int l4r_gate_fails(const struct l4r_compared *row, int strict) {
  return row->change == L4R_SLOWER ||
         (strict && row->change == L4R_UNDECIDED && !row->target->is_guard);
}

int l4r_gate_judge(const struct l4r_compare_table *table, int strict) {
  int64_t failed = 0, undecided = 0, first = -1;
  for (int64_t r = 0; r < table->rows; r++) {
    failed += l4r_gate_fails(&table->row[r], strict);
    undecided += table->row[r].change == L4R_UNDECIDED;
    if (first < 0 && l4r_gate_fails(&table->row[r], strict)) first = r;
  }
  if (first < 0) return L4R_OK;
  const struct l4r_compared *row = &table->row[first];
  return l4r_fail(
      L4R_CHECK,
      "the gate: %lld of %lld rows fail, %lld UNDECIDED%s; %s (%s, margin %g %%) is %s: "
      "B / A is %.3f, 95 %% interval %.3f to %.3f",
      (long long)failed, (long long)table->rows, (long long)undecided, strict ? " (--strict)" : "",
      arm_of(row), row->figure->name, 100 * row->margin, l4r_verdict(row), row->comparison.ratio,
      row->comparison.lo, row->comparison.hi);
}
