/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a run as a struct and as rows, both made of bench/record/run_options.inc.h. */
#ifndef L4R_BENCH_RUN_OPTIONS_H
#define L4R_BENCH_RUN_OPTIONS_H

#include "bench/cli/options.h"
#include "bench/run/session/arm.h"

#include <jansson.h>

/* As MLPerf LoadGen's: one request after the other; queries of a batch, one after the other; calls
 * of a batch with no latency of their own; requests on a schedule. */
enum l4r_scenario {
  L4R_SINGLE_STREAM,
  L4R_MULTI_STREAM,
  L4R_OFFLINE,
  L4R_SERVER,
  L4R_SCENARIOS,
};
extern const char *const l4r_scenario_names[]; /* "single-stream", ...; NULL behind */

/* Queries of MLPerf's multi-stream hold 8; offline fills a product of matrices. */
#define L4R_BATCH_MULTI_STREAM "8"
#define L4R_BATCH_OFFLINE      "64"

enum { L4R_IN_JOB = 1, L4R_IN_RECORD = 2 }; /* of the rows' `in` */

struct l4r_run_options {
  struct l4r_arm *arm; /* of arm_texts, parsed; resolved by the run */
  int arms;
  const char *command; /* the command line */
  json_t *row;         /* the record's "row", borrowed; NULL: none */
  /* Called once, when all is ready to be measured or has failed with `status`; what it returns
   * takes that status's place. NULL: not called. */
  int (*ready)(void *context, int status);
  void *ready_context;
  const char *build[2]; /* of --ab: the first half of the arms is served by the one, the second, the
                           same again, by the other; NULL: this program serves */
#define HERE(KIND, member, ...)       L4R_OPTION_##KIND member;
#define JOB(KIND, member, ...)        L4R_OPTION_##KIND member;
#define RECORD(KIND, member, ...)     L4R_OPTION_##KIND member;
#define JOB_RECORD(KIND, member, ...) L4R_OPTION_##KIND member;
#include "bench/record/run_options.inc.h"
};

/* The rows; offsets are those of struct l4r_run_options. */
extern const struct l4r_argument l4r_run_arguments[];

/* The value of an option as JSON: numbers, texts, flags and choices. NULL: no memory, or a text
 * that is not UTF-8. */
json_t *l4r_option_json(const struct l4r_argument *row, const void *from);
/* The value back: what is read is borrowed from `value`. 0, or 1 when it has the wrong type or is
 * out of the row's range. */
int l4r_option_read(const struct l4r_argument *row, const json_t *value, void *into);
/* What a record's "settings" holds. NULL: no memory, with a message. */
json_t *l4r_options_settings(const struct l4r_run_options *options);

#endif
