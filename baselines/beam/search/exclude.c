/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/beam/search/exclude.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <string.h>

static void *take(struct l4r_exclusions *exclusions, int64_t count, size_t size, int *status) {
  void *memory = l4r_alloc((size_t)count, size, "excluded items");
  if (!memory) *status = L4R_ENVIRONMENT;
  exclusions->bytes += count * (int64_t)size;
  return memory;
}

static int take_all(struct l4r_exclusions *e) {
  int status = L4R_OK;
  if (e->gone) return L4R_OK;
  e->words = (e->trie->nodes + 63) / 64;
  if (!e->bits) e->bits = take(e, e->max_users * 2 * e->words, sizeof *e->bits, &status);
  if (!e->given) e->given = take(e, e->max_users, 1, &status);
  if (!status) e->gone = take(e, e->trie->nodes, sizeof *e->gone, &status);
  return status;
}

static void set_bit(uint64_t *bits, int32_t node) {
  bits[node / 64] |= (uint64_t)1 << (node % 64);
}

int l4r_exclude(struct l4r_exclusions *e, int64_t user, const struct l4r_id_tokens *ids,
                const l4r_item *item, int64_t n) {
  const struct l4r_trie *trie = e->trie;
  if (user < 0 || user >= e->max_users)
    return l4r_fail(L4R_USAGE, "the search was opened for %lld users; there is no user %lld",
                    (long long)e->max_users, (long long)user);
  int status = take_all(e);
  if (status) return status;
  uint64_t *unended = e->bits + user * 2 * e->words, *barred = unended + e->words;
  memset(unended, 0, (size_t)(2 * e->words) * sizeof *unended);
  e->given[user] = 1;
  /* Follows each id down the tree: a node is barred when all items below it are excluded. The
   * second pass resets the counts of all nodes that the first one changed. */
  for (int turn = 0; turn < 2; turn++)
    for (int64_t i = 0; i < n; i++) {
      const int64_t end = ids->start[item[i]];
      int32_t node = 0;
      for (int64_t at = ids->start[item[i] - 1]; at < end; at++)
        node = l4r_trie_step(trie, node, ids->token[at]);
      if (!turn && l4r_has_bit(unended, node)) continue; /* it was counted before */
      set_bit(unended, node);
      node = 0;
      for (int64_t at = ids->start[item[i] - 1];; at++) {
        e->gone[node] = turn ? 0 : e->gone[node] + 1;
        if (!turn && e->gone[node] == trie->below[node]) set_bit(barred, node);
        if (at == end) break;
        node = l4r_trie_step(trie, node, ids->token[at]);
      }
    }
  return L4R_OK;
}

struct l4r_excluded l4r_excluded_of(const struct l4r_exclusions *e, int64_t user) {
  if (!e->given || !e->given[user]) return (struct l4r_excluded){NULL, NULL};
  const uint64_t *unended = e->bits + user * 2 * e->words;
  return (struct l4r_excluded){unended, unended + e->words};
}

void l4r_exclusions_end(struct l4r_exclusions *e) {
  if (e->given) memset(e->given, 0, (size_t)e->max_users);
}

void l4r_exclusions_free(struct l4r_exclusions *e) {
  l4r_free(e->bits);
  l4r_free(e->given);
  l4r_free(e->gone);
  *e = (struct l4r_exclusions){.trie = e->trie, .max_users = e->max_users};
}
