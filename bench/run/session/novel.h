/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests that no file holds: histories put together from the items of the sample, of its lengths
 * and its users. An engine that computes answers them as it answers the others, at the same cost;
 * one that looks answers up in a table, made while loading or brought along, cannot. They are asked
 * between the requests of the timed part, at places that the engine cannot know, so that it cannot
 * act up for them alone; their times are no latencies of the record. */
#ifndef L4R_BENCH_RUN_SESSION_NOVEL_H
#define L4R_BENCH_RUN_SESSION_NOVEL_H

#include "bench/run/session/requests.h"
#include "bench/run/session/session.h"
#include "impl/base/random.h"

enum { L4R_NOVEL = 64 };

struct l4r_novel {
  struct l4r_request request[L4R_NOVEL]; /* sorted by length */
  int count;                             /* 0: the sample's histories are too short for any */
  int pairs, inside;                     /* asked so far; of them inside of the timed part */
  int left_here;                         /* to be asked in the permutation under way */
  int asked[L4R_NOVEL];                  /* 1: each is asked once a round */
  int64_t known_ns[L4R_NOVEL], novel_ns[L4R_NOVEL]; /* [pairs] */
  int64_t length[L4R_NOVEL];                        /* [count] of the first answer; k entries: */
  int64_t k, ask;
  l4r_item *item, *history; /* [count][k], and the private histories */
  float *score;
  unsigned char *mark; /* [items + 1] */
  struct l4r_random random;
};

/* Draws novel requests from the sample (timed requests of at least two items), seeded by run and
 * round. `k` is what a user is asked for. Free with l4r_novel_free, which also takes a zeroed one.
 */
int l4r_novel_make(const struct l4r_requests *requests, const struct l4r_session *session,
                   uint64_t seed, int round, int64_t k, struct l4r_novel *novel);
void l4r_novel_free(struct l4r_novel *novel);

/* Asks the novel request, among those not yet asked, whose length is nearest to that of `known`;
 * `known` has just taken `known_ns`. The answer must keep the ranking contract. Returns the
 * session's status. */
int l4r_novel_ask(struct l4r_novel *novel, struct l4r_session *session,
                  const struct l4r_request *known, int64_t known_ns);

/* 1 when more than half of the pairs asked so far lie beyond the bounds of l4r_check_novel to the
 * same side: then more pairs are wanted. Pure. */
int l4r_novel_apart(const struct l4r_novel *novel);

/* Asks each of them again, by score() if the engine has it. L4R_CHECK when an answer differs from
 * the first one by more than the tolerance of l4r_check_answers. */
int l4r_novel_check_answers(const struct l4r_novel *novel, struct l4r_session *session);

/* Appends the times of the pairs to a round's result, as arrays known_ns and novel_ns. */
int l4r_novel_append(const struct l4r_novel *novel, struct l4r_bundle *result);

#endif
