/* SPDX-License-Identifier: BSD-3-Clause */
/* Validation encodes every item once and ranks, for every user with a validation item (or for the
 * requested sample), the whole catalogue without history items (the masked convention). The
 * evaluation does the same, but this uses the training layers and takes seconds, so that it can
 * follow each epoch. */
#include "impl/train/lite/validate.h"

#include "impl/base/error.h"
#include "impl/data/dataset.h"
#include "impl/rank.h"
#include "impl/train/items/encode.h"
#include "impl/train/items/slots.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/layers/matmul.h"
#include "impl/train/lite/head.h"
#include "impl/train/lite/readout.h"
#include "impl/train/lite/sequences.h"
#include "impl/train/lite/validate_divided.h"

#include <math.h>

/* Gathers validation users from place `at` on that have something to rank, until the worker's
 * positions are full: fills rec_start and rec_vector, and target with the users. Returns the first
 * place left. */
static int64_t gather(struct l4r_lite_task *lite, struct l4r_lite_worker *own, int64_t at,
                      int64_t end, int64_t *count) {
  int64_t positions = 0;
  *count = 0;
  own->rec_start[0] = 0;
  for (; at < end && *count < lite->sizes.block_rows; at++) {
    const l4r_item *item;
    const int64_t user = lite->validation_user[at], length = l4r_lite_last_items(lite, user, &item);
    if (length == 0) continue;
    if (positions + length > lite->sizes.rec_positions) break;
    l4r_train_items_gather(&lite->items, item, length,
                           own->rec_vector + positions * lite->sizes.width);
    positions += length;
    own->target[*count] = (int32_t)user;
    own->rec_start[++*count] = positions;
  }
  return at;
}

static void scores(struct l4r_lite_task *lite, int worker, int64_t count, const float *values) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  struct l4r_lite_head head = l4r_lite_head_of(lite, worker, 1, count, values, NULL);
  l4r_matmul(&(struct l4r_matmul){.kernels = lite->sizes.kernels,
                                  .m = count,
                                  .n = lite->sizes.items,
                                  .k = lite->sizes.width,
                                  .a = head.state,
                                  .b = head.weight,
                                  .trans_b = 1,
                                  .alpha = head.scale,
                                  .c = own->logits});
  for (int64_t s = 0; head.bias && s < count; s++)
    for (int64_t i = 0; i < lite->sizes.items; i++)
      own->logits[s * lite->sizes.items + i] += head.bias[i];
}

static void count_hits(struct l4r_lite_task *lite, struct l4r_lite_worker *own, int64_t count) {
  const struct l4r_dataset *dataset = lite->dataset;
  for (int64_t s = 0; s < count; s++) {
    int64_t user = own->target[s], first = dataset->train_start[user];
    struct l4r_rank rank;
    l4r_rank_of(own->logits + s * lite->sizes.items, lite->sizes.items, dataset->train_count,
                dataset->validation[user], dataset->train_item + first,
                dataset->train_start[user + 1] - first, own->mark, &rank);
    own->users++;
    if (rank.mask > 10) continue;
    own->hr10 += 1;
    own->ndcg10 += 1 / log2(1 + (double)rank.mask);
  }
}

static int rank_users(struct l4r_lite_task *lite, int worker, const float *values) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  int64_t at, end;
  l4r_split(lite->validation_users, 1, lite->sizes.ranks.first + worker, lite->sizes.ranks.workers,
            &at, &end);
  own->users = 0;
  own->hr10 = own->ndcg10 = 0;
  while (at < end) {
    int64_t count;
    at = gather(lite, own, at, end, &count);
    if (count == 0) continue;
    struct l4r_batch batch = {.count = count, .start = own->rec_start, .vector = own->rec_vector};
    int status = l4r_encoder_forward(own->rec, values, &batch, NULL, own->rec_hidden);
    if (status) return status;
    l4r_lite_read_out(lite, own, count);
    scores(lite, worker, count, values);
    count_hits(lite, own, count);
  }
  return L4R_OK;
}

struct part { /* of the team's call */
  struct l4r_lite_task *lite;
  struct l4r_team *team;
  const float *values;
};

static int work(void *argument, int worker, int workers) {
  const struct part *part = argument;
  int status = l4r_train_items_forward(&part->lite->items, part->team, worker, part->values, NULL);
  l4r_team_barrier(part->team);
  if (l4r_lite_head_prepare(part->lite, worker)) l4r_team_barrier(part->team);
  return status ? status : rank_users(part->lite, worker, part->values);
}

int l4r_lite_validate(void *state, struct l4r_team *team, const float *values,
                      struct l4r_validation *validation) {
  struct l4r_lite_task *lite = state;
  if (lite->items.each) return l4r_lite_validate_divided(lite, team, values, validation);
  l4r_slots_clear(&lite->items);
  for (int32_t item = 1; item <= lite->sizes.items; item++) l4r_slots_add(&lite->items, item);
  l4r_slots_choose(&lite->items, 1);
  int status = l4r_train_items_ready(&lite->items, NULL);
  if (status) return status;
  struct part part = {lite, team, values};
  status = l4r_team_run(team, work, &part);
  if (status) return status;
  double sum[3] = {0}; /* HR@10, NDCG@10, users */
  for (int w = 0; w < lite->sizes.workers; w++) {
    sum[0] += lite->worker[w].hr10;
    sum[1] += lite->worker[w].ndcg10;
    sum[2] += (double)lite->worker[w].users;
  }
  status = l4r_ranks_sum_double(&lite->sizes.ranks, sum, 3);
  if (status) return status;
  const double users = sum[2] > 0 ? sum[2] : 1;
  *validation = (struct l4r_validation){sum[0] / users, sum[1] / users, (int64_t)sum[2]};
  return L4R_OK;
}
