/* SPDX-License-Identifier: BSD-3-Clause */
/* What raw samples belong to. Samples alone are numbers that would fit any record; so their meta
 * object holds, as member "of", a SHA-256 of every member of the record that they were taken for
 * and that does not follow from them: arm, model, data set, k and seed, machine, and what each
 * round says of itself. Records of schema 1 have samples without it, which are not bound to
 * anything. */
#ifndef L4R_BENCH_RECORD_BOUND_H
#define L4R_BENCH_RECORD_BOUND_H

#include "bench/record/fields.h"

#include <jansson.h>

enum l4r_bound {
  L4R_BOUND_RANKS, /* of the accuracy pass: shared by an arm's records, bound to what they share */
  L4R_BOUND_TIMES, /* of the rounds: bound to the whole record */
};

/* Sets meta "of" for the samples of a record that is otherwise complete ("samples" and "sha256"
 * aside); for ranks the members that an arm's records share are enough. L4R_ENVIRONMENT without
 * memory. */
int l4r_bind(const json_t *record, enum l4r_bound bound, json_t *meta);

/* Called for each member that is not what the samples were taken for. */
typedef void l4r_bound_difference(void *context, const char *field, const char *what);
/* *is_bound: 0 when the samples are of before there was "of", and the record says that it is too.
 * L4R_ENVIRONMENT without memory. */
int l4r_bound_check(const json_t *record, enum l4r_bound bound, const json_t *meta,
                    l4r_bound_difference *report, void *context, int *is_bound);

#endif
