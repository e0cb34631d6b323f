/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks that samples are complete: no round is left out, none is cut short, and every user appears
 * once. Without this check a run could drop its slow rounds, and the figures would still follow
 * from the samples to the last digit. */
#ifndef L4R_BENCH_DERIVE_WHOLE_H
#define L4R_BENCH_DERIVE_WHOLE_H

#include "bench/record/bundle.h"
#include "bench/record/record.h"

/* Called for each fault with the member of the record that shows it. */
typedef void l4r_whole_fault(void *context, const char *field, const char *what);

/* Checks the rounds. They and the failures together are rounds 0 to settings.rounds - 1, each once.
 * Each round served whole permutations of the sample, at least settings.min_count users in at least
 * settings.min_seconds, or ran out of room for samples. The sample has settings.users users or all
 * of them. Every call takes time. Settings that a record of schema 1 does not state are not
 * checked. Pure. */
void l4r_whole_rounds(const struct l4r_record *record, const struct l4r_bundle *samples,
                      l4r_whole_fault *report, void *context);

/* Checks the accuracy pass. Its users are users of the data set in ascending order, so each once,
 * and there are some. From schema 2 on they are exactly those for whom the data set holds an item
 * out (dataset.evaluated). Ranks are ranks of its items. Pure. */
void l4r_whole_ranks(const struct l4r_record *record, const struct l4r_bundle *ranks,
                     l4r_whole_fault *report, void *context);

/* Checks that everybody who was timed has a rank, by user (arrays sample_user of the samples, user
 * of the ranks, ascending). Samples of before 2026-11-29 do not name their users and are not
 * checked. Pure. */
void l4r_whole_people(const struct l4r_record *record, const struct l4r_bundle *samples,
                      const struct l4r_bundle *ranks, l4r_whole_fault *report, void *context);

/* Computes the hash of a list of users that dataset.evaluated states: over their 0-based numbers as
 * little-endian 64-bit integers. */
void l4r_users_hash(const int64_t *user, int64_t users, char hash[65]);

#endif
