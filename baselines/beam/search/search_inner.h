/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to baselines/beam/search: search.c loops over the steps, advance.c makes one user's
 * choice. */
#ifndef L4R_BASELINES_BEAM_SEARCH_SEARCH_INNER_H
#define L4R_BASELINES_BEAM_SEARCH_SEARCH_INNER_H

#include "baselines/beam/search/exclude.h"
#include "baselines/beam/search/search.h"

struct beam {
  float sum;      /* of log-probabilities */
  int32_t token;  /* the newest */
  int32_t node;   /* of the trie */
  int32_t parent; /* beam of the same user in the step before */
  int64_t row;    /* of the decoder in its step; UNDECODED where it needs none */
};
enum { UNDECODED = -1 };

struct search_user {
  int64_t beams, answers;
  double worst; /* score of the worst answer */
  int done;
  struct l4r_excluded excluded;
};

struct candidate {
  float sum;
  int32_t beam, token, node;
};

struct l4r_search {
  struct l4r_search_spec spec;
  const struct l4r_kernels *kernels;
  int64_t step, rows, runners, bytes;
  int side;                  /* index of the current beams in beam[] and text[] */
  struct search_user *user;  /* [max_users] */
  int64_t *running;          /* users that are not done, ascending */
  struct beam *beam[2];      /* [max_users][S] */
  int32_t *text[2];          /* [max_users][S][steps] tokens of each beam */
  struct l4r_answer *answer; /* [max_users][S + 1] */
  int32_t *answer_text;      /* [max_users][S + 1][steps] */
  int64_t *row_user, *row_parent;
  int32_t *row_token;
  float *normaliser, *logits;  /* [rows], [rows][per_row] */
  int64_t per_row;             /* vocabulary; in a restricted search the most choices of a node */
  int64_t *choice_start;       /* restricted: [rows + 1] */
  int32_t *choice;             /* restricted: [rows * per_row] */
  struct candidate *candidate; /* [workers][2S] */
  struct l4r_exclusions exclusions;
  int64_t searched;             /* users since open */
  struct l4r_search_work *work; /* [steps] sums over them */
};

#endif
