/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/export/benchmarks.h"

#include "bench/record/distinct.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <stdlib.h>
#include <string.h>

/* Writes arm/data set/scenario/batch:N/rate:R/bound:T/threads:N and a suffix that tells benchmarks
 * of one name apart. All of it must be equal for two times to be comparable. */
static void name_of(const struct l4r_row *row, char *out, size_t size) {
  const double batch = l4r_row_number(row, "batch");
  const double bound = l4r_row_number(row, "server.bound_ns");
  size_t used = 0;
  l4r_text_add(out, size, &used, "%s/%.128s/%.64s", row->label, l4r_row_text(row, "dataset.name"),
               l4r_row_text(row, "scenario"));
  if (batch > 1) l4r_text_add(out, size, &used, "/batch:%.0f", batch);
  if (row->rate > 0) l4r_text_add(out, size, &used, "/rate:%g", row->rate);
  if (bound > 0) l4r_text_add(out, size, &used, "/bound:%gms", bound * 1e-6);
  l4r_text_add(out, size, &used, "/threads:%lld", (long long)row->threads);
}

static int by_name(const void *left, const void *right) {
  const struct l4r_benchmark *const *a = left, *const *b = right;
  int order = strcmp((*a)->name, (*b)->name);
  if (!order)
    order = strcmp(l4r_row_text((*a)->row, "manifest.time"),
                   l4r_row_text((*b)->row, "manifest.time"));
  return order ? order
               : ((*a)->row->order > (*b)->row->order) - ((*a)->row->order < (*b)->row->order);
}

/* Makes the names of all rows distinct and marks the newest row of each name. */
int l4r_benchmarks_name(const struct l4r_rows *rows, struct l4r_benchmark *candidate) {
  struct l4r_named *named = l4r_alloc((size_t)rows->count, sizeof *named, "names of benchmarks");
  struct l4r_benchmark **order = l4r_alloc((size_t)rows->count, sizeof *order, "benchmarks");
  int status = named && order ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t r = 0; r < rows->count && !status; r++) {
    candidate[r] = (struct l4r_benchmark){.row = &rows->row[r]};
    name_of(&rows->row[r], candidate[r].name, L4R_BENCHMARK_NAME - L4R_DISTINCT);
    named[r] = (struct l4r_named){.record = rows->row[r].record, .name = candidate[r].name};
    order[r] = &candidate[r];
  }
  if (!status) status = l4r_distinguish(named, rows->count);
  for (int64_t r = 0; r < rows->count && !status; r++) strcat(candidate[r].name, named[r].suffix);
  if (!status) qsort(order, (size_t)rows->count, sizeof *order, by_name);
  for (int64_t r = 0; r + 1 < rows->count && !status; r++)
    order[r]->outdated = !strcmp(order[r]->name, order[r + 1]->name);
  l4r_free(named);
  l4r_free(order);
  return status;
}
