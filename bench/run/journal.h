/* SPDX-License-Identifier: BSD-3-Clause */
/* Keeps what a run has measured until its records are written, so that a run that was interrupted
 * or killed goes on where it stopped (--resume).
 *
 *   OUT/unfinished-KEY/run.json       what is measured: all that KEY is the hash of
 *   OUT/unfinished-KEY/blis           the kernels that BLIS was asked for: they are chosen by a
 * measurement OUT/unfinished-KEY/accuracy-A     what the accuracy pass of arm A gave
 *   OUT/unfinished-KEY/round-C-R      what round R of configuration C gave
 *   OUT/unfinished-KEY/written-C      the record of configuration C is written
 *
 * KEY names arms, models, data set, requests, machine, program and every option that a round hangs
 * on, but not how many rounds are wanted: --resume --rounds 3 ends a run of five. Files are
 * complete or absent. */
#ifndef L4R_BENCH_RUN_JOURNAL_H
#define L4R_BENCH_RUN_JOURNAL_H

#include "bench/run/run.h"

/* For --resume, before BLIS is up (impl/base/blas.h): asks for the kernels that the unfinished run
 * of these arms in OUT was measured with, because another measurement may choose others. Does
 * nothing where there is no such run, or where the user has chosen. */
void l4r_journal_choose_blis(const struct l4r_run_options *options);

/* Opens the journal of this run, whose configurations are planned and requests drawn. Without
 * --resume an older one of the same run is removed, and a warning says what it held. With it, the
 * arms' accuracy and the configurations' rounds are read back. L4R_INPUT where --resume finds
 * nothing, naming what other unfinished runs OUT holds. */
int l4r_journal_open(struct l4r_run *run);

/* Add what was measured just now. A journal that cannot be written is a warning, once: the run goes
 * on without it. */
void l4r_journal_accuracy(struct l4r_run *run, int arm);
void l4r_journal_round(struct l4r_run *run, const struct l4r_run_config *config, int round,
                       const struct l4r_bundle *result);
void l4r_journal_written(struct l4r_run *run, const struct l4r_run_config *config);

/* Returns 1 where this round was measured before. */
int l4r_journal_has_round(const struct l4r_run_config *config, int round);
/* Returns how many rounds all configurations together have. */
int l4r_journal_rounds(const struct l4r_run *run);

/* Removes it: all records are written. */
void l4r_journal_remove(struct l4r_run *run);

#endif
