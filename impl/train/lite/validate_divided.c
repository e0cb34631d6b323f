/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/lite/validate_divided.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/config_sizes.h"
#include "impl/rank.h"
#include "impl/train/items/encode.h"
#include "impl/train/items/share.h"
#include "impl/train/items/slots.h"
#include "impl/train/layers/encoder.h"
#include "impl/train/layers/matmul.h"
#include "impl/train/layers/unit.h"
#include "impl/train/lite/head.h"
#include "impl/train/lite/readout.h"
#include "impl/train/lite/sequences.h"
#include "impl/train/loop/tensors_divided.h"

#include <math.h>
#include <string.h>

enum { JUDGED = 1024 };

int l4r_lite_judged_open(struct l4r_lite_task *lite) {
  struct l4r_lite_judged *judged = &lite->judged;
  const size_t most = JUDGED, width = (size_t)lite->sizes.width;
  judged->most = JUDGED;
  judged->user = l4r_alloc(most, sizeof *judged->user, "users of validation");
  judged->state = l4r_alloc(most * width, sizeof(float), "states of users");
  judged->sent = l4r_alloc(most * width, sizeof(float), "states of users");
  judged->target = l4r_alloc(most, sizeof *judged->target, "scores of users");
  judged->ahead = l4r_alloc(most, sizeof *judged->ahead, "ranks of users");
  return judged->user && judged->state && judged->sent && judged->target && judged->ahead
             ? L4R_OK
             : L4R_ENVIRONMENT;
}

void l4r_lite_judged_close(struct l4r_lite_task *lite) {
  struct l4r_lite_judged *judged = &lite->judged;
  void *const all[] = {judged->user, judged->state, judged->sent, judged->target, judged->ahead};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
  *judged = (struct l4r_lite_judged){0};
}

/* Takes users from place `at` of the list on, and gives their items slots, until there is room for
 * no more. Returns the first place left. */
static int64_t take_users(struct l4r_lite_task *lite, int64_t at) {
  struct l4r_lite_judged *judged = &lite->judged;
  const l4r_item *item;
  l4r_slots_clear(&lite->items);
  judged->count = 0;
  for (; at < lite->validation_users && judged->count < judged->most; at++) {
    const int64_t user = lite->validation_user[at], length = l4r_lite_last_items(lite, user, &item);
    if (length == 0) continue;
    if (lite->items.slots + length > lite->items.most_slots && judged->count) break;
    for (int64_t p = 0; p < length; p++) l4r_slots_add(&lite->items, item[p]);
    judged->user[judged->count++] = (int32_t)user;
  }
  l4r_slots_choose(&lite->items, 1);
  return at;
}

/* The judged users of worker `number` of all ranks. */
static void users_of(const struct l4r_lite_task *lite, int number, int64_t *begin, int64_t *end) {
  l4r_split(lite->judged.count, 1, number, lite->sizes.ranks.workers, begin, end);
}

/* --- states --- */

static int encode_users(struct l4r_lite_task *lite, int worker, const float *values) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  const int64_t width = lite->sizes.width;
  int64_t at, end;
  users_of(lite, lite->sizes.ranks.first + worker, &at, &end);
  while (at < end) {
    int64_t count = 0, positions = 0;
    own->rec_start[0] = 0;
    for (; at + count < end; count++) {
      const l4r_item *item;
      const int64_t length = l4r_lite_last_items(lite, lite->judged.user[at + count], &item);
      if (positions + length > lite->sizes.rec_positions) break;
      l4r_train_items_gather(&lite->items, item, length, own->rec_vector + positions * width);
      positions += length;
      own->rec_start[count + 1] = positions;
    }
    struct l4r_batch batch = {.count = count, .start = own->rec_start, .vector = own->rec_vector};
    const int status = l4r_encoder_forward(own->rec, values, &batch, NULL, own->rec_hidden);
    if (status) return status;
    l4r_lite_read_out(lite, own, count);
    float *to = lite->judged.sent + at * width;
    memcpy(to, own->state, (size_t)(count * width) * sizeof *to);
    if (own->unit_state) l4r_unit_rows(count, width, own->state, to, own->inverse);
    at += count;
  }
  return L4R_OK;
}

static int share_states(struct l4r_lite_task *lite) {
  const struct l4r_train_ranks *ranks = &lite->sizes.ranks;
  const int workers = lite->sizes.workers;
  int64_t *bytes = l4r_alloc((size_t)ranks->size, sizeof *bytes, "states of users");
  int64_t begin, end, mine;
  if (!bytes) return L4R_ENVIRONMENT;
  for (int r = 0; r < ranks->size; r++) {
    users_of(lite, r * workers, &begin, &end);
    mine = begin;
    users_of(lite, r * workers + workers - 1, &begin, &end);
    bytes[r] = (end - mine) * lite->sizes.width * (int64_t)sizeof(float);
  }
  users_of(lite, ranks->first, &mine, &end);
  const int status = l4r_comm_share(ranks->comm, lite->judged.sent + mine * lite->sizes.width,
                                    bytes, lite->judged.state);
  l4r_free(bytes);
  return status;
}

/* --- scores --- */

/* The rows of this rank as scores see them. */
static const float *weights_of(const struct l4r_lite_task *lite, const float *values) {
  return lite->unit ? lite->unit : values + lite->items.id;
}

static void score(const struct l4r_lite_task *lite, int64_t at, int64_t count, int64_t row,
                  int64_t rows, const float *values, float *scores) {
  const int64_t width = lite->sizes.width;
  if (!rows) return; /* the last of many ranks may have none */
  l4r_matmul(&(struct l4r_matmul){.kernels = lite->sizes.kernels,
                                  .m = count,
                                  .n = rows,
                                  .k = width,
                                  .a = lite->judged.state + at * width,
                                  .b = weights_of(lite, values) + row * width,
                                  .trans_b = 1,
                                  .alpha = (float)l4r_tied_scale(lite->config),
                                  .c = scores});
}

/* The scores of held-out items that this rank has, and 0 for the others. */
static void score_targets(struct l4r_lite_task *lite, const float *values) {
  for (int64_t u = 0; u < lite->judged.count; u++) {
    const l4r_item target = lite->dataset->validation[lite->judged.user[u]];
    const int64_t row = l4r_train_items_row(&lite->items, target);
    float scored = 0;
    if (row >= 0) score(lite, u, 1, row, 1, values, &scored);
    lite->judged.target[u] = (double)scored;
  }
}

static int is_ahead(const struct l4r_lite_task *lite, const float *scores, int64_t row, float mine,
                    l4r_item target) {
  const int64_t *popularity = lite->dataset->train_count;
  const l4r_item item = (l4r_item)(lite->items.first + row + 1);
  return item != target &&
         l4r_before(scores[row], popularity[item], item, mine, popularity[target], target);
}

/* How many of this rank's items that the user has not seen stand before the held-out one. */
static int64_t count_ahead(const struct l4r_lite_task *lite, struct l4r_lite_worker *own, int64_t u,
                           int64_t held, const float *scores) {
  const struct l4r_dataset *dataset = lite->dataset;
  const int64_t user = lite->judged.user[u];
  const l4r_item target = dataset->validation[user];
  const l4r_item *item = dataset->train_item + dataset->train_start[user];
  const int64_t length = dataset->train_start[user + 1] - dataset->train_start[user];
  const float mine = (float)lite->judged.target[u];
  int64_t ahead = 0;
  for (int64_t row = 0; row < held; row++) ahead += is_ahead(lite, scores, row, mine, target);
  for (int64_t h = 0; h < length; h++) {
    const int64_t row = l4r_train_items_row(&lite->items, item[h]);
    if (row < 0 || own->mark[item[h]]) continue;
    own->mark[item[h]] = 1;
    ahead -= is_ahead(lite, scores, row, mine, target);
  }
  for (int64_t h = 0; h < length; h++) own->mark[item[h]] = 0;
  return ahead;
}

static void count_users(struct l4r_lite_task *lite, int worker, int64_t held, const float *values) {
  struct l4r_lite_worker *own = &lite->worker[worker];
  int64_t at, end;
  l4r_split(lite->judged.count, 1, worker, lite->sizes.workers, &at, &end);
  for (int64_t count; at < end; at += count) {
    count = end - at < lite->sizes.block_rows ? end - at : lite->sizes.block_rows;
    score(lite, at, count, 0, held, values, own->logits);
    for (int64_t u = 0; u < count; u++)
      lite->judged.ahead[at + u] = count_ahead(lite, own, at + u, held, own->logits + u * held);
  }
}

/* --- all of it --- */

struct part { /* of the team's call */
  struct l4r_lite_task *lite;
  struct l4r_team *team;
  const float *values;
  int64_t held;
};

static int states_work(void *argument, int worker, int workers) {
  const struct part *part = argument;
  int status = worker ? L4R_OK : l4r_train_items_share_rows(&part->lite->items, part->values);
  l4r_team_barrier(part->team);
  return status ? status : encode_users(part->lite, worker, part->values);
}

static int count_work(void *argument, int worker, int workers) {
  const struct part *part = argument;
  count_users(part->lite, worker, part->held, part->values);
  return L4R_OK;
}

static int unit_work(void *argument, int worker, int workers) {
  const struct part *part = argument;
  struct l4r_lite_task *lite = part->lite;
  const int64_t width = lite->sizes.width;
  int64_t begin, end;
  l4r_split(part->held, 1, worker, workers, &begin, &end);
  l4r_unit_rows(end - begin, width, part->values + lite->items.id + begin * width,
                lite->unit + begin * width, lite->inverse + begin);
  return L4R_OK;
}

/* 1 where the held-out item is one that the user has seen, which has no place among the others. */
static int is_seen(const struct l4r_dataset *dataset, int64_t user) {
  for (int64_t h = dataset->train_start[user]; h < dataset->train_start[user + 1]; h++)
    if (dataset->train_item[h] == dataset->validation[user]) return 1;
  return 0;
}

static void judge(const struct l4r_lite_task *lite, struct l4r_validation *sum) {
  for (int64_t u = 0; u < lite->judged.count; u++) {
    const int64_t rank = 1 + lite->judged.ahead[u];
    sum->users++;
    if (rank > 10 || is_seen(lite->dataset, lite->judged.user[u])) continue;
    sum->hr10 += 1;
    sum->ndcg10 += 1 / log2(1 + (double)rank);
  }
}

int l4r_lite_validate_divided(struct l4r_lite_task *lite, struct l4r_team *team,
                              const float *values, struct l4r_validation *validation) {
  const struct l4r_train_ranks *ranks = &lite->sizes.ranks;
  struct part part = {.lite = lite,
                      .team = team,
                      .values = values,
                      .held = l4r_tensor_held(l4r_tensors_divided(lite->tensors))};
  struct l4r_validation sum = {0};
  int status = L4R_OK;
  if (lite->unit) l4r_team_run(team, unit_work, &part);
  for (int64_t at = 0; at < lite->validation_users && !status;) {
    at = take_users(lite, at);
    status = l4r_train_items_ready(&lite->items, NULL);
    if (!status) status = l4r_team_run(team, states_work, &part);
    if (!status) status = share_states(lite);
    if (status) return status;
    score_targets(lite, values);
    status = l4r_ranks_sum_double(ranks, lite->judged.target, lite->judged.count);
    if (!status) status = l4r_team_run(team, count_work, &part);
    if (!status) status = l4r_comm_sum_int(ranks->comm, lite->judged.ahead, lite->judged.count);
    if (!status) judge(lite, &sum);
  }
  const double users = sum.users > 0 ? (double)sum.users : 1;
  *validation = (struct l4r_validation){sum.hr10 / users, sum.ndcg10 / users, sum.users};
  return status;
}
