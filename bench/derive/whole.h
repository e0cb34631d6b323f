/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether samples are all that a run was asked to take: no round left out, none cut short, every
 * user once. A dropped slow round leaves figures that follow from the samples to the last digit. */
#ifndef L4R_BENCH_DERIVE_WHOLE_H
#define L4R_BENCH_DERIVE_WHOLE_H

#include "bench/record/bundle.h"
#include "bench/record/record.h"

/* Called for each fault with the record's member it shows in. */
typedef void l4r_whole_fault(void *context, const char *field, const char *what);

/* Of the rounds: that they and the failures are rounds 0 to settings.rounds - 1, each once; that
 * each served whole permutations of the sample, at least settings.min_count users in at least
 * settings.min_seconds, or until there was no more room for samples; that the sample is of
 * settings.users users or of all; that a call takes time. Records of schema 1 that do not state a
 * setting are not held to it. Pure. */
void l4r_whole_rounds(const struct l4r_record *record, const struct l4r_bundle *samples,
                      l4r_whole_fault *report, void *context);

/* Of the accuracy pass: that its users are some, in ascending order and so each once, of the data
 * set, and from schema 2 on exactly those whom the data set holds an item back of
 * (dataset.evaluated); that ranks are ranks of its items. Pure. */
void l4r_whole_ranks(const struct l4r_record *record, const struct l4r_bundle *ranks,
                     l4r_whole_fault *report, void *context);

/* The hash of a list of users that dataset.evaluated states: of their 0-based numbers as
 * little-endian 64-bit integers. */
void l4r_users_hash(const int64_t *user, int64_t users, char hash[65]);

#endif
