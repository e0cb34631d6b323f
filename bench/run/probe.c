/* SPDX-License-Identifier: BSD-3-Clause */
/* A few queries show what an arm will cost before an hour is spent. */
#include "bench/run/probe.h"
#include "bench/run/session/session.h"
#include "bench/run/session/requests.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <string.h>

enum { PROBED = 5, SCORED = 8 };

/* A batch of score(), the second one timed: nanoseconds a user. */
static int probe_score(struct l4r_session *session, const struct l4r_requests *requests,
                       int64_t *ns) {
  const int64_t most = l4r_session_scored_at_once(session->dataset->items, SCORED);
  int64_t n = l4r_requests_count(requests, L4R_ROLE_TIMED);
  if (n > most) n = most;
  float *score = l4r_alloc((size_t)(n * session->dataset->items), sizeof *score,
                           "scores of all items");
  if (!score) return L4R_ENVIRONMENT;
  int status = L4R_OK;
  for (int turn = 0; turn < 2 && !status; turn++) {
    l4r_error_clear();
    int64_t before = l4r_now_ns();
    status = session->engine->score(session->handle, requests->request, n, score);
    *ns = (l4r_now_ns() - before) / n;
  }
  l4r_free(score);
  return l4r_session_answered(session, status, "score");
}

static int probe(struct l4r_session *session, const struct l4r_requests *requests,
                 const struct l4r_job *job, json_t *meta) {
  int64_t count = l4r_requests_count(requests, L4R_ROLE_TIMED), sum = 0, ns, cold;
  int64_t probed = count < PROBED ? count : PROBED;
  if (count < 1) return l4r_fail(L4R_INPUT, "a probe without a request");
  int status = l4r_session_serve(session, requests->request, 1, job->k, &cold);
  /* The sample stands in order of history length: take it from end to end. */
  for (int64_t p = 0; p < probed && !status; p++) {
    int64_t at = probed > 1 ? p * (count - 1) / (probed - 1) : 0;
    status = l4r_session_serve(session, requests->request + at, 1, job->k, &ns);
    if (!status && __builtin_add_overflow(sum, ns, &sum))
      status = l4r_fail(L4R_CHECK, "arm %s: the times of %lld requests add up to more than fits",
                        session->arm.text, (long long)probed);
  }
  if (!status && probed < 1) status = l4r_fail(L4R_INPUT, "there is no request to probe with");
  if (status) return status;
  int64_t score_ns = sum / probed * (session->engine->recommend_unseen ? 2 : 1); /* keep and mask */
  if (session->engine->score) status = probe_score(session, requests, &score_ns);
  if (!status) status = l4r_session_leak_check(session);
  json_object_set_new(meta, "request_ns", json_integer(sum / probed));
  json_object_set_new(meta, "score_ns", json_integer(score_ns));
  json_object_set_new(meta, "open_seconds", json_real(session->open_seconds));
  return status;
}

int l4r_probe_do(const struct l4r_bundle *bundle, const struct l4r_job *job,
                 struct l4r_bundle *result) {
  struct l4r_requests requests;
  int status = l4r_requests_read(bundle, &requests);
  if (status) return status;
  struct l4r_session session = {0};
  int64_t k = job->k + l4r_requests_longest(&requests);
  status = l4r_session_open(job, SCORED, k, &session);
  if (!status) status = probe(&session, &requests, job, result->meta);
  l4r_session_close(&session);
  l4r_requests_free(&requests);
  return status;
}
