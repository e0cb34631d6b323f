/* SPDX-License-Identifier: BSD-3-Clause */
/* Latency in the open loop counts from when a request was due, not from when it was taken: a stall
 * of the engine then delays all who came meanwhile, as it does in life, instead of silencing them
 * (coordinated omission). */
#include "bench/run/session/serve.h"

#include "bench/run/session/time_source.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/team.h"

#include <string.h>

enum { ROUND_STREAM = 0x726f, LOGGED = 64, LOGGED_FIRST = 24, LOGGED_LATER = 8 };
/* A worker that has this long to wait sleeps, and is awake again so long before the arrival: waking
 * takes up to some hundred microseconds, and what is left is spun. */
enum { SLEEP_BEYOND_NS = 600000, AWAKE_BEFORE_NS = 500000, LEAD_NS = 1000000 };
enum { BETWEEN_NS = 300000 }; /* a wait in which there is time for what lies between permutations */

int l4r_serving_open(const struct l4r_serving_options *options, struct l4r_serving *serving) {
  memset(serving, 0, sizeof *serving);
  serving->options = *options;
  l4r_random_stream(&serving->random, options->seed, ROUND_STREAM, (uint64_t)options->round);
  struct l4r_logged *logged = &serving->logged;
  logged->k = options->session->max_k;
  logged->slots = LOGGED;
  const size_t slots = (size_t)(LOGGED * logged->k);
  serving->order = l4r_alloc((size_t)options->longest, sizeof(int64_t), "order of users");
  serving->call = l4r_alloc((size_t)options->batch, sizeof *serving->call, "requests of a call");
  logged->asked = l4r_alloc(LOGGED, sizeof *logged->asked, "logged requests");
  logged->length = l4r_alloc(LOGGED, sizeof(int64_t), "logged rankings");
  logged->item = l4r_alloc(slots, sizeof(l4r_item), "logged rankings");
  logged->score = l4r_alloc(slots, sizeof(float), "logged rankings");
  const int have = serving->order && serving->call && logged->asked && logged->length &&
                   logged->item && logged->score;
  if (have) l4r_slowest_init(&serving->slowest, l4r_team_size(options->session->team));
  return have ? L4R_OK : L4R_ENVIRONMENT;
}

void l4r_serving_close(struct l4r_serving *serving) {
  l4r_free(serving->order);
  l4r_free(serving->call);
  l4r_free(serving->logged.asked);
  l4r_free(serving->logged.length);
  l4r_free(serving->logged.item);
  l4r_free(serving->logged.score);
  l4r_free(serving->samples.ns);
  l4r_free(serving->samples.served);
  l4r_free(serving->samples.request);
  l4r_free(serving->samples.due);
  l4r_free(serving->samples.wait);
  l4r_free(serving->samples.own);
  memset(serving, 0, sizeof *serving);
}

int l4r_serving_prepare(struct l4r_serving *serving, int64_t permutations, int64_t calls,
                        int open) {
  struct l4r_samples *samples = &serving->samples;
  const size_t needed = (size_t)(samples->count + calls);
  int64_t **const array[6] = {&samples->ns,  &samples->served, &samples->request,
                              &samples->own, &samples->due,    &samples->wait};
  int status = L4R_OK;
  for (int a = 0; a < (open ? 6 : 4) && !status; a++)
    status = l4r_grow(array[a], &samples->room[a], needed, sizeof(int64_t), "samples");
  const int64_t count = serving->options.count;
  for (int64_t p = 0; p < permutations; p++) {
    int64_t *order = serving->order + p * count;
    for (int64_t i = 0; i < count; i++) order[i] = i;
    l4r_random_shuffle(&serving->random, order, (size_t)count);
  }
  return status;
}

static void log_ranking(struct l4r_logged *logged, const struct l4r_request *asked,
                        const struct l4r_ranking *ranking) {
  const int64_t slot = logged->count++;
  const size_t n = (size_t)ranking->count;
  logged->asked[slot] = *asked;
  logged->length[slot] = ranking->count;
  memcpy(logged->item + slot * logged->k, ranking->item, n * sizeof *ranking->item);
  memcpy(logged->score + slot * logged->k, ranking->score, n * sizeof *ranking->score);
}

/* How many rankings the permutation that begins may log. */
static int64_t log_quota(const struct l4r_serving *serving) {
  int64_t want = serving->permutations == 0 ? LOGGED_FIRST : LOGGED_LATER;
  const int64_t room = serving->logged.slots - serving->logged.count;
  if (want > room) want = room;
  return want < serving->options.count ? want : serving->options.count;
}

/* Logs request number `place` of the permutation with the probability of selection sampling (Knuth
 * 3.4.2 S): the rest of the quota over the rest of the permutation. */
static void maybe_log(struct l4r_serving *serving, int64_t *quota, int64_t place,
                      const struct l4r_request *asked, const struct l4r_ranking *ranking) {
  if (*quota <= 0) return;
  const int64_t left = serving->options.count - place;
  if ((int64_t)l4r_random_below(&serving->random, (uint64_t)left) >= *quota) return;
  log_ranking(&serving->logged, asked, ranking);
  --*quota;
}

/* Stores a call's sample and holds it against the slowest. */
static void add_sample(struct l4r_serving *serving, int64_t ns, int64_t served, int64_t request) {
  struct l4r_samples *samples = &serving->samples;
  const struct l4r_slow_call call = {.query = samples->count,
                                     .request = request,
                                     .length = serving->options.request[request].length,
                                     .ns = ns,
                                     .at_ns = serving->options.session->began_ns -
                                              serving->begin_ns};
  samples->ns[samples->count] = ns;
  samples->request[samples->count] = request;
  samples->own[samples->count] = serving->options.session->own_ns;
  samples->served[samples->count++] = served;
  l4r_slowest_add(&serving->slowest, &call);
}

int l4r_serve_permutation(struct l4r_serving *serving) {
  const struct l4r_serving_options *options = &serving->options;
  const int64_t count = options->count, batch = options->batch;
  int64_t quota = log_quota(serving);
  if (!serving->begin_ns) serving->begin_ns = l4r_time.now();
  l4r_slowest_open(&serving->slowest);
  for (int64_t done = 0; done < count; done += batch) {
    const int64_t fresh = count - done < batch ? count - done : batch;
    const int64_t n = options->equal ? batch : fresh;
    int64_t ns, longest = serving->order[done];
    for (int64_t b = 0; b < n; b++) {
      const int64_t request = serving->order[b < fresh ? done + b : b - fresh];
      serving->call[b] = options->request[request];
      if (serving->call[b].length > options->request[longest].length) longest = request;
    }
    const int status = l4r_session_serve(options->session, serving->call, n, options->k, &ns);
    if (status) return status;
    add_sample(serving, ns, n, longest);
    serving->serving_ns += ns;
    for (int64_t b = 0; b < fresh; b++)
      maybe_log(serving, &quota, done + b, &serving->call[b], &options->session->ranking[b]);
    if (options->aside && done + batch < count) {
      const int aside = options->aside(options->context, count - done - batch,
                                       &options->request[longest], ns);
      if (aside) return aside;
    }
  }
  l4r_slowest_close(&serving->slowest);
  serving->permutations++;
  return L4R_OK;
}

/* Sleeps while `due` is far, spins when it is near; reads events where there is time for it: before
 * sleeping for the call that ended, after it for the one to come. A clock that goes backwards
 * meanwhile would make the wait longer and show nowhere; the call that follows finds it. */
static void wait_until(struct l4r_serving *serving, int64_t due, int *between) {
  struct l4r_slowest *slowest = &serving->slowest;
  const int64_t room = 8 * slowest->read_ns; /* readings have slow calls of their own */
  int64_t now = l4r_time.now(), earlier = now;
  if (now >= due) return;
  if (due - now > room && slowest->since) {
    l4r_slowest_close(slowest);
    now = l4r_time.now();
  }
  if (*between && due - now > BETWEEN_NS) {
    *between = 0;
    serving->options.between(serving->options.context);
    now = l4r_time.now();
  }
  if (due - now > SLEEP_BEYOND_NS) {
    l4r_time.sleep_until(due - AWAKE_BEFORE_NS);
    now = l4r_time.now();
    if (due - now > room) l4r_slowest_open(slowest);
  }
  while (now >= earlier && now < due) {
    l4r_relax();
    earlier = now;
    now = l4r_time.now();
  }
  if (now < earlier) serving->options.session->ended_ns = earlier;
}

int l4r_serve_arrivals(struct l4r_serving *serving, const int64_t *due, int64_t n) {
  const struct l4r_serving_options *options = &serving->options;
  struct l4r_session *session = options->session;
  struct l4r_samples *samples = &serving->samples;
  int64_t quota = 0, place = options->count;
  int between = 0; /* waits for its moment */
  const int64_t begin = serving->begin_ns = l4r_time.now() + LEAD_NS;
  l4r_slowest_open(&serving->slowest);
  for (int64_t i = 0; i < n; i++, place++) {
    if (place == options->count) {
      if (i) serving->permutations++;
      between = i && options->between;
      place = 0;
      quota = log_quota(serving);
    }
    const int64_t request = serving->order[i];
    int64_t ns;
    serving->call[0] = options->request[request];
    wait_until(serving, begin + due[i], &between);
    const int status = l4r_session_serve(session, serving->call, 1, options->k, &ns);
    if (status) return status;
    const int64_t wait = session->began_ns - begin - due[i];
    samples->due[samples->count] = due[i];
    samples->wait[samples->count] = wait;
    add_sample(serving, wait + ns, 1, request);
    serving->serving_ns += ns;
    maybe_log(serving, &quota, place, &serving->call[0], &session->ranking[0]);
  }
  l4r_slowest_close(&serving->slowest);
  serving->permutations++;
  return L4R_OK;
}
