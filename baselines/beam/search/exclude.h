/* SPDX-License-Identifier: BSD-3-Clause */
/* The items that a user's search must not find. An excluded item's id cannot end, and nodes with
 * only such items below are not entered, as if the trie did not have them. */
#ifndef L4R_BASELINES_BEAM_SEARCH_EXCLUDE_H
#define L4R_BASELINES_BEAM_SEARCH_EXCLUDE_H

#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/search/trie.h"

#include <stdint.h>

struct l4r_exclusions { /* of one run; zeroed but for the first two: nothing is excluded */
  const struct l4r_trie *trie;
  int64_t max_users;
  int64_t words, bytes; /* words: for one bit per node; bytes: allocated */
  uint64_t *bits;       /* [max_users][2][words]: unended | barred */
  unsigned char *given; /* [max_users] 1: in the next run */
  int32_t *gone;        /* [nodes] scratch: number of excluded items below; 0 between calls */
};

/* One bit per node: ids that must not end there, nodes that must not be entered; NULL: none. */
struct l4r_excluded {
  const uint64_t *unended, *barred;
};

/* Excludes n items for user number `user` (from 0), and what it excluded before no more; repeated
 * items are allowed. The first call allocates two bits per node of the trie and user;
 * L4R_ENVIRONMENT when there is no memory. L4R_USAGE for a user beyond max_users. */
int l4r_exclude(struct l4r_exclusions *exclusions, int64_t user, const struct l4r_id_tokens *ids,
                const l4r_item *item, int64_t n);

/* What the user's next run leaves out. Valid until the next l4r_exclude. */
struct l4r_excluded l4r_excluded_of(const struct l4r_exclusions *exclusions, int64_t user);

/* The run has begun: what was excluded is for this one alone. */
void l4r_exclusions_end(struct l4r_exclusions *exclusions);
void l4r_exclusions_free(struct l4r_exclusions *exclusions);

static inline int l4r_has_bit(const uint64_t *bits, int32_t node) {
  return bits && bits[node / 64] >> (node % 64) & 1;
}

#endif
