/* SPDX-License-Identifier: BSD-3-Clause */
/* Two sets of ranks, user by user. Two engines of one model may reach the same HR@10 by answering
 * different users, which means would not show. */
#ifndef L4R_BENCH_DERIVE_RANKS_H
#define L4R_BENCH_DERIVE_RANKS_H

#include "bench/derive/metrics.h"
#include "bench/record/bundle.h"
#include "bench/record/record.h"

enum { L4R_APART_KEEP, L4R_APART_MASK, L4R_APARTS, L4R_APART_FIRST = 5 };
extern const char *const l4r_apart_names[L4R_APARTS]; /* "keep", "mask" */

struct l4r_rank_moved {
  int64_t user, rank[2]; /* user: 0-based; rank: of A and of B, 0 = not ranked */
};
struct l4r_difference_of_means { /* B - A, with its 95 % interval over users */
  double value, lo, hi;
};

struct l4r_apart {              /* under one convention */
  int64_t users, differ;        /* of both; those whose rank is another one */
  int64_t counted;              /* of them those with a rank up to 20 in A or B: metrics see it */
  int64_t only[2];              /* users whose item is among the first 10 in A alone, in B alone */
  struct l4r_metrics metric[2]; /* of A and of B */
  struct l4r_difference_of_means hr10, ndcg10;
  struct l4r_rank_moved first[L4R_APART_FIRST]; /* [firsts] the first users who differ */
  int firsts;
};

/* Reads the ranks from the file of raw samples beside a record that l4r_records_read gave. The
 * caller frees the bundle. L4R_INPUT when the file is missing or damaged. */
int l4r_ranks_read(const struct l4r_record *record, struct l4r_bundle *ranks);

/* Compares the ranks of two bundles (arrays user, keep and mask) by user. Intervals are normal ones
 * of the paired differences. L4R_INPUT when an array is missing or they are not of the same users,
 * naming the first who is in one alone. */
int l4r_ranks_apart(const struct l4r_bundle *a, const struct l4r_bundle *b,
                    struct l4r_apart apart[L4R_APARTS]);

/* Writes "user 17: 3, then 4; ..." of the first users who differ into out[size], with the words
 * given between the two ranks; "not ranked" for rank 0. */
void l4r_apart_first(const struct l4r_apart *apart, const char *between, char *out, size_t size);

#endif
