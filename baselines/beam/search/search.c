/* SPDX-License-Identifier: BSD-3-Clause */
/* Beam search over many users at once. Every step is one call of the decoder with the beams of all
 * users that still run, then a choice per user; search.h states the rules.
 *
 * Beams are rows: a user's rows are adjacent, and a row's parent is the row of the previous step
 * that it extends, which is all that a decoder needs to reorder its cache. (Beams that are no
 * longer decoded have no row, and nothing extends them.) Finished users leave the batch. The token
 * strings of beams are short (an id), so they are copied, not chained.
 *
 * Work is spread over the team twice per step: the normalisers by rows, because they take the most
 * time (vocabulary x beams exponentials), then the choice by users. */
#include "baselines/beam/search/search.h"
#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/search/advance.h"
#include "baselines/beam/search/log_sum_exp.h"
#include "baselines/beam/search/search_inner.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *take(struct l4r_search *search, int64_t count, size_t size, int *status) {
  void *memory = l4r_alloc((size_t)count, size, "beam search");
  if (!memory) *status = L4R_ENVIRONMENT;
  search->bytes += count * (int64_t)size;
  return memory;
}

static int take_all(struct l4r_search *search) {
  const struct l4r_search_spec *spec = &search->spec;
  int status = L4R_OK, workers = l4r_team_size(spec->team);
  int64_t users = spec->max_users, rows = users * spec->beams;
  search->user = take(search, users, sizeof *search->user, &status);
  search->running = take(search, users, sizeof *search->running, &status);
  for (int side = 0; side < 2; side++) {
    search->beam[side] = take(search, rows, sizeof *search->beam[side], &status);
    search->text[side] = take(search, rows * spec->steps, sizeof *search->text[side], &status);
  }
  /* One more answer than is kept: the new one, before the worst is dropped. */
  search->answer = take(search, users * (spec->beams + 1), sizeof *search->answer, &status);
  search->answer_text = take(search, users * (spec->beams + 1) * spec->steps,
                             sizeof *search->answer_text, &status);
  search->row_user = take(search, rows, sizeof *search->row_user, &status);
  search->row_parent = take(search, rows, sizeof *search->row_parent, &status);
  search->row_token = take(search, rows, sizeof *search->row_token, &status);
  search->work = take(search, spec->steps, sizeof *search->work, &status);
  search->normaliser = take(search, rows, sizeof *search->normaliser, &status);
  search->per_row = spec->restricted ? l4r_trie_most_choices(spec->trie) : spec->vocabulary;
  search->logits = take(search, rows * search->per_row, sizeof *search->logits, &status);
  if (spec->restricted) {
    search->choice_start = take(search, rows + 1, sizeof *search->choice_start, &status);
    search->choice = take(search, rows * search->per_row, sizeof *search->choice, &status);
  }
  search->candidate = take(search, workers * 2 * spec->beams, sizeof *search->candidate, &status);
  return status;
}

int l4r_search_open(const struct l4r_search_spec *spec, struct l4r_search **out) {
  if (spec->beams < 1 || spec->max_users < 1 || spec->steps < 1)
    return l4r_fail(L4R_USAGE, "beams=%lld: a beam search needs at least one beam",
                    (long long)spec->beams);
  if (spec->restricted && !spec->trie)
    return l4r_fail(L4R_USAGE, "a restricted beam search needs the trie that restricts it");
  struct l4r_search *search = l4r_alloc(1, sizeof *search, "beam search");
  if (!search) return L4R_ENVIRONMENT;
  search->spec = *spec;
  search->kernels = spec->kernels ? spec->kernels : l4r_kernels_of(l4r_isa_widest());
  search->exclusions = (struct l4r_exclusions){.trie = spec->trie, .max_users = spec->max_users};
  const int status = take_all(search);
  if (status)
    l4r_search_close(search);
  else
    *out = search;
  return status;
}

void l4r_search_close(struct l4r_search *search) {
  if (!search) return;
  void *const part[] = {search->user,       search->running,     search->beam[0],
                        search->beam[1],    search->text[0],     search->text[1],
                        search->answer,     search->answer_text, search->row_user,
                        search->row_parent, search->row_token,   search->normaliser,
                        search->logits,     search->candidate,   search->choice_start,
                        search->choice,     search->work};
  for (size_t i = 0; i < sizeof part / sizeof *part; i++) l4r_free(part[i]);
  l4r_exclusions_free(&search->exclusions);
  l4r_free(search);
}

int64_t l4r_search_bytes(const struct l4r_search *search) {
  return search->bytes + search->exclusions.bytes;
}

static float normaliser_of(const struct l4r_search *search, int64_t row) {
  const struct l4r_search_spec *spec = &search->spec;
  if (!spec->restricted)
    return l4r_log_sum_exp(search->kernels, search->logits + row * spec->vocabulary,
                           spec->vocabulary, spec->unused_begin, spec->unused_end);
  const int64_t *start = search->choice_start + row;
  return l4r_log_sum_exp(search->kernels, search->logits + start[0], start[1] - start[0], 0, 0);
}

/* A worker computes the normalisers of its rows, then the choices of its users. */
static int work_step(void *argument, int worker, int workers) {
  struct l4r_search *search = argument;
  const struct l4r_search_spec *spec = &search->spec;
  int64_t begin, end;
  l4r_split(search->rows, 1, worker, workers, &begin, &end);
  for (int64_t row = begin; row < end; row++) search->normaliser[row] = normaliser_of(search, row);
  if (workers > 1) l4r_team_barrier(spec->team);
  l4r_split(search->runners, 1, worker, workers, &begin, &end);
  for (int64_t i = begin; i < end; i++)
    l4r_search_advance(search, search->running[i],
                       search->candidate + (int64_t)worker * 2 * spec->beams);
  return L4R_OK;
}

/* Adds a beam as a row for the decoder, with the tokens that the trie allows where that matters. */
static void list_row(struct l4r_search *search, int64_t user, struct beam *beam) {
  const struct l4r_search_spec *spec = &search->spec;
  beam->row = UNDECODED;
  if (spec->restricted && l4r_trie_is_leaf(spec->trie, beam->node)) return;
  int64_t row = beam->row = search->rows++;
  search->row_user[row] = user;
  search->row_token[row] = beam->token;
  if (search->step) {
    const struct beam *before = search->beam[search->side ^ 1] + user * spec->beams;
    search->row_parent[row] = before[beam->parent].row;
  }
  if (!spec->restricted) return;
  int64_t choices = search->choice_start[row];
  search->choice_start[row + 1] = choices +
                                  l4r_trie_choose(spec->trie, beam->node, search->choice + choices);
}

/* Adds the rows of all users that still run. */
static void list_rows(struct l4r_search *search) {
  int64_t runners = 0;
  search->rows = 0;
  for (int64_t i = 0; i < search->runners; i++) {
    int64_t user = search->running[i];
    struct search_user *state = &search->user[user];
    if (state->done) continue;
    struct beam *beam = search->beam[search->side] + user * search->spec.beams;
    for (int64_t b = 0; b < state->beams; b++) list_row(search, user, &beam[b]);
    search->running[runners++] = user;
  }
  search->runners = runners;
}

static int decode(struct l4r_search *search, l4r_decode_step *step, void *decoder) {
  if (!search->rows) return L4R_OK;
  const struct l4r_decode_rows rows = {.rows = search->rows,
                                       .user = search->row_user,
                                       .parent = search->step ? search->row_parent : NULL,
                                       .token = search->row_token,
                                       .choice_start = search->choice_start,
                                       .choice = search->choice};
  return step(decoder, &rows, search->logits);
}

int l4r_search_exclude(struct l4r_search *search, int64_t user, const struct l4r_id_tokens *ids,
                       const l4r_item *item, int64_t n) {
  if (!search->spec.trie)
    return l4r_fail(L4R_USAGE, "a beam search without a trie cannot exclude items from its walk");
  return l4r_exclude(&search->exclusions, user, ids, item, n);
}

static void begin(struct l4r_search *search, int64_t users) {
  search->runners = users;
  search->step = 0;
  search->side = 0;
  for (int64_t user = 0; user < users; user++) {
    struct search_user *state = &search->user[user];
    *state = (struct search_user){
        .beams = 1, .worst = INFINITY, .excluded = l4r_excluded_of(&search->exclusions, user)};
    search->beam[0][user * search->spec.beams] = (struct beam){.token = L4R_START_TOKEN};
    search->running[user] = user;
  }
  l4r_exclusions_end(&search->exclusions);
}

static int compare_answers(const void *left, const void *right) {
  const struct l4r_answer *a = left, *b = right;
  if (a->score != b->score) return a->score > b->score ? -1 : 1;
  return a->token < b->token ? -1 : a->token > b->token; /* an arbitrary but fixed order */
}

int l4r_search_run(struct l4r_search *search, int64_t users, l4r_decode_step *step, void *decoder) {
  if (users > search->spec.max_users)
    return l4r_fail(L4R_USAGE, "beam search was opened for %lld users, not %lld",
                    (long long)search->spec.max_users, (long long)users);
  begin(search, users);
  search->searched += users;
  for (; search->step < search->spec.steps; search->step++) {
    list_rows(search);
    if (!search->runners) break;
    search->work[search->step].rows += (double)search->rows;
    search->work[search->step].users += (double)search->runners;
    int status = decode(search, step, decoder);
    if (!status) status = l4r_team_run(search->spec.team, work_step, search);
    if (status) return status;
    search->side ^= 1;
  }
  for (int64_t user = 0; user < users; user++) {
    l4r_search_finish(search, user);
    qsort(search->answer + user * (search->spec.beams + 1), (size_t)search->user[user].answers,
          sizeof *search->answer, compare_answers);
  }
  return L4R_OK;
}

int64_t l4r_search_answers(const struct l4r_search *search, int64_t user,
                           const struct l4r_answer **answer) {
  *answer = search->answer + user * (search->spec.beams + 1);
  return search->user[user].answers;
}

int l4r_search_work(const struct l4r_search *search, int64_t step, struct l4r_search_work *work) {
  if (!search->searched) return 0;
  work->rows = search->work[step].rows / (double)search->searched;
  work->users = search->work[step].users / (double)search->searched;
  return 1;
}
