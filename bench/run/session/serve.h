/* SPDX-License-Identifier: BSD-3-Clause */
/* The timed loops of a round. Everything they touch is taken before they begin: a loop allocates
 * nothing. Closed loops serve whole permutations of a sample, one call after the other; the open
 * loop serves arrivals on a schedule, and the thread that serves is the one that waits for the
 * next.
 */
#ifndef L4R_BENCH_RUN_SESSION_SERVE_H
#define L4R_BENCH_RUN_SESSION_SERVE_H

#include "bench/run/session/session.h"
#include "bench/run/session/slowest.h"
#include "impl/base/random.h"

struct l4r_samples { /* of the timed part, a call each */
  int64_t *ns, *served, count;
  int64_t *request;    /* place in the sample of the call's request; of several, of the longest */
  int64_t *due, *wait; /* of the open loop: when it was due, from the begin; how much later serving
                          it began. ns then counts from when it was due. */
  int64_t *own;        /* what the engine says a call took; 0: it says nothing */
  size_t room[6];
};

struct l4r_logged { /* rankings kept as they were served */
  int64_t count, k, slots;
  struct l4r_request *asked; /* [slots] as the engine was shown it; the histories are borrowed */
  int64_t *length;           /* [slots] */
  l4r_item *item;            /* [slots][k] */
  float *score;
};

struct l4r_serving_options {
  struct l4r_session *session;       /* borrowed */
  const struct l4r_request *request; /* the sample, borrowed */
  int64_t count, batch, k;           /* of the sample; requests of a call; items asked for */
  int equal;       /* 1: every call has `batch` requests, the last one filled up from the front */
  int64_t longest; /* requests in a sequence: count, or the arrivals of an open loop */
  uint64_t seed;
  int round;
  /* Open loop: called once a permutation, in its first wait that is long enough; may be NULL. */
  void (*between)(void *context);
  /* Closed loop: called outside of the clock after each call that is not a permutation's last, with
   * its request of the longest history and what it took; may serve others. May be NULL. */
  int (*aside)(void *context, int64_t left, const struct l4r_request *request, int64_t ns);
  void *context;
};

struct l4r_serving {
  struct l4r_serving_options options;
  int64_t *order;           /* [longest]: the sequence about to be served */
  struct l4r_request *call; /* [batch] */
  struct l4r_random random;
  struct l4r_samples samples;
  struct l4r_logged logged;
  struct l4r_slowest slowest;
  int64_t permutations, begin_ns, serving_ns; /* serving_ns: inside the engine */
};

/* Takes all memory but the samples'. L4R_ENVIRONMENT. Free with l4r_serving_close, also after a
 * failure. */
int l4r_serving_open(const struct l4r_serving_options *options, struct l4r_serving *serving);
void l4r_serving_close(struct l4r_serving *serving);

/* Call it before a loop. It makes room for `calls` more samples, with `open` also for those of an
 * open loop, and draws the order of `permutations` of the sample. */
int l4r_serving_prepare(struct l4r_serving *serving, int64_t permutations, int64_t calls, int open);

/* Serves one prepared permutation of the sample in calls of `batch`, and logs a few of its
 * rankings, chosen at random. Returns the engine's status, or the session's. */
int l4r_serve_permutation(struct l4r_serving *serving);

/* Serves the prepared permutations, one request a call, each at its time in due[n]: nanoseconds
 * from the begin, which is a moment after this call, so that the first is not late. */
int l4r_serve_arrivals(struct l4r_serving *serving, const int64_t *due, int64_t n);

#endif
