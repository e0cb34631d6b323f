/* SPDX-License-Identifier: BSD-3-Clause */
/* A run measures every arm at every thread count, with its rounds in Latin order, and accuracy once
 * per arm, and writes records. */
#ifndef L4R_BENCH_RUN_RUN_H
#define L4R_BENCH_RUN_RUN_H

#include "bench/run/session/answers.h"
#include "bench/run/build.h"
#include "bench/run/session/arm.h"
#include "bench/run/session/checks.h"
#include "bench/run/clock.h"
#include "bench/run/job.h"
#include "bench/record/bundle.h"
#include "impl/data/dataset.h"

enum { L4R_RUN_ARMS = 64 };

struct l4r_run_arm { /* one arm's state */
  struct l4r_arm *arm;
  int build;                  /* of --ab; -1: this program */
  const char *out;            /* folder of its records and samples */
  struct l4r_bundle accuracy; /* what the accuracy child gave */
  json_t *figures;            /* the record's "accuracy" */
  json_t *model;              /* the record's "model" */
  double open_seconds, request_seconds, score_seconds, minutes; /* by the probe */
  double accuracy_expected; /* seconds of the accuracy pass; 0: it was done before */
  char failure[1024];       /* "" while the arm is good */
};

struct l4r_run_config { /* one arm at one thread count, and in the server scenario one rate */
  int arm;
  struct l4r_pin pin;
  double rate;              /* 0 outside of the server scenario */
  double round_seconds;     /* that a round is expected to take */
  json_t *peak_rate;        /* the search that this rate was tried in; NULL: none */
  struct l4r_bundle *round; /* [done] in order of execution */
  int done;
  int resumed; /* of them, how many an interrupted run had measured: the first ones */
  int written; /* 1: its record was written before the interruption */
  struct l4r_answers_seen answers;
  struct l4r_repeats repeats, known; /* to fresh requests; to histories that no file holds */
  json_t *failures;                  /* [{round, reason}] */
  json_t *instructions;              /* the record's "instructions"; NULL: not counted */
};

struct l4r_run {
  const struct l4r_run_options *options;
  struct l4r_dataset *dataset;
  struct l4r_bundle requests;
  struct l4r_run_arm arm[L4R_RUN_ARMS];
  struct l4r_run_config *config; /* [configs], arms within thread counts */
  int configs;
  struct l4r_clock_facts clock;
  struct l4r_build build[L4R_BUILDS]; /* of --ab */
  char out[L4R_BUILDS][L4R_PATH_MAX]; /* where their records go */
  json_t *records;
  char journal[L4R_PATH_MAX]; /* folder of what is measured so far; "": none is kept */
};

/* Runs a whole measurement: it plans pins, draws the sample, probes and prints the time it expects,
 * runs, checks, and writes one record for each configuration into options->out. On success, and
 * also when some configurations failed (status L4R_CHECK), *records is an array of what was
 * written, the caller's; the file's path goes to path[4096]; of --ab
 * that of build b, whose records stand behind those of a. Errors that concern everything (bad
 * arm, missing model, too many threads, folder not writable, over budget) come before anything is
 * measured. Progress goes to stderr.
 *
 * The first SIGINT or SIGTERM ends the measurement: records are written of the configurations
 * that are complete, the rest is kept for --resume (bench/run/journal.h), and the status is
 * L4R_CHECK with a message that says so. */
int l4r_run(const struct l4r_run_options *options, json_t **records, char *path);

#endif
