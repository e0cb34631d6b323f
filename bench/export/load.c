/* SPDX-License-Identifier: BSD-3-Clause */
/* Latency against load: one point per record of the server scenario. */
#include "bench/export/load.h"

#include <math.h>

const char l4r_load_columns[] = "group arm thread threads rate achieved load p50_ns p50_lo p50_hi "
                                "p99_ns p99_lo p99_hi service_p50_ns bound_ns verdict knee label";

static void add_figure(struct l4r_table *table, struct l4r_shown figure) {
  l4r_cell_alone(table, figure.value);
  l4r_cell_alone(table, figure.lo);
  l4r_cell_alone(table, figure.hi);
}

int l4r_export_load(const struct l4r_row *row, const char *group, struct l4r_table *table) {
  const struct l4r_shown p50 = l4r_row_latency(row, "p50");
  if (!(row->rate > 0) || isnan(p50.value)) return 0;
  const double knee = l4r_row_number(row, "knee.rate");
  l4r_row(table);
  l4r_row_place(table, row, group);
  l4r_cell_alone(table, row->rate);
  l4r_cell_alone(table, l4r_row_number(row, "server.rate_achieved"));
  l4r_cell_alone(table, l4r_row_number(row, "server.load"));
  add_figure(table, p50);
  add_figure(table, l4r_row_latency(row, "p99"));
  l4r_cell_alone(table, l4r_row_number(row, "server.service_p50_ns.value"));
  l4r_cell_alone(table, l4r_row_number(row, "server.bound_ns"));
  l4r_cell(table, "%s", l4r_row_text(row, "server.verdict"));
  l4r_cell_count(table, knee <= row->rate && knee >= row->rate); /* both come from one record */
  l4r_cell(table, "%s", row->label);
  return 1;
}
