/* SPDX-License-Identifier: BSD-3-Clause */
/* Holds a catalogue divided among ranks against the same model on one rank: rankings and scores of
 * all users, bit by bit. A program of its own, as tests/ranks is: a child of Criterion is no rank.
 *
 * Usage: shard-tests DATA MODEL [key=value ...]: options of the arm. Begun by mpirun, or alone. */
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/team.h"
#include "impl/comm/comm.h"
#include "impl/data/dataset.h"
#include "impl/lite/lite.h"
#include "impl/lite/shard_serve.h"
#include "impl/shards/link.h"

#include <stdio.h>
#include <string.h>

enum { OPTIONS = 8, BATCH = 40, HISTORY = 64 }; /* more requests than the engine takes at once */

struct sides { /* rank 0's */
  struct l4r_dataset *dataset;
  void *one, *divided;
  l4r_item history[BATCH][HISTORY];
  struct l4r_request request[BATCH];
  int64_t compared;
};

static int open_side(const struct sides *sides, const char *model, struct l4r_option *option,
                     int options, void **handle) {
  const struct l4r_open_options given = {.model = model,
                                         .dataset = sides->dataset,
                                         .option = option,
                                         .options = options,
                                         .max_batch = BATCH,
                                         .max_k = sides->dataset->items};
  return l4r_engine_lite_blis.open(&given, handle);
}

static int open_sides(struct sides *sides, int argc, char **argv, int ranks) {
  struct l4r_option option[OPTIONS + 1];
  char count[16];
  int options = 0;
  for (int a = 3; a < argc && options < OPTIONS; a++) {
    char *equals = strchr(argv[a], '=');
    if (!equals) return l4r_fail(L4R_USAGE, "'%s' is no key=value", argv[a]);
    *equals = '\0';
    option[options++] = (struct l4r_option){argv[a], equals + 1};
  }
  snprintf(count, sizeof count, "%d", ranks);
  option[options] = (struct l4r_option){"shards", count};
  int status = l4r_dataset_open(argv[1], L4R_PART_TRAIN | L4R_PART_TEXT, &sides->dataset);
  if (!status) status = open_side(sides, argv[2], option, options, &sides->one);
  return status ? status : open_side(sides, argv[2], option, options + 1, &sides->divided);
}

/* Histories of `users` users from number `first` on; every ninth is empty. */
static void take_requests(struct sides *sides, int64_t first, int64_t users) {
  for (int64_t u = 0; u < users; u++) {
    const int64_t length = (first + u) % 9 ? l4r_dataset_history(sides->dataset, first + u, 0,
                                                                 sides->history[u], HISTORY)
                                           : 0;
    sides->request[u] = (struct l4r_request){first + u, sides->history[u], length};
  }
}

static int64_t different(const void *a, const void *b, size_t bytes) {
  return memcmp(a, b, bytes) != 0;
}

static int compare_rankings(struct sides *sides, int64_t n, int64_t k, int64_t *wrong) {
  const size_t all = (size_t)(n * k);
  struct l4r_ranking ranking[2][BATCH];
  l4r_item *item = l4r_alloc(2 * all, sizeof *item, "rankings");
  float *score = l4r_alloc(2 * all, sizeof *score, "rankings");
  int status = item && score ? L4R_OK : L4R_ENVIRONMENT;
  for (int s = 0; s < 2 && !status; s++) {
    for (int64_t r = 0; r < n; r++)
      ranking[s][r] = (struct l4r_ranking){item + (size_t)s * all + r * k,
                                           score + (size_t)s * all + r * k, -1};
    status = l4r_engine_lite_blis.recommend(s ? sides->divided : sides->one, sides->request, n, k,
                                            ranking[s]);
  }
  for (int64_t r = 0; r < n && !status; r++) {
    const struct l4r_ranking *a = &ranking[0][r], *b = &ranking[1][r];
    const size_t count = (size_t)a->count;
    *wrong += a->count != b->count || a->count < 1 ||
              different(a->item, b->item, count * sizeof *item) ||
              different(a->score, b->score, count * sizeof *score);
    sides->compared++;
  }
  l4r_free(item);
  l4r_free(score);
  return status;
}

static int compare_scores(struct sides *sides, int64_t n, int64_t *wrong) {
  const size_t all = (size_t)(n * sides->dataset->items);
  float *score = l4r_alloc(2 * all, sizeof *score, "scores");
  int status = score ? L4R_OK : L4R_ENVIRONMENT;
  for (int s = 0; s < 2 && !status; s++)
    status = l4r_engine_lite_blis.score(s ? sides->divided : sides->one, sides->request, n,
                                        score + (size_t)s * all);
  if (!status) *wrong += different(score, score + all, all * sizeof *score);
  sides->compared += n;
  l4r_free(score);
  return status;
}

static int compare(struct sides *sides) {
  const int64_t users = sides->dataset->users, items = sides->dataset->items;
  const int64_t depths[] = {1, 20, items};
  int64_t wrong = 0;
  int status = L4R_OK;
  for (int64_t first = 0; first < users && !status; first += BATCH) {
    const int64_t n = users - first < BATCH ? users - first : BATCH;
    take_requests(sides, first, n);
    for (int d = 0; d < 3 && !status; d++) status = compare_rankings(sides, n, depths[d], &wrong);
    if (!status) status = compare_rankings(sides, 1, 20, &wrong);
    if (!status) status = compare_scores(sides, n, &wrong);
  }
  if (status || !wrong) return status;
  return l4r_fail(L4R_CHECK, "%lld of %lld answers differ from those of one rank", (long long)wrong,
                  (long long)sides->compared);
}

static int ask(int argc, char **argv, struct l4r_link *link) {
  struct sides *sides = l4r_alloc(1, sizeof *sides, "two engines");
  int status = sides ? open_sides(sides, argc, argv, l4r_link_ranks(link)) : L4R_ENVIRONMENT;
  if (!status) status = compare(sides);
  if (!status)
    printf("shard-tests: %d ranks, %lld answers are those of one rank\n", l4r_link_ranks(link),
           (long long)sides->compared);
  if (sides && sides->one) l4r_engine_lite_blis.close(sides->one);
  if (sides && sides->divided) l4r_engine_lite_blis.close(sides->divided);
  if (sides && sides->dataset) l4r_dataset_close(sides->dataset);
  l4r_free(sides);
  if (!status) status = l4r_link_order(link, &(struct l4r_order){.kind = L4R_ORDER_STOP}, NULL);
  return status;
}

static int make_team(const void *context, int threads, struct l4r_team **team) {
  (void)context;
  return l4r_team_create(threads, NULL, team);
}

int main(int argc, char **argv) {
  struct l4r_comm *comm = NULL;
  if (argc < 3) {
    fprintf(stderr, "usage: shard-tests DATA MODEL [key=value ...]\n");
    return 2;
  }
  int status = l4r_comm_open(&comm);
  struct l4r_link *link = l4r_link_here();
  const struct l4r_shard_hands hands = {make_team, NULL};
  if (!status) l4r_link_use_comm(link, comm);
  if (!status) status = link->rank ? l4r_lite_shards_serve(link, &hands) : ask(argc, argv, link);
  if (status) fprintf(stderr, "shard-tests: %s\n", l4r_error_message());
  l4r_comm_end(comm, status);
  return l4r_exit_code(status);
}
