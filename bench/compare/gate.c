/* SPDX-License-Identifier: BSD-3-Clause */
/* A gate that cannot detect a slowdown would always pass. So it first determines from A alone what
 * it can detect, independently of the B that it will judge. */
#include "bench/compare/gate.h"
#include "bench/compare/compare.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>

static const double most_false_alarms = .02;
enum { SEED = 20260 };

static const char *arm_of(const struct l4r_compared *row) {
  const char *arm = row->record[0]->data.arm;
  return arm ? arm : "?";
}

static int refuse(const struct l4r_compare_table *table, const struct l4r_gate *gate, int64_t r) {
  const struct l4r_compared *row = &table->row[r];
  const struct l4r_sight *sight = &gate->sight[r];
  char remedy[160], least[64] = "they hold none";
  int64_t needed = 0;
  for (int64_t i = 0; i < table->rows; i++) {
    if (!gate->sight[i].needed) needed = L4R_GATE_ROUNDS_MAX + 1;
    if (gate->sight[i].needed > needed) needed = gate->sight[i].needed;
  }
  if (needed > L4R_GATE_ROUNDS_MAX)
    snprintf(remedy, sizeof remedy, "no number of rounds up to %d is enough: use a quieter machine",
             L4R_GATE_ROUNDS_MAX);
  else
    snprintf(remedy, sizeof remedy, "measure A and B with --rounds %lld", (long long)needed);
  if (isfinite(sight->least_margin))
    snprintf(least, sizeof least, "they hold one of %.1f %%", 100 * sight->least_margin + .05);
  return l4r_fail(L4R_INPUT,
                  "a margin of %g %% is too fine for the %lld rounds of %s (%s, round noise %.2f "
                  "%%): %s; %s, or use a wider margin",
                  100 * table->margin, (long long)row->pairs, arm_of(row),
                  l4r_round_metric_names[row->metric], 100 * sight->noise, least, remedy);
}

int l4r_gate_calibrate(const struct l4r_compare_table *table, struct l4r_gate *gate) {
  *gate = (struct l4r_gate){.sight = l4r_alloc((size_t)table->rows, sizeof *gate->sight, "a gate")};
  struct l4r_rounds *rounds = l4r_alloc((size_t)table->rows, sizeof *rounds, "rounds of A");
  int status = gate->sight && rounds ? L4R_OK : L4R_ENVIRONMENT;
  int64_t worst = 0;
  for (int64_t r = 0; r < table->rows && !status; r++) {
    const struct l4r_compared *row = &table->row[r];
    rounds[r] = (struct l4r_rounds){row->all, row->rounds[0], row->pairs};
    gate->sight[r] = l4r_sight_of(row->all, row->rounds[0], row->pairs, table->rows, table->margin);
    if (gate->sight[r].least_margin > gate->sight[worst].least_margin) worst = r;
  }
  if (!status) {
    gate->false_alarms = l4r_false_alarms(rounds, table->rows, table->margin, L4R_GATE_RESAMPLES,
                                          SEED);
    if (gate->sight[worst].least_margin > table->margin)
      status = refuse(table, gate, worst);
    else if (gate->false_alarms > most_false_alarms)
      status = l4r_fail(L4R_INPUT,
                        "A against itself is called SLOWER in %.1f %% of %d resamples; no gate can "
                        "be built on these rounds: measure more of them, or use a wider margin",
                        100 * gate->false_alarms, L4R_GATE_RESAMPLES);
  }
  l4r_free(rounds);
  return status;
}

void l4r_gate_free(struct l4r_gate *gate) {
  l4r_free(gate->sight);
  *gate = (struct l4r_gate){.sight = NULL};
}

int l4r_gate_judge(const struct l4r_compare_table *table, int strict) {
  int64_t slower = 0, undecided = 0, first = -1;
  for (int64_t r = 0; r < table->rows; r++) {
    const int bad = table->row[r].change == L4R_SLOWER ||
                    (strict && table->row[r].change == L4R_UNDECIDED);
    slower += table->row[r].change == L4R_SLOWER;
    undecided += table->row[r].change == L4R_UNDECIDED;
    if (bad && first < 0) first = r;
  }
  if (first < 0) return L4R_OK;
  const struct l4r_compared *row = &table->row[first];
  return l4r_fail(
      L4R_CHECK,
      "the gate at %g %%: %lld of %lld rows SLOWER, %lld UNDECIDED%s; %s (%s) takes %.3f "
      "times as long, 95 %% interval %.3f to %.3f",
      100 * table->margin, (long long)slower, (long long)table->rows, (long long)undecided,
      strict ? " (--strict)" : "", arm_of(row), l4r_round_metric_names[row->metric],
      row->comparison.ratio, row->comparison.lo, row->comparison.hi);
}
