/* SPDX-License-Identifier: BSD-3-Clause */
/* AdamW over flat buffers. One update touches five arrays once, so it is bound by memory: workers
 * share every tensor (only matrices decay), or the rows of it that the step named. The inner loops
 * are those of the set of instructions that trains (kernels/). Nothing in them depends on where a
 * part begins, so the result has the same bits for any number of workers. */
#include "impl/train/loop/adam.h"

#include "impl/base/error.h"
#include "impl/train/loop/run.h"

#include <math.h>

/* Short enough to share out among workers, and not so long that double sums would be needed. */
enum { NORM_BLOCK = 4096 };

int64_t l4r_adam_blocks(int64_t floats) {
  return (floats + NORM_BLOCK - 1) / NORM_BLOCK;
}

struct norm_work {
  const struct l4r_adam_kernels *kernels;
  const float *gradients;
  int64_t floats;
  double *norm;
};

static int norm_part(void *argument, int worker, int workers) {
  struct norm_work *work = argument;
  int64_t begin, end;
  l4r_split(l4r_adam_blocks(work->floats), 1, worker, workers, &begin, &end);
  for (int64_t b = begin; b < end; b++) {
    int64_t from = b * NORM_BLOCK, left = work->floats - from;
    work->norm[b] = work->kernels->squares(work->gradients + from,
                                           left < NORM_BLOCK ? left : NORM_BLOCK);
  }
  return L4R_OK;
}

double l4r_adam_norm(struct l4r_team *team, const struct l4r_adam_kernels *kernels,
                     const float *gradients, int64_t floats, double *norm) {
  struct norm_work work = {kernels, gradients, floats, norm};
  l4r_team_run(team, norm_part, &work);
  double sum = 0;
  for (int64_t b = 0; b < l4r_adam_blocks(floats); b++) sum += norm[b];
  return sqrt(sum);
}

static struct l4r_adam_rates rates_of(const struct l4r_adam_step *step, double rate) {
  return (struct l4r_adam_rates){
      .scale = (float)step->scale,
      .beta1 = (float)step->beta1,
      .one_beta1 = (float)(1 - step->beta1),
      .beta2 = (float)step->beta2,
      .one_beta2 = (float)(1 - step->beta2),
      .step = (float)(rate / (1 - pow(step->beta1, (double)step->update))),
      .root2 = (float)(1 / sqrt(1 - pow(step->beta2, (double)step->update))),
      .epsilon = (float)step->epsilon,
  };
}

static void update_at(const struct l4r_adam_step *step, const struct l4r_adam_rates *rates,
                      int64_t from, int64_t count) {
  step->kernels->update(rates, &(struct l4r_adam_range){.gradients = step->gradients + from,
                                                        .values = step->values + from,
                                                        .first = step->first + from,
                                                        .second = step->second + from,
                                                        .count = count});
}

static const struct l4r_row_table *table_of(const struct l4r_train_rows *rows, int64_t offset) {
  for (int t = 0; rows && t < rows->count; t++)
    if (rows->table[t].offset == offset) return &rows->table[t];
  return NULL;
}

static int update_part(void *argument, int worker, int workers) {
  const struct l4r_adam_step *step = argument;
  const struct l4r_adam_rates common = rates_of(step, step->rate),
                              embedding = rates_of(step, step->rate * step->embedding_rate),
                              pretrained = rates_of(step, step->rate * step->pretrained_rate);
  for (int64_t t = 0; t < step->tensors->count; t++) {
    const struct l4r_tensor *tensor = &step->tensors->tensor[t];
    if (tensor->offset >= step->tensors->trained) break; /* so are all that follow */
    struct l4r_adam_rates rates = tensor->pretrained  ? pretrained
                                  : tensor->embedding ? embedding
                                                      : common;
    const double decay = step->decay * (tensor->pretrained ? step->pretrained_rate : 1);
    const struct l4r_row_table *table = table_of(step->rows, tensor->offset);
    int64_t begin, end;
    rates.keep = tensor->decay ? (float)(1 - step->rate * decay) : 1.0f;
    l4r_split(table ? table->rows : tensor->count, table ? 1 : 16, worker, workers, &begin, &end);
    if (!table) update_at(step, &rates, tensor->offset + begin, end - begin);
    for (int64_t r = begin; table && r < end; r++)
      update_at(step, &rates, tensor->offset + table->row[r] * table->width, table->width);
  }
  return L4R_OK;
}

int l4r_adam_update(struct l4r_team *team, const struct l4r_adam_step *step) {
  return l4r_team_run(team, update_part, (void *)(uintptr_t)step);
}
