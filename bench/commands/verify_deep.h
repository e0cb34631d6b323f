/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to lite4rec verify: --deep, accuracy from the model itself. */
#ifndef L4R_BENCH_COMMANDS_VERIFY_DEEP_H
#define L4R_BENCH_COMMANDS_VERIFY_DEEP_H

#include "bench/record/record.h"
#include "bench/run/found.h"

#include <jansson.h>

struct l4r_deep {
  struct l4r_places places;
  int threads;
  double allow; /* share of users that may have another rank; 0: none */
  /* What was done so far; zeroed at first. */
  int64_t arms, users, apart, missing; /* apart: arms with more than that; missing: not ranked */
  json_t *done;                        /* private: by the file of the ranks, which records share */
};

/* Ranks again for the arm of a record (bench/run/again.h), unless that was done for another record
 * of it, compares user by user with the ranks beside the record, and prints what came out. A model
 * that is not found is printed and counted, and no error. */
int l4r_verify_deep(struct l4r_deep *deep, const struct l4r_record *record);

/* Prints the summary. L4R_INPUT when an arm was not ranked, L4R_CHECK when ranks differ; else what
 * `status` is. Frees. */
int l4r_verify_deep_end(struct l4r_deep *deep, int status);

#endif
