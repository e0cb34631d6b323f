/* SPDX-License-Identifier: BSD-3-Clause */
/* Accuracy asks an engine another question than latency does: at which place does one item stand
 * among all of them? score() answers it exactly for any place; a ranking of k + |history| items
 * answers it as far as it reaches. Workers of the team rank the users of a batch side by side once
 * the engine has scored it. */
#include "bench/run/accuracy.h"
#include "bench/derive/user_ranks.h"

#include "bench/derive/user_groups.h"
#include "bench/run/session/answers.h"
#include "bench/run/session/describe.h"
#include "bench/run/session/requests.h"
#include "bench/derive/metrics.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "impl/data/dataset.h"
#include "impl/rank.h"

#include <math.h>
#include <string.h>

enum { BATCH = 64, SHUFFLE_STREAM = 0x5b0f };

struct outcome { /* of one user */
  struct l4r_rank rank;
  int is_short, mask_short, equal, empty; /* mask_short: of what is left without the history */
};

struct pass {
  const struct l4r_job *job;
  struct l4r_session session;
  struct l4r_dataset *full; /* with the answers; the session's has none */
  struct l4r_requests sample;
  struct l4r_bundle *result;
  int64_t k, batch, longest, users; /* k: deepest rank wanted of a ranking */
  int64_t *user;                    /* [users] those with a held-out item */
  int64_t *length;                  /* [users] of their histories */
  int64_t *place;                   /* [all users] place in the sample + 1, or 0 */
  struct l4r_request *request;      /* [batch] */
  l4r_item *history;                /* [batch][longest] */
  float *score;                     /* [batch][items] */
  struct outcome *outcome;          /* [batch] */
  unsigned char *mark;              /* [workers][items + 1] */
  int64_t *keep, *mask, *tied, *is_short, *mask_short;
  struct l4r_ranking *ranking; /* [batch]: of the engine, or made from its scores */
  struct l4r_ranking *masked;  /* [batch] of the second search; NULL for engines without one */
  l4r_item *whole_item;        /* [batch][max_k] of `ranking` while `masked` is made */
  float *whole_score;
  int64_t *ref_user, *ref_history; /* [sample] of what was asked; of the history its key */
  int64_t *ref_length, ref_room, equal_users, empty_users;
  l4r_item *ref_item; /* [sample][ref_room] */
  float *ref_score;
  int64_t *top_count[2], *top_item[2], *top_score[2]; /* keep, mask; NULL unless asked for */
  int64_t filled;                                     /* requests of the batch at hand */
};

/* Finds the target's place in a list, and in what is left of the list without the history. */
static void rank_in_list(const struct l4r_ranking *ranking, const struct l4r_request *request,
                         l4r_item target, unsigned char *mark, struct outcome *outcome) {
  int64_t seen = 0;
  memset(outcome, 0, sizeof *outcome);
  for (int64_t h = 0; h < request->length; h++) mark[request->history[h]] = 1;
  for (int64_t i = 0; i < ranking->count; i++) {
    if (ranking->item[i] == target) {
      outcome->rank.keep = i + 1;
      outcome->rank.mask = mark[target] ? INT64_MAX : i + 1 - seen;
      outcome->rank.tied = (i > 0 && ranking->score[i - 1] == ranking->score[i]) ||
                           (i + 1 < ranking->count && ranking->score[i + 1] == ranking->score[i]);
      break;
    }
    seen += mark[ranking->item[i]];
  }
  int64_t left = 0;
  for (int64_t i = 0; i < ranking->count; i++) left += !mark[ranking->item[i]];
  for (int64_t h = 0; h < request->length; h++) mark[request->history[h]] = 0;
  outcome->is_short = ranking->count < L4R_METRIC_DEPTH;
  outcome->mask_short = left < L4R_METRIC_DEPTH;
  outcome->empty = ranking->count == 0;
  outcome->equal = ranking->count > 1 && ranking->score[0] == ranking->score[ranking->count - 1];
}

/* 1 unless both rankings hold an item with other scores: what is excluded beside it may let an item
 * in, but changes no probability. As far apart as timed answers may be (checks.c). */
static int same_scores(const struct l4r_ranking *whole, const struct l4r_ranking *masked,
                       l4r_item *differs) {
  double largest = 0;
  for (int64_t i = 0; i < whole->count; i++)
    if (fabs((double)whole->score[i]) > largest) largest = fabs((double)whole->score[i]);
  for (int64_t i = 0; i < whole->count; i++)
    for (int64_t j = 0; j < masked->count; j++) {
      if (whole->item[i] != masked->item[j]) continue;
      *differs = whole->item[i];
      if (!(fabs((double)whole->score[i] - (double)masked->score[j]) <= 1e-5 + 1e-4 * largest))
        return 0;
    }
  return 1;
}

/* Finds the rank under `mask` with the search that had no history in its catalogue. */
static int rank_masked(const struct pass *pass, int64_t r, l4r_item target, unsigned char *mark,
                       struct outcome *outcome) {
  const struct l4r_request *request = &pass->request[r];
  const struct l4r_ranking *masked = &pass->masked[r];
  const long long user = (long long)request->user + 1;
  l4r_item seen = 0, differs = 0;
  int status = l4r_ranking_check(pass->session.dataset, masked, mark);
  if (status) return l4r_fail_context(status, "arm %s, user %lld", pass->job->arm, user);
  for (int64_t h = 0; h < request->length; h++) mark[request->history[h]] = 1;
  outcome->rank.mask = 0;
  for (int64_t i = 0; i < masked->count; i++) {
    if (mark[masked->item[i]]) seen = masked->item[i];
    if (masked->item[i] == target) outcome->rank.mask = i + 1;
  }
  for (int64_t h = 0; h < request->length; h++) mark[request->history[h]] = 0;
  outcome->mask_short = masked->count < L4R_METRIC_DEPTH;
  if (seen)
    return l4r_fail(L4R_CHECK,
                    "arm %s, user %lld: asked to leave out the history, it ranks item %d",
                    pass->job->arm, user, (int)seen);
  if (!same_scores(&pass->ranking[r], masked, &differs))
    return l4r_fail(L4R_CHECK,
                    "arm %s, user %lld: asked to leave out the history, it scores item %d "
                    "otherwise than before",
                    pass->job->arm, user, (int)differs);
  return L4R_OK;
}

/* Distinct items of a history. */
static int64_t count_seen(const struct l4r_request *request, unsigned char *mark) {
  int64_t seen = 0;
  for (int64_t h = 0; h < request->length; h++) {
    seen += !mark[request->history[h]];
    mark[request->history[h]] = 1;
  }
  for (int64_t h = 0; h < request->length; h++) mark[request->history[h]] = 0;
  return seen;
}

static int all_finite(const float *score, int64_t items) {
  for (int64_t i = 0; i < items; i++)
    if (!isfinite(score[i])) return 0;
  return 1;
}

static int all_equal(const float *score, int64_t items) {
  for (int64_t i = 1; i < items; i++)
    if (score[i] != score[0]) return 0;
  return items > 1;
}

static int rank_part(void *argument, int worker, int workers) {
  struct pass *pass = argument;
  const struct l4r_dataset *data = pass->full;
  int64_t begin, end, items = data->items;
  unsigned char *mark = pass->mark + (size_t)worker * (size_t)(items + 1);
  l4r_split(pass->filled, 1, worker, workers, &begin, &end);
  for (int64_t r = begin; r < end; r++) {
    const struct l4r_request *request = &pass->request[r];
    struct outcome *outcome = &pass->outcome[r];
    l4r_item target = data->test[request->user];
    if (!pass->score) {
      int status = l4r_ranking_check(pass->session.dataset, &pass->ranking[r], mark);
      if (status)
        return l4r_fail_context(status, "arm %s, user %lld", pass->job->arm,
                                (long long)request->user + 1);
      rank_in_list(&pass->ranking[r], request, target, mark, outcome);
      status = pass->masked ? rank_masked(pass, r, target, mark, outcome) : L4R_OK;
      if (status) return status;
      continue;
    }
    const float *score = pass->score + r * items;
    memset(outcome, 0, sizeof *outcome);
    if (!all_finite(score, items))
      return l4r_fail(L4R_CHECK, "arm %s, user %lld: a score that is not a finite number",
                      pass->job->arm, (long long)request->user + 1);
    l4r_rank_of(score, items, data->train_count, target, request->history, request->length, mark,
                &outcome->rank);
    outcome->is_short = items < L4R_METRIC_DEPTH;
    outcome->mask_short = items - count_seen(request, mark) < L4R_METRIC_DEPTH;
    outcome->equal = all_equal(score, items);
    if (pass->place[request->user] || pass->top_count[0])
      l4r_top_k(score, items, data->train_count, pass->k + request->length, &pass->ranking[r]);
  }
  return L4R_OK;
}

/* Keeps as many items as the timed part's request alone is asked for; here a batch is asked for as
 * many as the longest history and the deepest metric need. */
static void keep_reference(struct pass *pass, int64_t place, const struct l4r_request *request,
                           const struct l4r_ranking *ranking) {
  const int64_t asked = pass->job->k + (pass->session.leaves_out ? 0 : request->length);
  const int64_t n = ranking->count < asked ? ranking->count : asked;
  pass->ref_user[place] = request->user;
  pass->ref_history[place] = l4r_history_key(request->history, request->length);
  pass->ref_length[place] = n;
  memcpy(pass->ref_item + place * pass->ref_room, ranking->item, (size_t)n * sizeof *ranking->item);
  memcpy(pass->ref_score + place * pass->ref_room, ranking->score,
         (size_t)n * sizeof *ranking->score);
}

static void keep_top(struct pass *pass, int64_t at, const struct l4r_request *request,
                     const struct l4r_ranking *whole, const struct l4r_ranking *masked) {
  int64_t k = pass->job->k;
  unsigned char *mark = pass->mark;
  for (int convention = 0; convention < 2; convention++) {
    for (int64_t h = 0; h < request->length && convention; h++) mark[request->history[h]] = 1;
    const struct l4r_ranking *ranking = convention ? masked : whole;
    int64_t n = 0;
    for (int64_t i = 0; i < ranking->count && n < k; i++) {
      if (mark[ranking->item[i]]) continue;
      pass->top_item[convention][at * k + n] = ranking->item[i];
      pass->top_score[convention][at * k + n++] = l4r_float_bits(ranking->score[i]);
    }
    pass->top_count[convention][at] = n;
  }
  for (int64_t h = 0; h < request->length; h++) mark[request->history[h]] = 0;
}

static void keep_outcomes(struct pass *pass, int64_t first) {
  for (int64_t r = 0; r < pass->filled; r++) {
    const struct outcome *outcome = &pass->outcome[r];
    const struct l4r_request *request = &pass->request[r];
    int64_t at = first + r, place = pass->place[request->user];
    pass->keep[at] = outcome->rank.keep;
    pass->mask[at] = outcome->rank.mask == INT64_MAX ? 0 : outcome->rank.mask;
    pass->tied[at] = outcome->rank.tied;
    pass->is_short[at] = outcome->is_short;
    pass->mask_short[at] = outcome->mask_short;
    pass->equal_users += outcome->equal;
    pass->empty_users += outcome->empty;
    if (place) keep_reference(pass, place - 1, request, &pass->ranking[r]);
    if (pass->top_count[0])
      keep_top(pass, at, request, &pass->ranking[r],
               pass->masked ? &pass->masked[r] : &pass->ranking[r]);
  }
}

/* The control: the same items in an order that tells nothing. Drawn by user, so that it does not
 * depend on batches or on who else is evaluated. */
static void shuffle_history(const struct pass *pass, int64_t user, l4r_item *history, int64_t n) {
  struct l4r_random random;
  l4r_random_stream(&random, pass->job->seed, SHUFFLE_STREAM, (uint64_t)user);
  for (int64_t i = n - 1; i > 0; i--) {
    const int64_t other = (int64_t)l4r_random_below(&random, (uint64_t)i + 1);
    const l4r_item kept = history[i];
    history[i] = history[other];
    history[other] = kept;
  }
}

/* Rankings of the catalogue without the histories into `masked`, which the session owns; those of
 * the whole go to buffers of the pass. */
static int search_again(struct pass *pass) {
  const int64_t room = pass->session.max_k;
  for (int64_t r = 0; r < pass->filled; r++) {
    const struct l4r_ranking *made = &pass->session.ranking[r];
    struct l4r_ranking *whole = &pass->ranking[r];
    *whole = (struct l4r_ranking){pass->whole_item + r * room, pass->whole_score + r * room,
                                  made->count};
    memcpy(whole->item, made->item, (size_t)made->count * sizeof *whole->item);
    memcpy(whole->score, made->score, (size_t)made->count * sizeof *whole->score);
  }
  return l4r_session_serve_unseen(&pass->session, pass->request, pass->filled, pass->k);
}

static int do_batch(struct pass *pass, int64_t first) {
  const struct l4r_engine *engine = pass->session.engine;
  int64_t left = pass->users - first, ns;
  pass->filled = left < pass->batch ? left : pass->batch;
  for (int64_t r = 0; r < pass->filled; r++) {
    int64_t user = pass->user[first + r];
    l4r_item *history = pass->history + r * pass->longest;
    int64_t n = l4r_dataset_history(pass->full, user, 1, history, pass->longest);
    if (pass->job->shuffle) shuffle_history(pass, user, history, n);
    pass->length[first + r] = n;
    pass->request[r] = (struct l4r_request){.user = user, .history = history, .length = n};
  }
  int status;
  if (pass->score) {
    l4r_error_clear();
    status = engine->score(pass->session.handle, pass->request, pass->filled, pass->score);
    status = l4r_session_answered(&pass->session, status, "score");
  } else {
    status = l4r_session_serve(&pass->session, pass->request, pass->filled, pass->k, &ns);
    if (!status && pass->masked) status = search_again(pass);
  }
  if (!status) status = l4r_team_run(pass->session.team, rank_part, pass);
  if (!status) keep_outcomes(pass, first);
  return status;
}

static int open_results(struct pass *pass) {
  int64_t users = pass->users, k = pass->job->k;
  pass->keep = l4r_bundle_add(pass->result, "keep", users);
  pass->mask = l4r_bundle_add(pass->result, "mask", users);
  pass->tied = l4r_bundle_add(pass->result, "tied", users);
  pass->is_short = l4r_bundle_add(pass->result, "short", users);
  pass->mask_short = l4r_bundle_add(pass->result, "short_mask", users);
  if (!pass->keep || !pass->mask || !pass->tied || !pass->is_short || !pass->mask_short)
    return L4R_ENVIRONMENT;
  static const char *const names[2][3] = {{"top_keep_count", "top_keep_item", "top_keep_score"},
                                          {"top_mask_count", "top_mask_item", "top_mask_score"}};
  for (int c = 0; c < 2 && pass->job->rankings; c++) {
    pass->top_count[c] = l4r_bundle_add(pass->result, names[c][0], users);
    pass->top_item[c] = l4r_bundle_add(pass->result, names[c][1], users * k);
    pass->top_score[c] = l4r_bundle_add(pass->result, names[c][2], users * k);
    if (!pass->top_count[c] || !pass->top_item[c] || !pass->top_score[c]) return L4R_ENVIRONMENT;
  }
  return L4R_OK;
}

static int open_sample(struct pass *pass, const struct l4r_bundle *bundle) {
  pass->place = l4r_alloc((size_t)pass->full->users, sizeof(int64_t), "places in the sample");
  if (!pass->place) return L4R_ENVIRONMENT;
  if (!l4r_bundle_find(bundle, "user")) return L4R_OK; /* `eval`: nothing timed to compare with */
  int status = l4r_requests_read(bundle, &pass->sample);
  if (status) return status;
  int64_t count = l4r_requests_count(&pass->sample, L4R_ROLE_TIMED);
  for (int64_t i = 0; i < count; i++) pass->place[pass->sample.request[i].user] = i + 1;
  pass->ref_room = pass->k + l4r_requests_longest(&pass->sample);
  pass->ref_user = l4r_alloc((size_t)count, sizeof(int64_t), "reference users");
  pass->ref_history = l4r_alloc((size_t)count, sizeof(int64_t), "reference histories");
  pass->ref_length = l4r_alloc((size_t)count, sizeof(int64_t), "reference rankings");
  pass->ref_item = l4r_alloc((size_t)(count * pass->ref_room), sizeof(l4r_item), "rankings");
  pass->ref_score = l4r_alloc((size_t)(count * pass->ref_room), sizeof(float), "rankings");
  return pass->ref_user && pass->ref_history && pass->ref_length && pass->ref_item &&
                 pass->ref_score
             ? L4R_OK
             : L4R_ENVIRONMENT;
}

static int open_scratch(struct pass *pass) {
  size_t batch = (size_t)pass->batch, items = (size_t)pass->full->items;
  size_t workers = (size_t)l4r_team_size(pass->session.team);
  pass->ranking = pass->session.ranking;
  if (pass->session.leaves_out) {
    const size_t room = batch * (size_t)pass->session.max_k;
    pass->masked = pass->session.ranking;
    pass->ranking = l4r_alloc(batch, sizeof *pass->ranking, "rankings");
    pass->whole_item = l4r_alloc(room, sizeof *pass->whole_item, "ranked items");
    pass->whole_score = l4r_alloc(room, sizeof *pass->whole_score, "ranked scores");
    if (!pass->ranking || !pass->whole_item || !pass->whole_score) return L4R_ENVIRONMENT;
  }
  pass->request = l4r_alloc(batch, sizeof *pass->request, "requests");
  pass->history = l4r_alloc(batch * (size_t)pass->longest, sizeof(l4r_item), "histories");
  pass->outcome = l4r_alloc(batch, sizeof *pass->outcome, "outcomes");
  pass->mark = l4r_alloc(workers, items + 1, "item marks");
  if (pass->session.engine->score)
    pass->score = l4r_alloc(batch * items, sizeof(float), "scores of all items");
  return pass->request && pass->history && pass->outcome && pass->mark &&
                 (pass->score || !pass->session.engine->score)
             ? L4R_OK
             : L4R_ENVIRONMENT;
}

static int prepare(struct pass *pass, const struct l4r_bundle *bundle) {
  const struct l4r_job *job = pass->job;
  int status = l4r_dataset_open(job->data, L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST,
                                &pass->full);
  if (status) return status;
  const struct l4r_dataset *data = pass->full;
  pass->k = job->k > L4R_METRIC_DEPTH ? job->k : L4R_METRIC_DEPTH;
  pass->longest = l4r_dataset_longest(data);
  pass->batch = l4r_session_scored_at_once(data->items, BATCH);
  status = l4r_session_open(job, pass->batch, pass->k + pass->longest, &pass->session);
  int64_t *user = status ? NULL : l4r_bundle_add(pass->result, "user", data->users);
  if (!user) return status ? status : L4R_ENVIRONMENT;
  for (int64_t u = 0; u < data->users; u++)
    if (data->test[u]) user[pass->users++] = u;
  pass->result->array[pass->result->arrays - 1].count = pass->users;
  pass->user = user;
  pass->length = l4r_alloc((size_t)pass->users, sizeof *pass->length, "lengths of histories");
  if (!pass->length) return L4R_ENVIRONMENT;
  if (!pass->users)
    return l4r_fail(L4R_INPUT, "%s/test.txt: no user has a held-out item", job->data);
  status = open_results(pass);
  if (!status) status = open_sample(pass, bundle);
  return status ? status : open_scratch(pass);
}

static int put_references(const struct pass *pass) {
  const struct l4r_answers answers = {.count = l4r_requests_count(&pass->sample, L4R_ROLE_TIMED),
                                      .room = pass->ref_room,
                                      .user = pass->ref_user,
                                      .history = pass->ref_history,
                                      .length = pass->ref_length,
                                      .item = pass->ref_item,
                                      .score = pass->ref_score};
  return l4r_answers_add(pass->result, "ref", &answers);
}

static int judge(const struct pass *pass) {
  int status = l4r_session_leak_check(&pass->session);
  if (!status && pass->empty_users == pass->users)
    status = l4r_fail(L4R_CHECK,
                      "arm %s ranks no item for any of %lld users: so there is no answer to time",
                      pass->job->arm, (long long)pass->users);
  if (status || 2 * pass->equal_users <= pass->users) return status;
  return l4r_fail(L4R_CHECK,
                  "arm %s gives all items the same score for %lld of %lld users: that is not a "
                  "ranking, and its accuracy would be that of the tie rule",
                  pass->job->arm, (long long)pass->equal_users, (long long)pass->users);
}

static int run(struct pass *pass) {
  int64_t began = l4r_now_ns(), mean = 0;
  char what[160];
  snprintf(what, sizeof what, "accuracy of %.120s: users", pass->session.arm.label);
  int status = L4R_OK;
  l4r_progress(what, 0, pass->users, "");
  for (int64_t first = 0; first < pass->users && !status; first += pass->batch) {
    status = do_batch(pass, first);
    for (int64_t r = 0; r < pass->filled; r++) mean += pass->request[r].length;
    if (!status) l4r_progress(what, first + pass->filled, pass->users, "");
  }
  if (!status) status = judge(pass);
  if (!status)
    status = l4r_user_groups_assign(pass->full, pass->user, pass->length, pass->users,
                                    pass->result);
  json_t *description = NULL, *meta = pass->result->meta;
  mean /= pass->users;
  if (!status) status = l4r_session_describe(&pass->session, &mean, 1, &description);
  if (status) return status;
  json_object_set_new(meta, "description", description);
  json_object_set_new(meta, "mode", json_string(pass->score ? "score" : "recommend"));
  json_object_set_new(meta, "mask_by",
                      json_string(pass->score    ? l4r_mask_by_scores
                                  : pass->masked ? "a search without the history"
                                                 : "what a ranking holds beside the history"));
  if (pass->job->shuffle)
    json_object_set_new(
        meta, "control",
        json_pack("{s:s, s:I}", "name", "shuffled history", "seed", (json_int_t)pass->job->seed));
  json_object_set_new(meta, "held_out_hidden_by",
                      pass->session.hidden ? json_string(pass->session.hidden_how) : json_null());
  json_object_set_new(meta, "users_equal", json_integer(pass->equal_users));
  json_object_set_new(meta, "seconds", json_real((double)(l4r_now_ns() - began) * 1e-9));
  return put_references(pass);
}

int l4r_accuracy_do(const struct l4r_bundle *bundle, const struct l4r_job *job,
                    struct l4r_bundle *result) {
  struct pass pass = {.job = job, .result = result};
  int status = prepare(&pass, bundle);
  if (!status) status = run(&pass);
  if (pass.masked) l4r_free(pass.ranking);
  l4r_session_close(&pass.session);
  l4r_free(pass.whole_item);
  l4r_free(pass.whole_score);
  if (pass.full) l4r_dataset_close(pass.full);
  l4r_requests_free(&pass.sample);
  l4r_free(pass.length);
  l4r_free(pass.place);
  l4r_free(pass.request);
  l4r_free(pass.history);
  l4r_free(pass.score);
  l4r_free(pass.outcome);
  l4r_free(pass.mark);
  l4r_free(pass.ref_user);
  l4r_free(pass.ref_history);
  l4r_free(pass.ref_length);
  l4r_free(pass.ref_item);
  l4r_free(pass.ref_score);
  return status;
}
