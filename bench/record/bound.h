/* SPDX-License-Identifier: BSD-3-Clause */
/* Binds raw samples to the record that they belong to. Samples alone are numbers that would fit any
 * record. So their meta object holds, as member "of", a SHA-256 of every member of that record that
 * does not follow from the samples: arm, model, data set, k and seed, machine, and what each round
 * states about itself. Samples of schema 1 lack "of" and are bound to nothing. */
#ifndef L4R_BENCH_RECORD_BOUND_H
#define L4R_BENCH_RECORD_BOUND_H

#include "bench/record/fields.h"

#include <jansson.h>

enum l4r_bound {
  L4R_BOUND_RANKS, /* samples of the accuracy pass: bound to what the arm's records share */
  L4R_BOUND_TIMES, /* samples of the rounds: bound to the whole record */
};

/* Sets meta "of" for the samples of a record that is complete except for "samples" and "sha256".
 * For ranks, the members that an arm's records share are enough. L4R_ENVIRONMENT without memory. */
int l4r_bind(const json_t *record, enum l4r_bound bound, json_t *meta);

/* Called for each member that differs from the record that the samples were taken for. */
typedef void l4r_bound_difference(void *context, const char *field, const char *what);
/* Sets *is_bound to 0 when the samples are older than "of" and the record's schema agrees.
 * L4R_ENVIRONMENT without memory. */
int l4r_bound_check(const json_t *record, enum l4r_bound bound, const json_t *meta,
                    l4r_bound_difference *report, void *context, int *is_bound);

#endif
