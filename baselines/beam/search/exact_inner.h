/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to the exact search: exact_open.c takes memory, exact.c walks the trie. */
#ifndef L4R_BASELINES_BEAM_SEARCH_EXACT_INNER_H
#define L4R_BASELINES_BEAM_SEARCH_EXACT_INNER_H

#include "baselines/beam/search/exact_open.h"
#include "baselines/beam/search/exclude.h"
#include "impl/rank.h"

struct open_node {      /* a node whose turn has not come */
  float sum;            /* of the log-probabilities down to it */
  float bound;          /* no id at or below it scores more, but for rounding */
  int32_t node, parent; /* parent: row of the level above */
};

struct level {                 /* of the trie, and what waits there */
  int64_t nodes;               /* of the trie that are decoded: all, or those that go on */
  int64_t room;                /* most that wait for one user */
  struct open_node *open;      /* [max_users][room], best bound first */
  struct l4r_search_work work; /* sums over users */
};

struct exact_user {
  struct l4r_heap best;
  struct l4r_excluded excluded;
  int64_t row, rows; /* its rows of the part at hand */
};

struct l4r_exact {
  struct l4r_exact_spec spec;
  const struct l4r_kernels *kernels;
  struct l4r_exclusions exclusions;
  int64_t bytes, users, level, rows, ranked; /* ranked: users since open */
  struct level *at;                          /* [steps] */
  int64_t *next, *end;     /* [steps][max_users] the open nodes of a level that are left */
  int32_t *deepest;        /* [nodes] tokens of the longest id at or below, with </s> */
  struct exact_user *user; /* [max_users] */
  l4r_item *item;          /* [max_users][max_k] */
  float *score;            /* [max_users][max_k] */
  struct open_node *row;   /* [rows] */
  int64_t *row_user, *row_parent;
  int32_t *row_token;
  int64_t per_row; /* logits of a row at most */
  float *normaliser, *logits;
  int64_t *choice_start; /* restricted: [rows + 1] */
  int32_t *choice;       /* restricted: [rows * per_row] */
};

#endif
