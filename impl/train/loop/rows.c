/* SPDX-License-Identifier: BSD-3-Clause */
/* Steps that name few rows of large tables: clearing, the gradient's norm and AdamW's update cover
 * everything outside the tables, and these rows. Without tables there is one gap, the whole flat
 * buffer, as for dense steps. */
#include "impl/train/loop/rows.h"

#include "impl/base/error.h"
#include "impl/train/loop/adam.h"
#include "impl/train/loop/run.h"

#include <math.h>
#include <string.h>

int l4r_rows_gap(const struct l4r_train_rows *rows, int64_t floats, int gap, int64_t *begin,
                 int64_t *end) {
  int tables = rows ? rows->count : 0;
  if (gap > tables) return 0;
  *begin = gap > 0 ? rows->table[gap - 1].offset +
                         rows->table[gap - 1].total * rows->table[gap - 1].width
                   : 0;
  *end = gap < tables ? rows->table[gap].offset : floats;
  return 1;
}

/* Clears the tables after a step, because the next step names other rows. */
void l4r_train_clear(struct l4r_train_run *run) {
  const struct l4r_train_rows *rows = run->task->rows;
  int64_t begin, end;
  for (int gap = 0; l4r_rows_gap(rows, run->task->tensors->trained, gap, &begin, &end); gap++)
    memset(run->gradients + begin, 0, (size_t)(end - begin) * sizeof(float));
}

struct rows_work {
  const struct l4r_adam_kernels *kernels; /* NULL where nothing is summed */
  const struct l4r_row_table *table;
  float *gradients;
  double *norm;
};

/* Rows whose squares make the norm: of a divided table those of all ranks. */
static int64_t norm_rows(const struct l4r_row_table *table) {
  return table->summed ? table->summed_rows : table->rows;
}

static int rows_norm(void *argument, int worker, int workers) {
  const struct rows_work *work = argument;
  const struct l4r_row_table *table = work->table;
  int64_t begin, end, width = table->width;
  l4r_split(norm_rows(table), 1, worker, workers, &begin, &end);
  for (int64_t r = begin; r < end; r++)
    work->norm[r] = work->kernels->squares(table->summed ? table->summed + r * width
                                                         : work->gradients + table->offset +
                                                               table->row[r] * width,
                                           width);
  return L4R_OK;
}

double l4r_train_gradient_norm(struct l4r_train_run *run) {
  const struct l4r_train_rows *rows = run->task->rows;
  struct l4r_team *team = run->options->team;
  int64_t begin, end, floats = run->task->tensors->trained;
  if (!rows || rows->count == 0)
    return l4r_adam_norm(team, run->adam, run->gradients, floats, run->norm);
  double sum = 0;
  for (int gap = 0; l4r_rows_gap(rows, floats, gap, &begin, &end); gap++)
    sum += pow(l4r_adam_norm(team, run->adam, run->gradients + begin, end - begin, run->norm), 2);
  for (int t = 0; t < rows->count; t++) {
    struct rows_work work = {run->adam, &rows->table[t], run->gradients, run->norm};
    l4r_team_run(team, rows_norm, &work);
    for (int64_t r = 0; r < norm_rows(work.table); r++) sum += run->norm[r];
  }
  return sqrt(sum);
}

static int rows_clear(void *argument, int worker, int workers) {
  const struct rows_work *work = argument;
  int64_t begin, end, width = work->table->width;
  l4r_split(work->table->rows, 1, worker, workers, &begin, &end);
  for (int64_t r = begin; r < end; r++)
    memset(work->gradients + work->table->offset + work->table->row[r] * width, 0,
           (size_t)width * sizeof(float));
  return L4R_OK;
}

void l4r_train_clear_rows(struct l4r_train_run *run) {
  const struct l4r_train_rows *rows = run->task->rows;
  for (int t = 0; rows && t < rows->count; t++) {
    struct rows_work work = {NULL, &rows->table[t], run->gradients, NULL};
    l4r_team_run(run->options->team, rows_clear, &work);
  }
}

int64_t l4r_train_norm_values(const struct l4r_train_task *task) {
  int64_t blocks = l4r_adam_blocks(task->tensors->trained), most = blocks;
  return task->rows && task->rows->most > most ? task->rows->most : most;
}
