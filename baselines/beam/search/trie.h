/* SPDX-License-Identifier: BSD-3-Clause */
/* The prefix tree of all item ids says what the decoder may write next.
 *
 * Nodes are numbered breadth first, so a node's children are neighbours and the whole tree is three
 * flat arrays: no child pointers, no per-node allocation.
 *
 *            0 root              token  [ - 12 40 | 3 7 | 7 ]
 *       12 /   \ 40              child  [ 1 3 5 6 | 6 6 | 6 ]  child[n] .. child[n+1]-1
 *        1       2               item   [ 0 9 0 | 4 5 | 8 ]    0: no id ends here
 *     3 / \ 7     \ 7
 *      3   4       5             id "12" (item 9) is a prefix of "12 3" (item 4): a node may both
 *                                end an id and go on. */
#ifndef L4R_BASELINES_BEAM_SEARCH_TRIE_H
#define L4R_BASELINES_BEAM_SEARCH_TRIE_H

#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/ids/ids.h"

struct l4r_trie {
  int64_t nodes, items;
  int32_t *token; /* [nodes] token that leads to the node; children of a node ascending */
  int32_t *child; /* [nodes + 1] first child */
  l4r_item *item; /* [nodes] the item whose id ends here, or 0 */
  int32_t *below; /* [nodes] number of items whose ids end here or further down */
};

/* Builds the tree. L4R_INPUT when two items have the same token string, naming both, because their
 * ids could not be told apart. Free with l4r_trie_free. Read-only afterwards. */
int l4r_trie_build(const struct l4r_id_tokens *ids, struct l4r_trie *trie);
void l4r_trie_free(struct l4r_trie *trie);

/* Returns the child of `node` along `token`, or -1. Pure; O(log children). */
int32_t l4r_trie_step(const struct l4r_trie *trie, int32_t node, int32_t token);

/* Writes the tokens that may follow `node`: first </s> if an id ends there, then its children's
 * tokens. Returns how many these are, l4r_trie_choices(trie, node). Pure. */
int64_t l4r_trie_choose(const struct l4r_trie *trie, int32_t node, int32_t *token);
static inline int64_t l4r_trie_choices(const struct l4r_trie *trie, int32_t node) {
  return (trie->item[node] != 0) + trie->child[node + 1] - trie->child[node];
}
int64_t l4r_trie_most_choices(const struct l4r_trie *trie); /* of any node */
/* Returns 1 when an id ends here and no other continues. Pure. */
static inline int l4r_trie_is_leaf(const struct l4r_trie *trie, int32_t node) {
  return trie->child[node] == trie->child[node + 1];
}

/* Returns the item of a whole token string, or 0. Pure. */
l4r_item l4r_trie_find(const struct l4r_trie *trie, const int32_t *token, int64_t count);

#endif
