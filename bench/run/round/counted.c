/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/round/counted.h"

#include "bench/counters/counters.h"
#include "bench/run/session/answers.h"
#include "bench/run/session/describe.h"
#include "bench/run/session/requests.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/blis/choice.h"

#include <string.h>

/* A symbol of its own for callgrind, of which gcc makes no copies under other names. */
#ifdef __clang__
#define COUNTED __attribute__((noinline))
#else
#define COUNTED __attribute__((noinline, noclone))
#endif

/* In a file and a section of its own, so that no compiler merges it with its caller: its name is
 * what callgrind looks for. */
COUNTED int l4r_counted_call(struct l4r_session *session, const struct l4r_request *request,
                             int64_t n, int64_t ask) {
  const int status = session->engine->recommend(session->handle, request, n, ask, session->ranking);
  __asm__ volatile("" ::: "memory"); /* no tail call, which would leave this function early */
  return status;
}

struct counted {
  const struct l4r_job *job;
  struct l4r_requests requests;
  struct l4r_session session;
  struct l4r_counters *counters; /* NULL: callgrind counts, from outside */
  int64_t count, k;              /* requests of the sample; most items of a ranking */
  int64_t *length;               /* [count] of the rankings */
  l4r_item *item;                /* [count][k] */
  float *score;
};

static void keep(struct counted *counted, int64_t first, int64_t n) {
  for (int64_t r = 0; r < n; r++) {
    const struct l4r_ranking *ranking = &counted->session.ranking[r];
    const int64_t at = (first + r) * counted->k;
    counted->length[first + r] = ranking->count;
    memcpy(counted->item + at, ranking->item, (size_t)ranking->count * sizeof *counted->item);
    memcpy(counted->score + at, ranking->score, (size_t)ranking->count * sizeof *counted->score);
  }
}

/* Serves the sample in its own order. */
static int serve(struct counted *counted, int is_counted) {
  struct l4r_session *session = &counted->session;
  const int64_t batch = counted->job->batch;
  for (int64_t first = 0; first < counted->count; first += batch) {
    const struct l4r_request *call = counted->requests.request +
                                     counted->requests.begin[L4R_ROLE_TIMED] + first;
    const int64_t n = counted->count - first < batch ? counted->count - first : batch;
    int64_t longest = 0, ns;
    for (int64_t r = 0; r < n; r++)
      if (call[r].length > longest) longest = call[r].length;
    int status = L4R_OK;
    if (!is_counted) {
      status = l4r_session_serve(session, call, n, counted->job->k, &ns);
      if (status) return status;
      continue;
    }
    const int64_t ask = counted->job->k + longest < session->max_k ? counted->job->k + longest
                                                                   : session->max_k;
    status = l4r_counted_call(session, call, n, ask);
    if (status) return l4r_session_answered(session, status, "recommend");
    keep(counted, first, n);
  }
  return L4R_OK;
}

static int open_all(struct counted *counted, const struct l4r_bundle *bundle) {
  const struct l4r_job *job = counted->job;
  int status = l4r_requests_read(bundle, &counted->requests);
  if (status) return status;
  const int64_t k = job->k + l4r_requests_longest(&counted->requests);
  l4r_choice_measure(0); /* what is quickest differs from run to run, and under callgrind */
  status = l4r_session_open(job, job->batch, k, &counted->session);
  if (status) return status;
  counted->count = l4r_requests_count(&counted->requests, L4R_ROLE_TIMED);
  counted->k = counted->session.max_k;
  const size_t entries = (size_t)(counted->count * counted->k);
  counted->length = l4r_alloc((size_t)counted->count, sizeof *counted->length, "rankings");
  counted->item = l4r_alloc(entries, sizeof *counted->item, "rankings");
  counted->score = l4r_alloc(entries, sizeof *counted->score, "rankings");
  if (!counted->length || !counted->item || !counted->score) return L4R_ENVIRONMENT;
  return job->by_callgrind
             ? L4R_OK
             : l4r_counters_open("instructions", counted->session.team, &counted->counters);
}

/* What the processor counted, where it counts without turns. */
static void put_count(const struct counted *counted, json_t *meta) {
  struct l4r_counter_reading reading[L4R_COUNTERS_MAX];
  const int n = counted->counters ? l4r_counters_read(counted->counters, reading) : 0;
  for (int c = 0; c < n; c++) {
    if (strcmp(reading[c].name, "instructions") || strcmp(reading[c].source, "hardware")) continue;
    json_object_set_new(meta, "instructions", json_integer((json_int_t)reading[c].value));
    json_object_set_new(meta, "instructions_by", json_string("hardware"));
  }
}

/* All rankings, for the comparison with the accuracy pass. */
static int put_rankings(const struct counted *counted, struct l4r_bundle *result) {
  const struct l4r_request *request = counted->requests.request +
                                      counted->requests.begin[L4R_ROLE_TIMED];
  int64_t *user = l4r_alloc(2 * (size_t)counted->count, sizeof *user, "counted requests");
  if (!user) return L4R_ENVIRONMENT;
  int64_t *history = user + counted->count;
  for (int64_t r = 0; r < counted->count; r++) {
    user[r] = request[r].user;
    history[r] = l4r_history_key(request[r].history, request[r].length);
  }
  const struct l4r_answers answers = {.count = counted->count,
                                      .room = counted->k,
                                      .user = user,
                                      .history = history,
                                      .length = counted->length,
                                      .item = counted->item,
                                      .score = counted->score};
  const int status = l4r_answers_add(result, "log", &answers);
  l4r_free(user);
  return status;
}

static int put_all(struct counted *counted, struct l4r_bundle *result) {
  json_t *description = NULL;
  int64_t *length = l4r_alloc((size_t)counted->count, sizeof *length, "history lengths");
  if (!length) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i < counted->count; i++)
    length[i] = counted->requests.request[counted->requests.begin[L4R_ROLE_TIMED] + i].length;
  int status = l4r_session_describe(&counted->session, length, counted->count, &description);
  l4r_free(length);
  json_object_set_new(result->meta, "description", description ? description : json_null());
  json_object_set_new(result->meta, "users", json_integer(counted->count));
  put_count(counted, result->meta);
  if (!status) status = put_rankings(counted, result);
  return status ? status : l4r_session_leak_check(&counted->session);
}

int l4r_counted_do(const struct l4r_bundle *bundle, const struct l4r_job *job,
                   struct l4r_bundle *result) {
  struct counted *counted = l4r_alloc(1, sizeof *counted, "a count");
  if (!counted) return L4R_ENVIRONMENT;
  counted->job = job;
  int status = open_all(counted, bundle);
  if (!status) status = serve(counted, 0);
  if (!status && counted->counters) status = l4r_counters_start(counted->counters);
  if (!status) status = serve(counted, 1);
  if (!status && counted->counters) status = l4r_counters_stop(counted->counters);
  if (!status) status = put_all(counted, result);
  if (counted->counters) l4r_counters_close(counted->counters);
  l4r_session_close(&counted->session);
  l4r_requests_free(&counted->requests);
  l4r_free(counted->length);
  l4r_free(counted->item);
  l4r_free(counted->score);
  l4r_free(counted);
  return status;
}
