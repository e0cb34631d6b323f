/* SPDX-License-Identifier: BSD-3-Clause */
/* Beam search as `generate` of transformers 4.39.3 does it (tests/oracle names the version).
 *
 * These points are easy to get subtly wrong, so they are stated here:
 *  - A score is the sum of log-probabilities, each from a log-softmax over the whole vocabulary
 *    (without unused rows of the embedding). The trie masks afterwards; nothing is renormalised.
 *  - Each step takes the best 2S candidates of a user's beams. In that list, a candidate that ends
 *    in </s> becomes an answer only if it is among the first S; the first S others become the next
 *    beams.
 *  - An answer's score is its sum divided by its number of tokens, </s> included (length penalty
 *    1.0), or the sum itself (0.0, `by_sum`). The best S answers are kept.
 *  - A user is done (early_stopping=False) when there are S answers and the worst is no worse than
 *    this step's best candidate divided by the current length (length penalty 1).
 *  - At the last step, beams that did not end also compete for the S places, as answers that never
 *    reached </s>.
 * In a restricted search the decoder computes only the logits that the trie allows, and the
 * log-softmax is taken over those: `generate` with renormalize_logits=True. A probability is then
 * one among ids, not among all strings, so rankings differ from the above. Where only </s> may
 * follow, its probability is 1 and the beam is not decoded any more.
 * transformers keeps S beams even where the trie allows fewer, fills up with impossible ones of
 * score -1e9 or -inf, and may return those. Here such beams do not exist; `unfilled` counts the
 * answers that are missing because of that. A real beam never loses to an impossible one, so the
 * other answers are the same. One beam is greedy search.
 * Users may exclude items (l4r_search_exclude). Their ids then cannot end, and nodes with only such
 * items below are not entered, as if the trie did not have them. Probabilities do not change: an
 * item's score does not depend on which other items are excluded. */
#ifndef L4R_BASELINES_BEAM_SEARCH_SEARCH_H
#define L4R_BASELINES_BEAM_SEARCH_SEARCH_H

#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/search/trie.h"
#include "impl/base/team.h"
#include "impl/blis/kernels/kernels.h"
#include "impl/stack.h"

#include <stdint.h>

struct l4r_search_spec {
  int64_t max_users; /* in one run */
  int64_t beams;     /* [S] >= 1 */
  int64_t vocabulary;
  int64_t unused_begin, unused_end;  /* unused rows of the vocabulary */
  int64_t steps;                     /* tokens of the longest answer with </s> */
  const struct l4r_trie *trie;       /* NULL: free generation; must outlive the search */
  int restricted;                    /* 1: only with a trie, and its decoder is opened restricted */
  struct l4r_team *team;             /* NULL: the calling thread alone */
  int by_sum;                        /* 1: length penalty 0; 0: 1 */
  const struct l4r_kernels *kernels; /* that normalise; NULL: the widest set's */
};

struct l4r_answer {
  double score;         /* sum of log-probabilities / tokens; by_sum: the sum */
  const int32_t *token; /* [length], without start token and </s>; valid until the next run */
  int32_t length;
  int32_t node;     /* of the trie where it ended; 0 in free generation */
  int32_t finished; /* 0: stopped by the length limit */
};

/* Runs one decode step for the beams of all users: raw logits[rows->rows][vocabulary], or in a
 * restricted search those of the rows' choices. */
typedef int l4r_decode_step(void *decoder, const struct l4r_decode_rows *rows, float *logits);

struct l4r_search;
/* Allocates all memory. L4R_USAGE for beams < 1. The object belongs to one thread. */
int l4r_search_open(const struct l4r_search_spec *spec, struct l4r_search **search);
void l4r_search_close(struct l4r_search *search);
int64_t l4r_search_bytes(const struct l4r_search *search); /* allocated at open */

/* Excludes n items from the next run for user number `user` (from 0); repeated items are allowed.
 * L4R_USAGE without a trie, because free generation cannot avoid items. The first call after open
 * allocates two bits per node of the trie and user; L4R_ENVIRONMENT when there is no memory. */
int l4r_search_exclude(struct l4r_search *search, int64_t user, const struct l4r_id_tokens *ids,
                       const l4r_item *item, int64_t n);

/* Searches for `users` users whose memories the decoder already holds (users 0..users-1 of
 * l4r_decode_rows). Allocates nothing. Returns the decoder's status. */
int l4r_search_run(struct l4r_search *search, int64_t users, l4r_decode_step *step, void *decoder);

/* Gives the answers of a user after a run, best first; returns how many there are (at most S). */
int64_t l4r_search_answers(const struct l4r_search *search, int64_t user,
                           const struct l4r_answer **answer);

struct l4r_search_work { /* of a step */
  double rows;           /* that are decoded for a user */
  double users;          /* share of users whose search gets there */
};
/* Sets *work to what step `step` (from 0) was for the mean user since open, and returns 1; returns
 * 0 where nobody was searched for. Searches end early, so this is less than the bounds. Pure. */
int l4r_search_work(const struct l4r_search *search, int64_t step, struct l4r_search_work *work);

#endif
