/* SPDX-License-Identifier: BSD-3-Clause */
/* Holds records against one claim: which pair of arms is compared, in which cell, and what follows.
 *
 * For time the pair is blis@lite (item vectors cached) and beam@p5 on the same stack, data set,
 * scenario, thread count and precision, measured in one run; or both in one and the same peer,
 * which makes a cell but no verdict: the claim in another project's hands. The headline cell is
 * single-stream, most threads, decoder cached, 20 beams, trie on, and of several the one whose
 * models are best on validation. For accuracy the two sides may come from different runs; rows.h
 * says which records are taken. */
#ifndef L4R_BENCH_CLAIMS_JUDGE_H
#define L4R_BENCH_CLAIMS_JUDGE_H

#include "bench/claims/conditions.h"
#include "bench/claims/paper.h"
#include "bench/claims/rows.h"
#include "bench/claims/verdict.h"

enum { L4R_SEEDS_NEEDED = 3, L4R_ROUNDS_NEEDED = 5 };

/* Ranks of all users (1 = best, 0 = not ranked) of a record's accuracy pass, keep or mask; owned by
 * the caller (l4r_free). A seam, so that tests judge records without files. */
typedef int l4r_ranks_reader(void *context, const struct l4r_record *record, int mask,
                             int64_t **rank, int64_t *users);

struct l4r_record_set {
  const struct l4r_records *records; /* those of one file are of one run */
  l4r_ranks_reader *ranks;
  void *context;
  int without_samples; /* 1: verdicts on times without samples too */
};

struct l4r_judgement {
  struct l4r_gain gain[L4R_SEEDS_MAX]; /* a seed each (accuracy), or one (time) */
  struct l4r_gain mask[L4R_SEEDS_MAX]; /* accuracy under `mask`, beside it */
  int64_t gains;                       /* 0: nothing measured */
  enum l4r_verdict direction, magnitude;
  const struct l4r_record
      *side[2];    /* times: the records compared, lite and beam; borrowed, NULL: none */
  int mask_capped; /* 1: the beam side's masked rankings are what its beams left beside the history,
                      so `mask` flatters the other side */
  char cell[512], reason[384];
};

int l4r_judge(const struct l4r_claim *claim, const struct l4r_record_set *set,
              struct l4r_judgement *judgement);

/* The next pair of lite and beam records of one run that share stack, data set, scenario, threads
 * and precision, whatever their other options: the rows of the efficiency grid. *cursor begins at
 * 0; returns 0 when there is none left. */
int l4r_next_pair(const struct l4r_records *records, int64_t *cursor,
                  const struct l4r_record **lite, const struct l4r_record **beam);
int l4r_pair_saving(const struct l4r_record *lite, const struct l4r_record *beam,
                    struct l4r_gain *gain, int64_t *rounds);
/* "single-stream, 2 threads, fp32, 20 beams, trie on, decoder cached, item vectors cached, mini" */
void l4r_pair_cell(const struct l4r_record *lite, const struct l4r_record *beam, char *out,
                   size_t size);

#endif
