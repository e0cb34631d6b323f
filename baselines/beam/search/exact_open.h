/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening and closing an exact search (exact.h). */
#ifndef L4R_BASELINES_BEAM_SEARCH_EXACT_OPEN_H
#define L4R_BASELINES_BEAM_SEARCH_EXACT_OPEN_H

#include "baselines/beam/search/exact.h"

struct l4r_exact_spec {
  int64_t max_users;  /* in one run */
  int64_t max_k;      /* most answers of a user; more than the catalogue is the catalogue */
  int64_t rows;       /* most nodes decoded at once, >= max_users */
  int64_t vocabulary; /* of the decoder */
  int64_t unused_begin, unused_end;  /* unused rows of the vocabulary */
  int64_t steps;                     /* tokens of the longest answer with </s> */
  const struct l4r_trie *trie;       /* must outlive the search */
  int restricted;                    /* 1: its decoder is opened restricted */
  int by_sum;                        /* 1: length penalty 0; 0: 1 */
  const int64_t *popularity;         /* [items + 1] breaks ties; must outlive the search */
  struct l4r_team *team;             /* NULL: the calling thread alone */
  const struct l4r_kernels *kernels; /* that normalise; NULL: the widest set's */
};

/* Allocates all memory. L4R_USAGE for a bound below 1, or fewer rows than users. The object belongs
 * to one thread. */
int l4r_exact_open(const struct l4r_exact_spec *spec, struct l4r_exact **exact);
void l4r_exact_close(struct l4r_exact *exact);
int64_t l4r_exact_bytes(const struct l4r_exact *exact); /* allocated so far */

/* Bytes that the nodes waiting for their turn take for each user, of searches with `rows`. Pure. */
int64_t l4r_exact_bytes_per_user(const struct l4r_trie *trie, int64_t rows);

#endif
