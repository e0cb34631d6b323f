/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/cells.h"

#include <math.h>

void l4r_cell_accuracy(struct l4r_table *table, double value, const struct l4r_pair *interval) {
  const struct l4r_shown shown = {value, interval ? interval->lo : NAN,
                                  interval ? interval->hi : NAN};
  if (isnan(value)) {
    l4r_cell_absent(table, "the record holds no accuracy");
    return;
  }
  l4r_cell(table, "%.4f", shown.value);
  l4r_cell_value(table, shown);
  if (!isnan(shown.lo)) l4r_cell_interval(table, 0, "%.4f–%.4f", shown.lo, shown.hi);
}

void l4r_cell_estimate(struct l4r_table *table, const struct l4r_record_estimate *estimate,
                       int is_time, int say_why) {
  const struct l4r_shown shown = {estimate->value, estimate->lo, estimate->hi};
  if (isnan(shown.value)) {
    l4r_cell_absent(table, estimate->withheld ? estimate->withheld : "the record does not hold it");
    return;
  }
  if (is_time)
    l4r_cell_time(table, shown, L4R_UNDER);
  else
    l4r_cell_digits(table, shown, 2, L4R_UNDER);
  if (!isnan(shown.lo) || !say_why) return;
  const char *why = estimate->interval_withheld
                        ? "fewer than three rounds have no interval; raise --rounds"
                        : "one round has no interval over rounds; raise --rounds";
  l4r_cell_interval(table, 0, "- " L4R_BRACKET "%d]", l4r_table_note(table, why));
}

void l4r_cell_memory(struct l4r_table *table, int64_t bytes) {
  if (bytes != L4R_NONE)
    l4r_cell_bytes(table, (double)bytes);
  else
    l4r_cell_absent(table, "the record does not hold it");
}
