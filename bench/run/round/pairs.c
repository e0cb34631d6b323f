/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/round/pairs.h"

#include "impl/base/error.h"

enum { PAIRS_LEAST = 8, NOVEL_PAIRS = 24 };

/* Finds the request of the sample whose length is nearest to `length`, searching from a random
 * place on. */
static int64_t like(struct l4r_round *round, int64_t length) {
  int64_t count = l4r_requests_count(&round->requests, L4R_ROLE_TIMED), best = 0;
  int64_t from = (int64_t)l4r_random_below(&round->serving.random, (uint64_t)count),
          gap = INT64_MAX;
  for (int64_t i = 0; i < count && gap > 0; i++) {
    int64_t at = (from + i) % count;
    int64_t off = round->requests.request[at].length - length;
    if (off < 0) off = -off;
    if (off >= gap) continue;
    gap = off;
    best = at;
  }
  return best;
}

/* Repeats of the sample against requests never served, in pairs of like length and random order, so
 * that drift and the processor's caches treat both alike. */
int l4r_round_serve_repeats(struct l4r_round *round, struct l4r_bundle *result) {
  const struct l4r_requests *all = &round->requests;
  int64_t fresh = l4r_requests_count(all, L4R_ROLE_FRESH);
  int64_t pairs = round->serving.samples.count / 20; /* a tenth of the serving, half of it each */
  if (pairs < PAIRS_LEAST) pairs = PAIRS_LEAST;
  if (pairs > fresh) pairs = fresh;
  int64_t *ns[2] = {l4r_bundle_add(result, "repeat_ns", pairs),
                    l4r_bundle_add(result, "fresh_ns", pairs)};
  if (!ns[0] || !ns[1]) return L4R_ENVIRONMENT;
  for (int64_t p = 0; p < pairs; p++) {
    const struct l4r_request *one = &all->request[all->begin[L4R_ROLE_FRESH] + p * fresh / pairs];
    const struct l4r_request *pair[2] = {&all->request[like(round, one->length)], one};
    int first = (int)l4r_random_below(&round->serving.random, 2);
    for (int turn = 0; turn < 2; turn++) {
      int which = first ^ turn;
      round->call[0] = *pair[which];
      int status = l4r_round_call(round, 1, &ns[which][p]);
      if (status) return status;
    }
  }
  return L4R_OK;
}

/* Asks a novel request and one of the sample of like length, in random order: the first of two
 * calls may pay for what was asleep or cold. */
static int serve_pair(struct l4r_round *round) {
  struct l4r_novel *novel = &round->novel;
  const int64_t place = (int64_t)l4r_random_below(&novel->random, (uint64_t)novel->count);
  const int novel_first = (int)l4r_random_below(&novel->random, 2);
  const int before = novel->pairs;
  const int64_t length = novel->request[place].length;
  const struct l4r_request known = round->requests.request[like(round, length)];
  int64_t ns = 0;
  int status = L4R_OK;
  round->call[0] = known;
  if (!novel_first) status = l4r_round_call(round, 1, &ns);
  if (!status) status = l4r_novel_ask(novel, &round->session, &known, ns);
  if (status || !novel_first) return status;
  round->call[0] = known;
  status = l4r_round_call(round, 1, &ns);
  if (!status && novel->pairs > before) novel->known_ns[before] = ns;
  return status;
}

/* As many pairs of known and novel requests as the timed part has left to be asked; where so few
 * would accuse the engine, as many as there are: others may have taken the processor at their
 * rhythm. */
int l4r_round_serve_novel(struct l4r_round *round, struct l4r_bundle *result) {
  struct l4r_novel *novel = &round->novel;
  int64_t pairs = round->serving.samples.count / 20;
  if (pairs < PAIRS_LEAST) pairs = PAIRS_LEAST;
  if (pairs > NOVEL_PAIRS) pairs = NOVEL_PAIRS;
  if (pairs > novel->count) pairs = novel->count;
  while (novel->pairs < pairs || (novel->pairs < novel->count && l4r_novel_apart(novel))) {
    const int before = novel->pairs;
    const int status = serve_pair(round);
    if (status) return status;
    if (novel->pairs == before) break; /* every novel request was asked */
  }
  const int status = l4r_novel_check_answers(novel, &round->session);
  return status ? status : l4r_novel_append(novel, result);
}
