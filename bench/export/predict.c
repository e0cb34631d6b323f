/* SPDX-License-Identifier: BSD-3-Clause */
/* What a machine would give that nobody has measured on: a prediction, and called so wherever it is
 * shown. The model is that of predict_model.c. Its error is not worked out from theory but seen:
 * each machine here is left out and predicted from the others, and a prediction's interval is as
 * wide as the largest error so made with its engine, on top of the interval of the measured time it
 * began with. */
#include "bench/export/predict.h"

#include "bench/engines.h"
#include "bench/export/predict_model.h"
#include "bench/record/machine.h"
#include "bench/record/text.h"
#include "bench/table/units.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <string.h>

static const double widest = 4; /* an interval of more says nothing */

static int is_own(const struct l4r_row *row) {
  return !l4r_engine_is_foreign(l4r_text_or_none(row->record->data.engine)) &&
         l4r_predict_measured(row) > 0;
}

/* 1 where a later row is of the same work on the same machine. */
static int is_replaced(const struct l4r_rows *rows, int64_t r) {
  for (int64_t later = r + 1; later < rows->count; later++)
    if (l4r_predict_is_same_work(&rows->row[r], &rows->row[later]) &&
        l4r_machine_same(rows->row[r].record, rows->row[later].record) && is_own(&rows->row[later]))
      return 1;
  return 0;
}

static const char *cpu_of(const struct l4r_rows *rows, const struct l4r_row *row) {
  const char *cpu = rows->group[row->group].cpu;
  return *cpu ? cpu : "an unnamed processor";
}

/* The first row of each machine begins it. */
static int begins_machine(const struct l4r_rows *rows, int64_t r) {
  for (int64_t before = 0; before < r; before++)
    if (l4r_machine_same(rows->row[before].record, rows->row[r].record)) return 0;
  return 1;
}

/* measured / predicted of one row by another machine's; NaN where they tell nothing of each other.
 */
static double error_of(const struct l4r_row *source, const struct l4r_row *target) {
  const char *bound;
  if (l4r_machine_same(source->record, target->record) || !l4r_predict_is_same_work(source, target))
    return NAN;
  const struct l4r_speeds here = l4r_speeds_of_record(source->record);
  const struct l4r_speeds there = l4r_speeds_of_record(target->record);
  /* sgemm can be compared with sgemm alone, and only where products are of its precision */
  if (here.is_sgemm != there.is_sgemm ||
      (here.is_sgemm && strcmp(l4r_row_text(source, "precision"), "fp32") != 0))
    return NAN;
  return l4r_predict_measured(target) / l4r_predict_time(source, &here, &there, &bound);
}

struct seen { /* all predictions of one machine's rows by another's */
  struct {
    const struct l4r_row *target;
    double error; /* measured / predicted */
  } *at;
  int64_t count;
  char *usable; /* [rows] 1: own, measured, and the newest of its work on its machine */
};

/* Predicts every row from every other machine's row of the same work. */
static int see_errors(const struct l4r_rows *rows, struct seen *seen) {
  int64_t room = 0;
  *seen = (struct seen){.usable = l4r_alloc((size_t)rows->count + 1, 1, "rows of a prediction")};
  if (!seen->usable) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < rows->count; r++)
    seen->usable[r] = is_own(&rows->row[r]) && !is_replaced(rows, r);
  for (int pass = 0; pass < 2; pass++) { /* the first counts */
    seen->count = 0;
    for (int64_t t = 0; t < rows->count; t++)
      for (int64_t s = 0; s < rows->count; s++) {
        if (!seen->usable[t] || !seen->usable[s]) continue;
        const double error = error_of(&rows->row[s], &rows->row[t]);
        if (!(error > 0)) continue;
        if (pass && seen->count < room) {
          seen->at[seen->count].target = &rows->row[t];
          seen->at[seen->count].error = error;
        }
        seen->count++;
      }
    if (pass) break;
    room = seen->count;
    seen->at = l4r_alloc((size_t)room + 1, sizeof *seen->at, "errors of predictions");
    if (!seen->at) return L4R_ENVIRONMENT;
  }
  return L4R_OK;
}

struct left_out { /* what was seen of one machine, or of one engine */
  int count;
  double sum, largest; /* of logarithms; as a factor */
  const struct l4r_row *worst;
};

static void take_error(struct left_out *out, const struct l4r_row *target, double error) {
  const double factor = error < 1 ? 1 / error : error;
  out->sum += log(factor);
  out->count++;
  if (out->worst && factor <= out->largest) return;
  out->largest = factor;
  out->worst = target;
}

/* What was seen of that machine (NULL: of any) with that engine (NULL: with any). */
static struct left_out left_out_of(const struct seen *seen, const struct l4r_row *machine,
                                   const char *engine) {
  struct left_out out = {0};
  for (int64_t e = 0; e < seen->count; e++) {
    const struct l4r_row *target = seen->at[e].target;
    if (machine && !l4r_machine_same(target->record, machine->record)) continue;
    if (engine && strcmp(engine, l4r_row_text(target, "engine")) != 0) continue;
    take_error(&out, target, seen->at[e].error);
  }
  return out;
}

/* A row for a machine that was left out. */
static int add_left_out(struct l4r_table *table, const struct l4r_rows *rows,
                        const struct seen *seen, const struct l4r_row *machine) {
  const struct left_out out = left_out_of(seen, machine, NULL);
  if (!out.count) return 0;
  l4r_row(table);
  l4r_cell(table, "%s", cpu_of(rows, machine));
  l4r_cell_count(table, out.count);
  l4r_cell_digits(table, (struct l4r_shown){exp(out.sum / out.count), NAN, NAN}, 2, L4R_WORDS);
  l4r_cell_digits(table, (struct l4r_shown){out.largest, NAN, NAN}, 2, L4R_WORDS);
  l4r_cell(table, "%s, %s, %lld thread%s", out.worst->label, l4r_row_text(out.worst, "scenario"),
           (long long)out.worst->threads, out.worst->threads == 1 ? "" : "s");
  return out.count;
}

static void add_errors(const struct l4r_rows *rows, const struct seen *seen,
                       struct l4r_sheet *sheet) {
  static const struct l4r_column columns[] = {
      {"machine", "machine left out", .align = L4R_LEFT},
      {"rows", "predictions", .align = L4R_RIGHT},
      {"typical", "typically wrong by a factor of", .align = L4R_RIGHT},
      {"largest", "at most", .align = L4R_RIGHT},
      {"worst", "which was", .align = L4R_LEFT}};
  struct l4r_table table = {.layout = {.gap = 2}};
  int found = 0;
  l4r_table_title(&table, "How well it predicts: each machine of these records, predicted from the "
                          "others'.");
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  for (int64_t r = 0; r < rows->count; r++)
    if (begins_machine(rows, r)) found += add_left_out(&table, rows, seen, &rows->row[r]);
  if (found || table.status) {
    l4r_sheet_table(sheet, &table);
    return;
  }
  l4r_table_free(&table);
  l4r_sheet_text(sheet, "How well it predicts is unknown: no arm of these records was measured on "
                        "two machines. Measure one on another machine, or add its records.");
}

/* The measured time's own interval, and the error of the model on both sides. */
static struct l4r_shown interval_of(const struct l4r_row *row, double time, double error) {
  const struct l4r_shown users = l4r_figure_of(&row->record->data.users_per_second);
  const double measured = l4r_predict_measured(row);
  const double lo = isnan(users.hi) ? 1 : 1e9 / users.hi / measured;
  const double hi = isnan(users.lo) ? 1 : 1e9 / users.lo / measured;
  return (struct l4r_shown){time, time * lo / error, time * hi * error};
}

static void add_time(struct l4r_table *table, const struct seen *seen, const struct l4r_row *row,
                     double time) {
  const char *engine = l4r_row_text(row, "engine");
  const struct left_out out = left_out_of(seen, NULL, engine);
  const char *why = NULL;
  const struct l4r_shown shown = interval_of(row, time, out.largest);
  if (!out.count)
    why = l4r_table_text(table,
                         "unknown: nothing tells how wide the interval is, since no arm of "
                         "the engine '%s' was measured on two machines",
                         engine);
  else if (shown.hi / shown.lo > widest)
    why = l4r_table_text(table,
                         "unknown: the interval's ends are a factor of %.1f apart, more than "
                         "%.0f",
                         shown.hi / shown.lo, widest);
  if (why) {
    for (int c = 0; c < 3; c++) l4r_cell_absent(table, c ? NULL : why);
    return;
  }
  l4r_cell_time(table, shown, L4R_WORDS);
  l4r_cell_digits(table, (struct l4r_shown){1e9 / time, NAN, NAN}, 2, L4R_WORDS);
  l4r_cell_digits(table, (struct l4r_shown){out.largest, NAN, NAN}, 2, L4R_WORDS);
}

static void add_row(struct l4r_table *table, const struct l4r_rows *rows, const struct seen *seen,
                    const struct l4r_row *row, const struct l4r_ceilings *machine) {
  const struct l4r_speeds here = l4r_speeds_of_record(row->record);
  struct l4r_speeds there;
  const char *bound = "";
  char text[32];
  if (isnan(l4r_predict_time(row, &here, &here, &bound))) return; /* nothing is modelled */
  l4r_row(table);
  l4r_cell(table, "%s, %s", row->label, l4r_row_text(row, "scenario"));
  l4r_cell_count(table, row->threads);
  l4r_cell(table, "%s on %s", l4r_time_text(text, l4r_predict_measured(row)), cpu_of(rows, row));
  const char *why = NULL;
  if (here.is_sgemm && strcmp(l4r_row_text(row, "precision"), "fp32") != 0)
    why = l4r_table_text(table, "unknown: this record of before 2026-11-29 has no ceiling of %s",
                         l4r_row_text(row, "precision"));
  else if (l4r_speeds_of_file(machine, row, here.is_sgemm, &there))
    why = l4r_table_text(table, "unknown: %s", l4r_error_message());
  if (why) {
    for (int c = 0; c < 4; c++) l4r_cell_absent(table, c ? NULL : why);
    return;
  }
  add_time(table, seen, row, l4r_predict_time(row, &here, &there, &bound));
  l4r_cell(table, "%s", bound);
}

static void begin_table(struct l4r_table *table, const struct l4r_ceilings *machine) {
  static const struct l4r_column columns[] = {
      {"arm", "arm", .align = L4R_LEFT},
      {"threads", "threads", .align = L4R_RIGHT},
      {"measured", "measured, a user", .align = L4R_LEFT},
      {"ns", "predicted, a user", "ns", .align = L4R_FIGURE, .interval = 1},
      {"users_per_second", "users/s", .align = L4R_RIGHT},
      {"error", "its error, a factor of", .align = L4R_RIGHT},
      {"bound_by", "bound by", .align = L4R_LEFT}};
  *table = (struct l4r_table){.layout = {.gap = 2}};
  l4r_table_title(table,
                  L4R_STRONG "Prediction, not a measurement" L4R_STRONG ": %s, from its "
                             "ceilings.",
                  *machine->cpu ? machine->cpu : "a machine whose name the file does not hold");
  l4r_table_columns(table, columns, sizeof columns / sizeof *columns);
  l4r_table_foot(table,
                 "A stage is taken to reach the same share of what the roofline allows there as "
                 "here (multiply-adds of its precision, reading from the same level).");
  l4r_table_foot(table,
                 "Intervals: that of the measured time, widened on both sides by the error, the "
                 "largest that was made with the same engine on machines left out.");
  l4r_table_foot(table,
                 "More threads than were measured are not predicted: nothing here tells what "
                 "they would wait for.");
}

int l4r_export_predict(const struct l4r_rows *rows, const struct l4r_ceilings *machine,
                       struct l4r_sheet *sheet) {
  struct l4r_table table = {.layout = {.gap = 2}};
  struct seen seen;
  int status = see_errors(rows, &seen);
  if (!status) {
    add_errors(rows, &seen, sheet);
    begin_table(&table, machine);
  }
  for (int64_t r = 0; r < rows->count && !status; r++)
    if (seen.usable[r]) add_row(&table, rows, &seen, &rows->row[r], machine);
  l4r_free(seen.usable);
  l4r_free(seen.at);
  if (status) return status;
  if (!table.rows && !table.status) {
    l4r_table_free(&table);
    return l4r_fail(L4R_INPUT, "nothing to predict from: no record here has both modelled work and "
                               "a ceiling measured beside it (lite4rec run)");
  }
  l4r_sheet_table(sheet, &table);
  return L4R_OK;
}
