/* SPDX-License-Identifier: BSD-3-Clause */
/* The ranks of users' held-out items, as the accuracy pass stored them beside a record. */
#ifndef L4R_BENCH_DERIVE_USER_RANKS_H
#define L4R_BENCH_DERIVE_USER_RANKS_H

#include "bench/derive/figures.h"
#include "bench/record/bundle.h"

struct l4r_user_ranks {
  struct l4r_bundle bundle;        /* owned */
  const struct l4r_array *rank[2]; /* under keep, under mask: 1 is the best, 0 not ranked */
  const struct l4r_array *user;    /* numbers of the users from 0; NULL in older files */
  int64_t depth; /* ranks beyond it are unknown; INT64_MAX where all items were ranked */
};

/* What records' accuracy.mask_by says where all items were scored. */
extern const char l4r_mask_by_scores[];

/* Reads them. Free with l4r_user_ranks_free, also after a failure. L4R_INPUT, with file and line,
 * when the file is missing or damaged. */
int l4r_user_ranks_read(const struct l4r_record *record, struct l4r_user_ranks *ranks);
void l4r_user_ranks_free(struct l4r_user_ranks *ranks);

/* The accuracy figure of a user whose held-out item has that rank: 0 to 1. Pure. */
double l4r_figure_of_rank(const struct l4r_figure *figure, int64_t rank);

#endif
