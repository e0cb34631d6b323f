/* SPDX-License-Identifier: BSD-3-Clause */
/* A stage takes so many times as long as the roofline allows it, on the machine where it was
 * measured; the model says that it takes as many times as long as the roofline of the other machine
 * allows:
 *
 *   time there = time here * allowed there / allowed here
 *   allowed    = the larger of operations / ceiling of the precision, and bytes / reading from
 *                where they came from (the level that the record names)
 *
 * What no stage counts stays as long as it was. Records whose stages have no times are one stage.
 * What the model does not know: clocks that fall with active cores, kernels that reach another
 * share of another instruction set, caches that hold more or less. How much that matters is what
 * leaving machines out shows. */
#include "bench/export/predict_model.h"

#include "bench/derive/ceiling.h"
#include "bench/record/text.h"
#include "impl/ceiling/peak.h"

#include <math.h>
#include <string.h>

enum { MEMORY = L4R_CEILINGS_LEVELS - 1 };
static const double same_work = 1.05;

struct l4r_speeds l4r_speeds_of_record(const struct l4r_record *record) {
  const struct l4r_round_ceilings found = l4r_round_ceilings_of(record);
  struct l4r_speeds speeds = {.compute = found.peak};
  if (!(speeds.compute > 0)) {
    speeds.compute = found.sgemm;
    speeds.is_sgemm = 1;
  }
  for (int level = 0; level < L4R_CEILINGS_LEVELS; level++) speeds.read[level] = found.read[level];
  return speeds;
}

int l4r_speeds_of_file(const struct l4r_ceilings *ceilings, const struct l4r_row *row, int is_sgemm,
                       struct l4r_speeds *speeds) {
  enum l4r_peak_precision precision;
  *speeds = (struct l4r_speeds){.is_sgemm = is_sgemm};
  int status = l4r_peak_precision_named(l4r_row_text(row, "precision"), &precision);
  if (!status)
    status = is_sgemm ? l4r_ceilings_sgemm(ceilings, row->threads, &speeds->compute)
                      : l4r_ceilings_peak(ceilings, precision, row->threads, &speeds->compute);
  for (int level = 0; level < L4R_CEILINGS_LEVELS && !status; level++) {
    status = l4r_ceilings_reading(ceilings, level, row->threads, &speeds->read[level]);
    speeds->read[level] *= 1e9;
  }
  speeds->compute *= 1e9;
  return status;
}

double l4r_predict_measured(const struct l4r_row *row) {
  if (row->rate > 0) return NAN; /* a server's speed is the rate it was asked for */
  return 1e9 / row->record->data.users_per_second.value;
}

static int is_same_text(const struct l4r_row *a, const struct l4r_row *b, const char *path) {
  return !strcmp(l4r_row_text(a, path), l4r_row_text(b, path));
}

static int is_same_number(const struct l4r_row *a, const struct l4r_row *b, const char *path) {
  const double x = l4r_row_number(a, path), y = l4r_row_number(b, path);
  return x == y || (isnan(x) && isnan(y));
}

int l4r_predict_is_same_work(const struct l4r_row *a, const struct l4r_row *b) {
  static const char *const texts[] = {"engine", "model.kind", "model.size", "precision",
                                      "scenario"};
  static const char *const numbers[] = {"batch", "dataset.items"};
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
    if (!is_same_text(a, b, texts[t])) return 0;
  for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++)
    if (!is_same_number(a, b, numbers[n])) return 0;
  const json_t *one = a->record->data.options, *other = b->record->data.options;
  if (a->threads != b->threads || (one != other && !json_equal(one, other))) return 0;
  const double x = l4r_work_of(a->record, -1).flops, y = l4r_work_of(b->record, -1).flops;
  return x > 0 && y > 0 && x <= same_work * y && y <= same_work * x;
}

/* Where a stage's bytes came from: the level that the record names; of old records memory, unless
 * it cannot be so fast. */
static int level_of(const struct l4r_record_stage *stage) {
  for (int level = 0; stage->read_from && level < L4R_CEILINGS_LEVELS; level++)
    if (!strcmp(stage->read_from, l4r_read_levels[level])) return level;
  return stage->memory_fraction <= L4R_SHARE_MOST ? MEMORY : -1;
}

/* Reading from a level of a machine, or from the next that it has; 0: unknown. */
static double reading(const struct l4r_speeds *speeds, int level) {
  while (level >= 0 && level < MEMORY && !(speeds->read[level] > 0)) level++;
  return level < 0 ? 0 : speeds->read[level];
}

struct allowed { /* ns */
  double compute, memory;
};

static struct allowed allowed_on(const struct l4r_speeds *speeds, struct l4r_modelled_work work,
                                 double read) {
  return (struct allowed){work.flops / speeds->compute * 1e9,
                          read > 0 ? work.bytes / read * 1e9 : 0};
}

double l4r_predict_time(const struct l4r_row *row, const struct l4r_speeds *here,
                        const struct l4r_speeds *there, const char **bound) {
  const struct l4r_record_record *data = &row->record->data;
  const double measured = l4r_predict_measured(row);
  double rest = measured, sum = 0, longest = 0;
  int modelled = 0;
  *bound = "what no stage counts";
  if (!(here->compute > 0) || !(there->compute > 0)) return NAN;
  for (int64_t s = 0; s < data->stages.count || s == 0; s++) {
    const int is_whole = s >= data->stages.count || isnan(data->stages.at[s].ns_per_user.value);
    if (is_whole && s > 0) continue;
    const struct l4r_record_stage *stage = is_whole ? NULL : &data->stages.at[s];
    const struct l4r_modelled_work work = stage ? (struct l4r_modelled_work){stage->flops,
                                                                             stage->bytes}
                                                : l4r_work_of(row->record, -1);
    const int level = stage ? level_of(stage) : -1;
    const double a = reading(here, level), b = reading(there, level);
    const int has_memory = a > 0 && b > 0;
    const struct allowed before = allowed_on(here, work, has_memory ? a : 0);
    const struct allowed after = allowed_on(there, work, has_memory ? b : 0);
    const double time = stage ? stage->ns_per_user.value : measured;
    const double from = fmax(before.compute, before.memory), to = fmax(after.compute, after.memory);
    if (!(from > 0) || !(time > 0)) continue; /* no work is modelled: part of the rest */
    modelled = 1;
    rest -= time;
    sum += time * to / from;
    if (time * to / from <= longest) continue;
    longest = time * to / from;
    *bound = after.memory > after.compute ? "reading" : "arithmetic";
  }
  return modelled ? sum + fmax(rest, 0) : NAN;
}
