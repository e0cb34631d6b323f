/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/session/novel.h"

#include "bench/run/session/answers.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <string.h>

enum { NOVEL_STREAM = 0x6e6f, TRIES = 8, LEAST_ITEMS = 2, CHECKED = 8 };

/* An item of any history of the sample: popular ones are drawn as often as they are in requests. */
static l4r_item draw_item(const struct l4r_requests *requests, int64_t first, int64_t timed,
                          struct l4r_random *random) {
  const int64_t at = first + (int64_t)l4r_random_below(random, (uint64_t)(timed - first));
  const struct l4r_request *request = &requests->request[at];
  return request->history[l4r_random_below(random, (uint64_t)request->length)];
}

static void fill(const struct l4r_requests *requests, int64_t first, int64_t timed,
                 struct l4r_novel *novel, l4r_item *history, int64_t length) {
  for (int64_t h = 0; h < length; h++) {
    l4r_item item = 0;
    for (int t = 0; t < TRIES && (!item || novel->mark[item]); t++)
      item = draw_item(requests, first, timed, &novel->random);
    history[h] = item;
    novel->mark[item] = 1;
  }
  for (int64_t h = 0; h < length; h++) novel->mark[history[h]] = 0;
}

static int is_known(const struct l4r_requests *requests, int64_t timed,
                    const struct l4r_request *request) {
  for (int64_t i = 0; i < timed; i++)
    if (requests->request[i].length == request->length &&
        !memcmp(requests->request[i].history, request->history,
                (size_t)request->length * sizeof *request->history))
      return 1;
  return 0;
}

static int open_buffers(const struct l4r_session *session, int64_t items, struct l4r_novel *novel) {
  const size_t answers = (size_t)(novel->count * novel->k);
  novel->history = l4r_alloc((size_t)items, sizeof *novel->history, "histories that no file holds");
  novel->item = l4r_alloc(answers, sizeof *novel->item, "answers");
  novel->score = l4r_alloc(answers, sizeof *novel->score, "answers");
  novel->mark = l4r_alloc((size_t)session->dataset->items + 1, 1, "item marks");
  return novel->history && novel->item && novel->score && novel->mark ? L4R_OK : L4R_ENVIRONMENT;
}

int l4r_novel_make(const struct l4r_requests *requests, const struct l4r_session *session,
                   uint64_t seed, int round, int64_t k, struct l4r_novel *novel) {
  const int64_t timed = l4r_requests_count(requests, L4R_ROLE_TIMED);
  int64_t first = 0, items = 0; /* the sample is sorted by length, and its requests come first */
  memset(novel, 0, sizeof *novel);
  while (first < timed && requests->request[first].length < LEAST_ITEMS) first++;
  novel->count = timed - first < L4R_NOVEL ? (int)(timed - first) : L4R_NOVEL;
  novel->k = session->max_k;
  novel->ask = k;
  for (int i = 0; i < novel->count; i++)
    items += requests->request[first + i * (timed - first) / novel->count].length;
  if (!novel->count) return L4R_OK;
  int status = open_buffers(session, items, novel);
  if (status) return status;
  l4r_random_stream(&novel->random, seed, NOVEL_STREAM, (uint64_t)round);
  l4r_item *history = novel->history;
  int kept = 0;
  for (int i = 0; i < novel->count; i++) {
    const struct l4r_request *like = &requests->request[first + i * (timed - first) / novel->count];
    novel->request[kept] = (struct l4r_request){like->user, history, like->length};
    fill(requests, first, timed, novel, history, like->length);
    if (is_known(requests, timed, &novel->request[kept])) continue;
    history += like->length;
    kept++;
  }
  novel->count = kept;
  return L4R_OK;
}

void l4r_novel_free(struct l4r_novel *novel) {
  l4r_free(novel->history);
  l4r_free(novel->item);
  l4r_free(novel->score);
  l4r_free(novel->mark);
  memset(novel, 0, sizeof *novel);
}

/* The nearest in length that was not asked; -1: all were. */
static int nearest(const struct l4r_novel *novel, int64_t length) {
  int best = -1;
  int64_t gap = INT64_MAX;
  for (int i = 0; i < novel->count; i++) {
    int64_t off = novel->request[i].length - length;
    if (off < 0) off = -off;
    if (novel->asked[i] || off >= gap) continue;
    gap = off;
    best = i;
  }
  return best;
}

static void keep(struct l4r_novel *novel, int which, const struct l4r_ranking *ranking) {
  const size_t n = (size_t)ranking->count;
  novel->length[which] = ranking->count;
  memcpy(novel->item + which * novel->k, ranking->item, n * sizeof *novel->item);
  memcpy(novel->score + which * novel->k, ranking->score, n * sizeof *novel->score);
}

int l4r_novel_ask(struct l4r_novel *novel, struct l4r_session *session,
                  const struct l4r_request *known, int64_t known_ns) {
  const int which = nearest(novel, known->length);
  int64_t ns;
  if (which < 0) return L4R_OK;
  int status = l4r_session_serve(session, &novel->request[which], 1, novel->ask, &ns);
  if (!status) status = l4r_ranking_check(session->dataset, &session->ranking[0], novel->mark);
  if (status)
    return l4r_fail_context(status, "arm %s, a history that no file holds", session->arm.text);
  keep(novel, which, &session->ranking[0]);
  novel->asked[which] = 1;
  novel->known_ns[novel->pairs] = known_ns;
  novel->novel_ns[novel->pairs++] = ns;
  return L4R_OK;
}

int l4r_novel_apart(const struct l4r_novel *novel) {
  int quicker = 0, slower = 0;
  for (int i = 0; i < novel->pairs; i++) {
    const double known = (double)novel->known_ns[i], other = (double)novel->novel_ns[i];
    quicker += known < .8 * other;
    slower += other < .8 * known;
  }
  return 2 * quicker > novel->pairs || 2 * slower > novel->pairs;
}

/* Both are asked alone, so nobody else's numbers are in a scale: as all engines in fp32. */
static const double alone_tolerance = 1e-4;

/* The answer at hand against that of before. */
static int compare(const struct l4r_novel *novel, int which, const struct l4r_ranking *again) {
  const struct l4r_request *asked = &novel->request[which];
  const int64_t history = l4r_history_key(asked->history, asked->length);
  const struct l4r_answers before = {.count = 1,
                                     .room = novel->k,
                                     .user = &asked->user,
                                     .history = &history,
                                     .length = &novel->length[which],
                                     .item = novel->item + which * novel->k,
                                     .score = novel->score + which * novel->k};
  struct l4r_answers now = before;
  struct l4r_bundle first = {0}, second = {0};
  struct l4r_answers_seen seen = {0};
  now.length = &again->count;
  now.item = again->item;
  now.score = again->score;
  int status = l4r_bundle_init(&first);
  if (!status) status = l4r_bundle_init(&second);
  if (!status) status = l4r_answers_add(&first, "log", &before);
  if (!status) status = l4r_answers_add(&second, "ref", &now);
  if (!status) status = l4r_check_answers(&first, &second, alone_tolerance, &seen);
  l4r_bundle_free(&first);
  l4r_bundle_free(&second);
  return status;
}

static int again(struct l4r_session *session, const struct l4r_request *request, int64_t ask,
                 float *score) {
  const struct l4r_dataset *data = session->dataset;
  int64_t ns, k = ask + request->length;
  if (!session->engine->score) return l4r_session_serve(session, request, 1, ask, &ns);
  l4r_error_clear();
  const int status = session->engine->score(session->handle, request, 1, score);
  if (status) return l4r_session_answered(session, status, "score");
  if (k > session->max_k) k = session->max_k;
  l4r_top_k(score, data->items, data->train_count, k, &session->ranking[0]);
  return L4R_OK;
}

int l4r_novel_check_answers(const struct l4r_novel *novel, struct l4r_session *session) {
  float *score = l4r_alloc((size_t)session->dataset->items, sizeof *score, "scores of all items");
  int status = score ? L4R_OK : L4R_ENVIRONMENT;
  for (int i = 0, checked = 0; i < novel->count && checked < CHECKED && !status; i++) {
    if (!novel->asked[i]) continue;
    checked++;
    status = again(session, &novel->request[i], novel->ask, score);
    if (!status) status = compare(novel, i, &session->ranking[0]);
    if (status)
      l4r_fail_context(status, "arm %s, a history that no file holds, asked twice",
                       session->arm.text);
  }
  l4r_free(score);
  return status;
}

int l4r_novel_append(const struct l4r_novel *novel, struct l4r_bundle *result) {
  const size_t bytes = (size_t)novel->pairs * sizeof(int64_t);
  int64_t *known = l4r_bundle_add(result, "known_ns", novel->pairs);
  int64_t *other = l4r_bundle_add(result, "novel_ns", novel->pairs);
  if (!known || !other) return L4R_ENVIRONMENT;
  memcpy(known, novel->known_ns, bytes);
  memcpy(other, novel->novel_ns, bytes);
  return L4R_OK;
}
