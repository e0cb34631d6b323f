/* SPDX-License-Identifier: BSD-3-Clause */
/* Walks the trie for many users at once; exact.h has the picture. All users are at the same level,
 * because the decoder's steps are theirs in common; each has its own nodes there. Work is spread
 * over the team as in beam search: the normalisers by rows, then the choice by users. */
#include "baselines/beam/search/exact.h"

#include "baselines/beam/search/exact_inner.h"
#include "baselines/beam/search/log_sum_exp.h"
#include "impl/base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Nodes of a user in its first parts, while k answers are not found yet, when k is smaller. */
enum { FEWEST = 8 };

static struct open_node *open_of(const struct l4r_exact *exact, int64_t level, int64_t user) {
  const struct level *at = &exact->at[level];
  return at->open + user * at->room;
}

static int64_t *next_of(const struct l4r_exact *exact, int64_t level, int64_t user) {
  return exact->next + level * exact->spec.max_users + user;
}

static int64_t *end_of(const struct l4r_exact *exact, int64_t level, int64_t user) {
  return exact->end + level * exact->spec.max_users + user;
}

static float score_of(const struct l4r_exact *exact, float sum, int64_t tokens) {
  return exact->spec.by_sum ? sum : (float)((double)sum / (double)tokens);
}

/* 1 when a bound reaches the k-th best score. A log-probability may come out above 0 by rounding,
 * and bits depend on who is decoded beside whom, so the bound has more slack than both. NaN does
 * not reach. */
static int reaches(const struct exact_user *user, float bound) {
  if (user->best.count < user->best.capacity) return !isnan(bound);
  const float worst = user->best.score[0];
  return bound >= worst - 1e-5f * (1 + fabsf(worst));
}

static int compare_bounds(const void *left, const void *right) {
  const struct open_node *a = left, *b = right;
  if (a->bound != b->bound) return a->bound > b->bound ? -1 : 1;
  return a->node < b->node ? -1 : a->node > b->node;
}

static void add_answer(struct l4r_exact *exact, struct exact_user *user, int32_t node, float sum) {
  const float score = score_of(exact, sum, exact->level + 1);
  if (!isnan(score)) l4r_heap_offer(&user->best, exact->spec.trie->item[node], score);
}

/* Takes a child that the user may enter: it waits, unless nothing is left to decode there. */
static void add_child(struct l4r_exact *exact, int64_t at, int32_t child, float sum, int64_t row) {
  struct exact_user *user = &exact->user[at];
  if (exact->spec.restricted && l4r_trie_is_leaf(exact->spec.trie, child)) {
    const float score = score_of(exact, sum, exact->level + 2);
    if (!isnan(score) && !l4r_has_bit(user->excluded.unended, child))
      l4r_heap_offer(&user->best, exact->spec.trie->item[child], score);
    return;
  }
  const float bound = score_of(exact, sum, exact->deepest[child]);
  if (!reaches(user, bound)) return;
  open_of(exact, exact->level + 1,
          at)[(*end_of(exact, exact->level + 1, at))++] = (struct open_node){
      .sum = sum, .bound = bound, .node = child, .parent = (int32_t)row};
}

/* The row's item is an answer where one ends, and its children wait at the next level. */
static void expand(struct l4r_exact *exact, int64_t at, int64_t row) {
  const struct l4r_exact_spec *spec = &exact->spec;
  const struct l4r_trie *trie = spec->trie;
  struct exact_user *user = &exact->user[at];
  const struct open_node *mine = &exact->row[row];
  const float *logits = exact->logits +
                        (spec->restricted ? exact->choice_start[row] : row * spec->vocabulary);
  const float normaliser = exact->normaliser[row];
  int64_t next = 0;
  if (trie->item[mine->node]) {
    const float logit = logits[spec->restricted ? next++ : L4R_END_TOKEN];
    if (!l4r_has_bit(user->excluded.unended, mine->node))
      add_answer(exact, user, mine->node, mine->sum + (logit - normaliser));
  }
  for (int32_t child = trie->child[mine->node]; child < trie->child[mine->node + 1]; child++) {
    const float logit = logits[spec->restricted ? next++ : trie->token[child]];
    if (l4r_has_bit(user->excluded.barred, child)) continue;
    add_child(exact, at, child, mine->sum + (logit - normaliser), row);
  }
}

static float normaliser_of(const struct l4r_exact *exact, int64_t row) {
  const struct l4r_exact_spec *spec = &exact->spec;
  if (!spec->restricted)
    return l4r_log_sum_exp(exact->kernels, exact->logits + row * spec->vocabulary, spec->vocabulary,
                           spec->unused_begin, spec->unused_end);
  const int64_t *start = exact->choice_start + row;
  return l4r_log_sum_exp(exact->kernels, exact->logits + start[0], start[1] - start[0], 0, 0);
}

static int work_part(void *argument, int worker, int workers) {
  struct l4r_exact *exact = argument;
  const struct l4r_exact_spec *spec = &exact->spec;
  int64_t begin, end;
  l4r_split(exact->rows, 1, worker, workers, &begin, &end);
  for (int64_t row = begin; row < end; row++) exact->normaliser[row] = normaliser_of(exact, row);
  if (workers > 1) l4r_team_barrier(spec->team);
  for (int64_t at = worker; at < exact->users; at += workers) {
    const struct exact_user *user = &exact->user[at];
    for (int64_t row = user->row; row < user->row + user->rows; row++) expand(exact, at, row);
    if (!user->rows || exact->level + 1 == spec->steps) continue;
    qsort(open_of(exact, exact->level + 1, at), (size_t)*end_of(exact, exact->level + 1, at),
          sizeof(struct open_node), compare_bounds);
  }
  return L4R_OK;
}

/* Drops what no longer reaches the k-th best, and counts the users who still have nodes. */
static int64_t count_users(struct l4r_exact *exact) {
  int64_t users = 0;
  for (int64_t at = 0; at < exact->users; at++) {
    int64_t *next = next_of(exact, exact->level, at), *end = end_of(exact, exact->level, at);
    if (*next < *end && !reaches(&exact->user[at], open_of(exact, exact->level, at)[*next].bound))
      *next = *end;
    users += *next < *end;
  }
  return users;
}

static void list_row(struct l4r_exact *exact, int64_t at, const struct open_node *open) {
  const struct l4r_trie *trie = exact->spec.trie;
  const int64_t row = exact->rows++;
  exact->row[row] = *open;
  exact->row_user[row] = at;
  exact->row_parent[row] = open->parent;
  exact->row_token[row] = exact->level ? trie->token[open->node] : L4R_START_TOKEN;
  if (!exact->spec.restricted) return;
  const int64_t choices = exact->choice_start[row];
  exact->choice_start[row + 1] = choices +
                                 l4r_trie_choose(trie, open->node, exact->choice + choices);
}

/* Makes the next part of the level: the best nodes of every user, evenly. Before a user has k
 * answers, k nodes are enough for it: they lead to answers that spare it others. */
static void list_part(struct l4r_exact *exact) {
  const int64_t users = count_users(exact), level = exact->level;
  struct l4r_search_work *work = &exact->at[level].work;
  exact->rows = 0;
  if (!users) return;
  const int64_t fair = exact->spec.rows / users;
  for (int64_t at = 0; at < exact->users; at++) {
    struct exact_user *user = &exact->user[at];
    const struct open_node *open = open_of(exact, level, at);
    int64_t *next = next_of(exact, level, at), *end = end_of(exact, level, at);
    int64_t most = fair, wanted = user->best.capacity - user->best.count;
    if (wanted > 0 && wanted < FEWEST) wanted = FEWEST;
    if (wanted > 0 && wanted < most) most = wanted;
    user->row = exact->rows;
    while (*next < *end && exact->rows - user->row < most && reaches(user, open[*next].bound))
      list_row(exact, at, &open[(*next)++]);
    user->rows = exact->rows - user->row;
    work->users += user->rows > 0;
    if (level + 1 < exact->spec.steps)
      *next_of(exact, level + 1, at) = *end_of(exact, level + 1, at) = 0;
  }
  work->rows += (double)exact->rows;
}

static int decode_part(struct l4r_exact *exact, const struct l4r_exact_decoder *decoder) {
  const struct l4r_decode_rows rows = {.rows = exact->rows,
                                       .user = exact->row_user,
                                       .parent = exact->level ? exact->row_parent : NULL,
                                       .token = exact->row_token,
                                       .choice_start = exact->choice_start,
                                       .choice = exact->choice};
  int status = decoder->rewind(decoder->decoder, exact->level);
  if (!status) status = decoder->step(decoder->decoder, &rows, exact->logits);
  return status ? status : l4r_team_run(exact->spec.team, work_part, exact);
}

static void begin(struct l4r_exact *exact, int64_t users, int64_t k) {
  const struct l4r_exact_spec *spec = &exact->spec;
  exact->users = users;
  exact->level = 0;
  for (int64_t at = 0; at < users; at++) {
    exact->user[at] = (struct exact_user){.best = {.item = exact->item + at * spec->max_k,
                                                   .score = exact->score + at * spec->max_k,
                                                   .capacity = k,
                                                   .popularity = spec->popularity},
                                          .excluded = l4r_excluded_of(&exact->exclusions, at)};
    open_of(exact, 0, at)[0] = (struct open_node){.sum = 0};
    *next_of(exact, 0, at) = 0;
    *end_of(exact, 0, at) = 1;
  }
  l4r_exclusions_end(&exact->exclusions);
}

int l4r_exact_run(struct l4r_exact *exact, int64_t users, int64_t k,
                  const struct l4r_exact_decoder *decoder) {
  const struct l4r_exact_spec *spec = &exact->spec;
  if (k > spec->trie->items) k = spec->trie->items;
  if (users > spec->max_users || k > spec->max_k || k < 1)
    return l4r_fail(
        L4R_USAGE, "an exact search was opened for %lld users and %lld answers, not %lld and %lld",
        (long long)spec->max_users, (long long)spec->max_k, (long long)users, (long long)k);
  begin(exact, users, k);
  while (exact->level >= 0) {
    list_part(exact);
    int status = exact->rows ? decode_part(exact, decoder) : L4R_OK;
    if (status) return status;
    const int deeper = exact->rows && exact->level + 1 < spec->steps;
    if (!exact->rows)
      exact->level--;
    else if (deeper)
      exact->level++;
  }
  for (int64_t at = 0; at < users; at++) l4r_heap_sort(&exact->user[at].best);
  exact->ranked += users;
  return L4R_OK;
}

int l4r_exact_exclude(struct l4r_exact *exact, int64_t user, const struct l4r_id_tokens *ids,
                      const l4r_item *item, int64_t n) {
  return l4r_exclude(&exact->exclusions, user, ids, item, n);
}

void l4r_exact_ranking(const struct l4r_exact *exact, int64_t user, struct l4r_ranking *ranking) {
  const struct l4r_heap *best = &exact->user[user].best;
  ranking->count = best->count;
  memcpy(ranking->item, best->item, (size_t)best->count * sizeof *ranking->item);
  memcpy(ranking->score, best->score, (size_t)best->count * sizeof *ranking->score);
}

int l4r_exact_work(const struct l4r_exact *exact, int64_t level, struct l4r_search_work *work) {
  const struct level *at = &exact->at[level];
  *work = (struct l4r_search_work){.rows = (double)at->nodes, .users = at->nodes > 0};
  if (!exact->ranked) return 0;
  work->rows = at->work.rows / (double)exact->ranked;
  work->users = at->work.users / (double)exact->ranked;
  return 1;
}
