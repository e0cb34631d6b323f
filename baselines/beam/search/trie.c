/* SPDX-License-Identifier: BSD-3-Clause */
/* Builds and walks the tree of ids; trie.h has the picture. Items are sorted once by their token
 * strings; every node is then a range of that order, and its children are the runs of equal next
 * tokens in the range. */
#include "baselines/beam/search/trie.h"

#include "baselines/beam/ids/id_tokens.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <inttypes.h>
#include <stdlib.h>

static int64_t id_length(const struct l4r_id_tokens *ids, l4r_item item) {
  return ids->start[item] - ids->start[item - 1];
}

/* Lexicographic order with a prefix before its continuations; then by item. */
static int compare_ids(const void *left, const void *right, void *context) {
  const struct l4r_id_tokens *ids = context;
  l4r_item a = *(const l4r_item *)left, b = *(const l4r_item *)right;
  const int32_t *x = ids->token + ids->start[a - 1], *y = ids->token + ids->start[b - 1];
  int64_t m = id_length(ids, a), n = id_length(ids, b);
  for (int64_t i = 0; i < m && i < n; i++)
    if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
  if (m != n) return m < n ? -1 : 1;
  return a < b ? -1 : a > b;
}

struct range { /* of the sorted items: those with a node's prefix */
  int64_t begin, end;
  int32_t depth;
};

/* Appends the children of `node` after the existing nodes, in token order. */
static int grow_node(const struct l4r_id_tokens *ids, const l4r_item *sorted, struct range *range,
                     int64_t node, struct l4r_trie *trie) {
  struct range mine = range[node];
  int64_t at = mine.begin;
  trie->below[node] = (int32_t)(mine.end - mine.begin);
  if (at < mine.end && id_length(ids, sorted[at]) == mine.depth) trie->item[node] = sorted[at++];
  if (at < mine.end && id_length(ids, sorted[at]) == mine.depth)
    return l4r_fail(L4R_INPUT,
                    "items %d and %d have the same id in tokens; use a tokenizer whose vocabulary "
                    "holds every digit, or --id-form tokens",
                    sorted[at - 1], sorted[at]);
  trie->child[node] = (int32_t)trie->nodes;
  while (at < mine.end) {
    int32_t token = ids->token[ids->start[sorted[at] - 1] + mine.depth];
    int64_t first = at;
    while (at < mine.end && ids->token[ids->start[sorted[at] - 1] + mine.depth] == token) at++;
    trie->token[trie->nodes] = token;
    range[trie->nodes++] = (struct range){first, at, mine.depth + 1};
  }
  trie->child[node + 1] = (int32_t)trie->nodes;
  return L4R_OK;
}

void l4r_trie_free(struct l4r_trie *trie) {
  if (!trie) return;
  l4r_free(trie->token);
  l4r_free(trie->child);
  l4r_free(trie->item);
  l4r_free(trie->below);
  *trie = (struct l4r_trie){0};
}

int l4r_trie_build(const struct l4r_id_tokens *ids, struct l4r_trie *trie) {
  size_t most = (size_t)ids->start[ids->items] + 1; /* one node per token, and the root */
  if (most > INT32_MAX - 1)
    return l4r_fail(L4R_INPUT, "item ids have %zu tokens in all; the trie can hold 2^31", most);
  struct l4r_trie made = {.nodes = 1, .items = ids->items};
  made.token = l4r_alloc(most, sizeof *made.token, "trie");
  made.child = l4r_alloc(most + 1, sizeof *made.child, "trie");
  made.item = l4r_alloc(most, sizeof *made.item, "trie");
  made.below = l4r_alloc(most, sizeof *made.below, "trie");
  l4r_item *sorted = l4r_alloc((size_t)ids->items, sizeof *sorted, "trie order");
  struct range *range = l4r_alloc(most, sizeof *range, "trie ranges");
  int status = made.token && made.child && made.item && made.below && sorted && range
                   ? L4R_OK
                   : L4R_ENVIRONMENT;
  if (!status) {
    for (int64_t i = 0; i < ids->items; i++) sorted[i] = (l4r_item)(i + 1);
    qsort_r(sorted, (size_t)ids->items, sizeof *sorted, compare_ids, (void *)ids);
    range[0] = (struct range){0, ids->items, 0};
    for (int64_t node = 0; !status && node < made.nodes; node++)
      status = grow_node(ids, sorted, range, node, &made);
  }
  l4r_free(sorted);
  l4r_free(range);
  if (status)
    l4r_trie_free(&made);
  else
    *trie = made;
  return status;
}

int32_t l4r_trie_step(const struct l4r_trie *trie, int32_t node, int32_t token) {
  int32_t low = trie->child[node], high = trie->child[node + 1];
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (trie->token[middle] < token)
      low = middle + 1;
    else
      high = middle;
  }
  return low < trie->child[node + 1] && trie->token[low] == token ? low : -1;
}

int64_t l4r_trie_choose(const struct l4r_trie *trie, int32_t node, int32_t *token) {
  int64_t count = 0;
  if (trie->item[node]) token[count++] = L4R_END_TOKEN;
  for (int32_t child = trie->child[node]; child < trie->child[node + 1]; child++)
    token[count++] = trie->token[child];
  return count;
}

int64_t l4r_trie_most_choices(const struct l4r_trie *trie) {
  int64_t most = 0;
  for (int64_t node = 0; node < trie->nodes; node++) {
    int64_t choices = l4r_trie_choices(trie, (int32_t)node);
    if (choices > most) most = choices;
  }
  return most;
}

l4r_item l4r_trie_find(const struct l4r_trie *trie, const int32_t *token, int64_t count) {
  int32_t node = 0;
  for (int64_t i = 0; i < count && node >= 0; i++) node = l4r_trie_step(trie, node, token[i]);
  return node < 0 ? 0 : trie->item[node];
}
