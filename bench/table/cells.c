/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/cells.h"

#include "bench/record/text.h"

#include <math.h>

static double number_or_nan(const json_t *value) {
  return json_is_number(value) ? json_number_value(value) : NAN;
}

void l4r_cell_accuracy(struct l4r_table *table, const json_t *accuracy, const char *convention,
                       const char *metric) {
  const json_t *intervals = json_object_get(json_object_get(accuracy, "ci95"), convention);
  const json_t *interval = json_object_get(intervals, metric);
  const struct l4r_shown shown = {
      number_or_nan(json_object_get(json_object_get(accuracy, convention), metric)),
      number_or_nan(json_array_get(interval, 0)), number_or_nan(json_array_get(interval, 1))};
  if (isnan(shown.value)) {
    l4r_cell_absent(table, "the record holds no accuracy");
    return;
  }
  l4r_cell(table, "%.4f", shown.value);
  l4r_cell_value(table, shown);
  if (!isnan(shown.lo)) l4r_cell_interval(table, 0, "%.4f–%.4f", shown.lo, shown.hi);
}

void l4r_cell_estimate(struct l4r_table *table, const json_t *estimate, int is_time, int say_why) {
  const char *withheld = l4r_text_at(estimate, "withheld");
  const struct l4r_shown shown = {number_or_nan(json_object_get(estimate, "value")),
                                  number_or_nan(json_object_get(estimate, "lo")),
                                  number_or_nan(json_object_get(estimate, "hi"))};
  if (isnan(shown.value)) {
    l4r_cell_absent(table, *withheld ? withheld : "the record does not hold it");
    return;
  }
  if (is_time)
    l4r_cell_time(table, shown, L4R_UNDER);
  else
    l4r_cell_digits(table, shown, 2, L4R_UNDER);
  if (!isnan(shown.lo) || !say_why) return;
  const char *why = *l4r_text_at(estimate, "interval_withheld")
                        ? "fewer than three rounds have no interval; raise --rounds"
                        : "one round has no interval over rounds; raise --rounds";
  l4r_cell_interval(table, 0, "- " L4R_BRACKET "%d]", l4r_table_note(table, why));
}

void l4r_cell_memory(struct l4r_table *table, const json_t *bytes) {
  if (json_is_number(bytes))
    l4r_cell_bytes(table, json_number_value(bytes));
  else
    l4r_cell_absent(table, "the record does not hold it");
}
