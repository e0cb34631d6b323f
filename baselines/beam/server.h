/* SPDX-License-Identifier: BSD-3-Clause */
/* P5, p5-head and lite-beam over a stack. The engine serves with this server and training validates
 * with it, so that the two cannot differ.
 *
 *   p5         prompt tokens -> encoder -> decoder, beam search over ids
 *   p5-head    prompt tokens -> encoder -> decoder's first position -> head over items
 *   lite-beam  item vectors  -> encoder -> decoder, beam search over ids */
#ifndef L4R_BEAM_SERVER_H
#define L4R_BEAM_SERVER_H

#include "baselines/beam/ids/ids.h"
#include "impl/model/model.h"
#include "impl/stack.h"

/* Option trie. off: the decoder writes any string, and strings that are no id are dropped. on: only
 * ids, with probabilities among all tokens. head: only ids; the output layer computes only what the
 * trie allows, and probabilities are among those tokens (search.h). */
enum l4r_trie_use { L4R_TRIE_OFF, L4R_TRIE_ON, L4R_TRIE_HEAD };
extern const char *const l4r_trie_use_names[]; /* "off", "on", "head" */

/* Option search. beam: by beam search. exact: by the score of every id, as if there were as many
 * beams as items (exact.h); with trie=on or head. */
enum l4r_search_use { L4R_SEARCH_BEAM, L4R_SEARCH_EXACT };
extern const char *const l4r_search_use_names[]; /* "beam", "exact" */

struct l4r_beam_server;
/* Implement the functions of these names in struct l4r_engine. score: only p5-head (otherwise
 * L4R_USAGE). */
int l4r_beam_server_recommend(struct l4r_beam_server *server, const struct l4r_request *request,
                              int64_t n, int64_t k, struct l4r_ranking *ranking);
/* L4R_USAGE for p5-head, which scores the catalogue, and for trie=off, whose free generation cannot
 * avoid the history. The first call allocates memory. */
int l4r_beam_server_recommend_unseen(struct l4r_beam_server *server,
                                     const struct l4r_request *request, int64_t n, int64_t k,
                                     struct l4r_ranking *ranking);
int l4r_beam_server_score(struct l4r_beam_server *server, const struct l4r_request *request,
                          int64_t n, float *scores);
#endif
