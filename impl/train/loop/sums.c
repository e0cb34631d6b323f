/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows stand apart in a table, so they are packed, summed, and put back. */
#include "impl/train/loop/sums.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/train/loop/rows.h"

#include <string.h>

void l4r_train_sums_free(struct l4r_train_sums *sums) {
  for (int t = 0; t < L4R_ROW_TABLES; t++) {
    l4r_free(sums->packed[t]);
    sums->packed[t] = NULL;
    sums->capacity[t] = 0;
  }
}

static int begin_range(const struct l4r_train_sums *sums, float *gradients, int64_t begin,
                       int64_t end) {
  if (begin >= end) return L4R_OK;
  return l4r_comm_sum_begin(sums->ranks.comm, gradients + begin, end - begin, sums->ranks.wire);
}

/* Leaves out what is the sum already. */
static int begin_dense(const struct l4r_train_sums *sums, float *gradients, int64_t begin,
                       int64_t end) {
  const int64_t stop = sums->done_begin < end ? sums->done_begin : end;
  const int64_t next = sums->done_end > begin ? sums->done_end : begin;
  if (sums->done_begin == sums->done_end) return begin_range(sums, gradients, begin, end);
  const int status = begin_range(sums, gradients, begin, stop);
  return status ? status : begin_range(sums, gradients, next, end);
}

/* Copies the rows of a table out of the gradients, or back. */
static void move_rows(const struct l4r_row_table *table, float *gradients, float *packed,
                      int back) {
  const size_t bytes = (size_t)table->width * sizeof(float);
  for (int64_t r = 0; r < table->rows; r++) {
    float *row = gradients + table->offset + table->row[r] * table->width;
    float *at = packed + r * table->width;
    if (back)
      memcpy(row, at, bytes);
    else
      memcpy(at, row, bytes);
  }
}

static int begin_rows(struct l4r_train_sums *sums, float *gradients, int t) {
  const struct l4r_row_table *table = &sums->rows->table[t];
  const int64_t count = table->rows * table->width;
  if (table->offset >= sums->done_begin && table->offset < sums->done_end) return L4R_OK;
  int status = l4r_grow(&sums->packed[t], &sums->capacity[t], (size_t)count, sizeof(float),
                        "rows of a step");
  if (status) return status;
  move_rows(table, gradients, sums->packed[t], 0);
  sums->under_way[t] = 1;
  return l4r_comm_sum_begin(sums->ranks.comm, sums->packed[t], count, sums->ranks.wire);
}

int l4r_train_sums_begin(struct l4r_train_sums *sums, float *gradients, int64_t from, int64_t to) {
  int64_t begin, end;
  int status = L4R_OK;
  if (!sums->ranks.comm) return L4R_OK;
  for (int gap = 0; !status && l4r_rows_gap(sums->rows, sums->trained, gap, &begin, &end); gap++)
    status = begin_dense(sums, gradients, begin > from ? begin : from, end < to ? end : to);
  for (int t = 0; !status && sums->rows && t < sums->rows->count; t++)
    if (sums->rows->table[t].offset >= from && sums->rows->table[t].offset < to)
      status = begin_rows(sums, gradients, t);
  return status;
}

int l4r_train_sums_finish(struct l4r_train_sums *sums, float *gradients) {
  if (!sums->ranks.comm) return L4R_OK;
  const int status = l4r_comm_sum_finish(sums->ranks.comm);
  for (int t = 0; t < L4R_ROW_TABLES; t++) {
    if (sums->under_way[t] && !status)
      move_rows(&sums->rows->table[t], gradients, sums->packed[t], 1);
    sums->under_way[t] = 0;
  }
  return status;
}
