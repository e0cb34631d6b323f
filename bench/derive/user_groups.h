/* SPDX-License-Identifier: BSD-3-Clause */
/* Splits accuracy by the length of a user's history and by the popularity of the target, because a
 * mean over all users hides who is served well.
 *
 * Groups by history length are quartiles of the evaluated users. Equal lengths stay in one group,
 * so groups may differ in size, and there are fewer than four where one length is very common.
 * Groups by popularity use training interactions of the target: `head` holds the most popular items
 * that together have a third of all training interactions, `torso` those with the next third,
 * `tail` the rest, and `unseen` items without any. Equal counts stay in one group. */
#ifndef L4R_BENCH_DERIVE_USER_GROUPS_H
#define L4R_BENCH_DERIVE_USER_GROUPS_H

#include "bench/record/bundle.h"
#include "impl/data/dataset.h"

/* Adds to `result` the arrays length_group and popularity_group, which give each of `users` users a
 * place in the lists below (their counts would reveal the held-out items), and meta "groups":
 * {"history_length": [{"from", "to"}], "target_popularity": [{"name", "from", "to", "items"}]},
 * bounds included. `dataset` has its test part; user[] and length[] are the evaluated users and the
 * lengths of their histories. L4R_ENVIRONMENT without memory. */
int l4r_user_groups_assign(const struct l4r_dataset *dataset, const int64_t *user,
                           const int64_t *length, int64_t users, struct l4r_bundle *result);

/* Gives the same lists, each group with "users" and HR@10 and NDCG@10 as "keep" and "mask", from a
 * bundle with the arrays keep and mask. *groups stays NULL without an error where the bundle holds
 * no groups (older records). Empty groups are left out. L4R_INPUT for a place that is in no
 * list. */
int l4r_user_groups_derive(const struct l4r_bundle *ranks, json_t **groups);

#endif
