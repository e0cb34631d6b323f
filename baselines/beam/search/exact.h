/* SPDX-License-Identifier: BSD-3-Clause */
/* The exact ranking that a beam search approximates: the best k items of the whole catalogue by the
 * sum of the log-probabilities of their ids' tokens, </s> included.
 *
 * A token's log-probability is that of beam search (search.h): from a log-softmax over the whole
 * vocabulary, or, restricted, over what the trie allows. A score is the sum divided by the number
 * of tokens to the power of the length penalty: 0 ranks by the sum, which is the probability of the
 * id itself; 1 is what beam search ranks by.
 *
 * Every node of the trie is decoded at most once for a user, on top of the keys and values of the
 * nodes above it. Log-probabilities are not positive, so no id below a node scores more than the
 * node itself; nodes that score less than the k-th best item are not decoded, which changes no
 * answer. Of k equal to the catalogue, all are.
 *
 * Memory is bounded: a level of the tree is decoded in parts of at most `rows` nodes, the best ones
 * first, and the decoder goes down to a part's leaves before it takes the next one:
 *
 *   level 0          root                    decode; its children wait, best first
 *   level 1      [a b c] d e                 decode a part; its children wait
 *   level 2   [...][...]...                  parts until none is left; then back to d and e, which
 *                                            may score too little by then */
#ifndef L4R_BASELINES_BEAM_SEARCH_EXACT_H
#define L4R_BASELINES_BEAM_SEARCH_EXACT_H

#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/search/search.h"
#include "baselines/beam/search/trie.h"

/* What the search asks of a decoder: `step` as in search.h; `rewind` takes it back to step number
 * `level`, as decode_rewind of impl/stack.h. */
struct l4r_exact_decoder {
  void *decoder;
  l4r_decode_step *step;
  int (*rewind)(void *decoder, int64_t level);
};

struct l4r_exact; /* exact_open.h opens it */

/* As l4r_search_exclude. */
int l4r_exact_exclude(struct l4r_exact *exact, int64_t user, const struct l4r_id_tokens *ids,
                      const l4r_item *item, int64_t n);

/* Ranks for `users` users whose memories the decoder already holds. Allocates nothing. L4R_USAGE
 * beyond the bounds, else the decoder's status. */
int l4r_exact_run(struct l4r_exact *exact, int64_t users, int64_t k,
                  const struct l4r_exact_decoder *decoder);

/* Copies the best answers of a user after a run, at most k of that run, to *ranking. */
void l4r_exact_ranking(const struct l4r_exact *exact, int64_t user, struct l4r_ranking *ranking);

/* Sets *work to what decoding at a level (from 0) was for the mean user since open, `users` being
 * in how many parts, and returns 1; returns 0 where nobody was ranked for, with *work the bound:
 * all nodes in one part. Pure. */
int l4r_exact_work(const struct l4r_exact *exact, int64_t level, struct l4r_search_work *work);

#endif
