/* SPDX-License-Identifier: BSD-3-Clause */
/* Judges one claim by records: chooses the pair of arms and the configuration, and computes the
 * verdict.
 *
 * For time, the pair is blis@lite (item vectors cached) and beam@p5 with the same stack, data set,
 * scenario, thread count and precision, measured in one run. Both may also run in one peer; such a
 * pair shows the claim in another project's code but gives no verdict. The headline configuration
 * is single-stream, most threads, decoder cached, 20 beams, trie on; among several, the one whose
 * models are best on validation. For accuracy the two sides may come from different runs; rows.h
 * says which records are taken. */
#ifndef L4R_BENCH_CLAIMS_JUDGE_H
#define L4R_BENCH_CLAIMS_JUDGE_H

#include "bench/claims/conditions.h"
#include "bench/claims/paper.h"
#include "bench/claims/rows.h"
#include "bench/claims/verdict.h"

enum { L4R_SEEDS_NEEDED = 3, L4R_ROUNDS_NEEDED = 5 };

/* Reads the ranks of all users (1 is the best, 0 means not ranked) from a record's accuracy pass,
 * under keep or mask; the caller frees them (l4r_free). Tests replace this function to judge
 * records without files. */
typedef int l4r_ranks_reader(void *context, const struct l4r_record *record, int mask,
                             int64_t **rank, int64_t *users);

struct l4r_record_set {
  const struct l4r_records *records; /* records of one file belong to one run */
  l4r_ranks_reader *ranks;
  void *context;
  int without_samples; /* 1: judge times without samples too */
};

struct l4r_judgement {
  struct l4r_gain gain[L4R_SEEDS_MAX]; /* one per seed (accuracy), or one (time) */
  struct l4r_gain mask[L4R_SEEDS_MAX]; /* accuracy under `mask` */
  int64_t gains;                       /* 0: nothing measured */
  enum l4r_verdict direction, magnitude;
  const struct l4r_record
      *side[2]; /* times: the compared records of lite and beam, borrowed; NULL: none */
  const struct l4r_record *record[2 * L4R_SEEDS_MAX]; /* [records] that the gains are of, lite and
                                                         beam in turns; borrowed */
  int64_t records;
  int mask_capped; /* 1: the beam side's masked rankings are what remains of its beams without seen
                      items, so `mask` favours the other side */
  char cell[512], reason[384];
};

int l4r_judge(const struct l4r_claim *claim, const struct l4r_record_set *set,
              struct l4r_judgement *judgement);

/* Finds the next pair of lite and beam records of one run that agree in stack, data set, scenario,
 * threads and precision; other options may differ. These pairs are the rows of the efficiency grid.
 * *cursor begins at 0; returns 0 at the end. */
int l4r_next_pair(const struct l4r_records *records, int64_t *cursor,
                  const struct l4r_record **lite, const struct l4r_record **beam);
int l4r_pair_saving(const struct l4r_record *lite, const struct l4r_record *beam,
                    struct l4r_gain *gain, int64_t *rounds);
/* Writes the configuration of a pair: "single-stream, 2 threads, fp32, 20 beams, trie on, decoder
 * cached, item vectors cached, mini". */
void l4r_pair_cell(const struct l4r_record *lite, const struct l4r_record *beam, char *out,
                   size_t size);

#endif
