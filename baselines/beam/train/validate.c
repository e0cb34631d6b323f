/* SPDX-License-Identifier: BSD-3-Clause */
/* Validates with the serving code: the current weights are put on the blis stack, which predicts
 * the validation item of a sample of users, with the history removed from the answers (the masked
 * convention). Beam search over every user would take longer than an epoch. The sample is drawn
 * once from the run's seed, so that epochs are compared on the same users. */
#include "baselines/beam/train/validate.h"

#include "baselines/beam/server.h"
#include "baselines/beam/server_open.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/data/dataset.h"
#include "impl/lite/stacks.h"
#include "impl/rank.h"
#include "impl/train/loop/validation_users.h"

#include <math.h>
#include <string.h>

enum { DEFAULT_USERS = 1000, BEAMS = 20, REQUESTS = 32 };

int l4r_beam_draw_users(struct beam_task *task, uint64_t seed) {
  int64_t asked = task->options->validation_users;
  return l4r_validation_users(task->dataset, seed, asked ? asked : DEFAULT_USERS,
                              &task->validation_user, &task->validation_users);
}

struct asking { /* buffers for a batch of requests and answers */
  struct l4r_beam_server *server;
  struct l4r_request request[REQUESTS];
  struct l4r_ranking ranking[REQUESTS];
  l4r_item *item; /* [REQUESTS][BEAMS] */
  float *score;
  float *scores;       /* p5-head: [REQUESTS][items] */
  unsigned char *mark; /* [items + 1] */
  double hr10, ndcg10;
};

static void count_hit(struct asking *asking, int64_t rank) {
  if (rank > 10) return;
  asking->hr10 += 1;
  asking->ndcg10 += 1 / log2(1 + (double)rank);
}

static int is_seen(const struct l4r_request *request, l4r_item item) {
  for (int64_t i = 0; i < request->length; i++)
    if (request->history[i] == item) return 1;
  return 0;
}

/* Returns the place of the target among the answers outside the history, a very large one when it
 * is missing. */
static int64_t rank_in_answers(const struct l4r_request *request, const struct l4r_ranking *ranking,
                               l4r_item target) {
  int64_t rank = 1;
  for (int64_t i = 0; i < ranking->count; i++) {
    if (ranking->item[i] == target) return rank;
    rank += !is_seen(request, ranking->item[i]);
  }
  return INT64_MAX;
}

static int ask_batch(struct beam_task *task, struct asking *asking, const int64_t *user,
                     int64_t count) {
  const struct l4r_dataset *dataset = task->dataset;
  for (int64_t r = 0; r < count; r++) {
    int64_t first = dataset->train_start[user[r]];
    asking->request[r] = (struct l4r_request){.user = user[r],
                                              .history = dataset->train_item + first,
                                              .length = dataset->train_start[user[r] + 1] - first};
    asking->ranking[r] = (struct l4r_ranking){.item = asking->item + r * BEAMS,
                                              .score = asking->score + r * BEAMS};
  }
  int status = asking->scores
                   ? l4r_beam_server_score(asking->server, asking->request, count, asking->scores)
                   : l4r_beam_server_recommend(asking->server, asking->request, count, BEAMS,
                                               asking->ranking);
  for (int64_t r = 0; !status && r < count; r++) {
    l4r_item target = dataset->validation[user[r]];
    if (!asking->scores) {
      count_hit(asking, rank_in_answers(&asking->request[r], &asking->ranking[r], target));
      continue;
    }
    struct l4r_rank rank;
    l4r_rank_of(asking->scores + r * dataset->items, dataset->items, dataset->train_count, target,
                asking->request[r].history, asking->request[r].length, asking->mark, &rank);
    count_hit(asking, rank.mask);
  }
  return status;
}

static int open_asking(struct beam_task *task, struct l4r_team *team, const float *values,
                       struct asking *asking) {
  struct l4r_model model = {.config = *task->config,
                            .tensors = task->tensors,
                            .weights = {.tensors = &task->tensors, .values = values},
                            .tokenizer = task->tokenizer};
  const struct l4r_beam_server_spec spec = {.model = &model,
                                            .ids = &task->map,
                                            .dataset = task->dataset,
                                            .ops = l4r_stack_find("blis"),
                                            .team = team,
                                            .compute = {.isa = task->options->train.isa},
                                            .beams = BEAMS,
                                            .trie = L4R_TRIE_ON,
                                            .cached = 1,
                                            .max_batch = REQUESTS};
  int status = l4r_beam_server_open(&spec, &asking->server);
  if (status) return status;
  size_t items = (size_t)task->dataset->items;
  asking->item = l4r_alloc(REQUESTS * BEAMS, sizeof *asking->item, "rankings");
  asking->score = l4r_alloc(REQUESTS * BEAMS, sizeof *asking->score, "rankings");
  asking->mark = l4r_alloc(items + 1, 1, "item marks");
  int taken = asking->item && asking->score && asking->mark;
  if (task->config->kind == L4R_KIND_P5_HEAD) {
    asking->scores = l4r_alloc(REQUESTS * items, sizeof *asking->scores, "scores");
    taken = taken && asking->scores;
  }
  return taken ? L4R_OK : L4R_ENVIRONMENT;
}

int l4r_beam_validate(void *state, struct l4r_team *team, const float *values,
                      struct l4r_validation *validation) {
  struct beam_task *task = state;
  struct asking asking = {0};
  int status = open_asking(task, team, values, &asking);
  const struct l4r_train_ranks *ranks = &task->sums.ranks;
  int64_t done, end;
  l4r_split(task->validation_users, 1, ranks->rank, ranks->size, &done, &end);
  for (; !status && done < end; done += REQUESTS) {
    int64_t left = end - done;
    status = ask_batch(task, &asking, task->validation_user + done,
                       left < REQUESTS ? left : REQUESTS);
  }
  l4r_beam_server_close(asking.server);
  l4r_free(asking.item);
  l4r_free(asking.score);
  l4r_free(asking.scores);
  l4r_free(asking.mark);
  double sum[2] = {asking.hr10, asking.ndcg10};
  if (!status) status = l4r_ranks_sum_double(ranks, sum, 2);
  if (status) return status;
  double users = task->validation_users > 0 ? (double)task->validation_users : 1;
  *validation = (struct l4r_validation){
      .hr10 = sum[0] / users, .ndcg10 = sum[1] / users, .users = task->validation_users};
  return L4R_OK;
}
