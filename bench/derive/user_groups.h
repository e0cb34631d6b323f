/* SPDX-License-Identifier: BSD-3-Clause */
/* Accuracy by how long a user's history is and by how popular the target is: a mean over all users
 * hides who is served.
 *
 * History length: quartiles of the users evaluated; equal lengths are never divided, so groups may
 * differ in size, and fewer than four are left where one length is that common. Target popularity,
 * by training interactions of the target: `head` are the most popular items, as many as it takes to
 * hold a third of all training interactions, `torso` those that hold the next third, `tail` the
 * rest, `unseen` items without any; equal counts are never divided. */
#ifndef L4R_BENCH_DERIVE_USER_GROUPS_H
#define L4R_BENCH_DERIVE_USER_GROUPS_H

#include "bench/record/bundle.h"
#include "impl/data/dataset.h"

/* Adds to `result` the arrays length_group and popularity_group (a place in the lists below for
 * each of `users` users; their counts would tell the held-out items themselves) and meta "groups":
 * {"history_length": [{"from", "to"}], "target_popularity": [{"name", "from", "to", "items"}]},
 * bounds included. `dataset` has its test part; user[], length[] are those evaluated and the
 * lengths of their histories. L4R_ENVIRONMENT without memory. */
int l4r_user_groups_assign(const struct l4r_dataset *dataset, const int64_t *user,
                           const int64_t *length, int64_t users, struct l4r_bundle *result);

/* The same lists, each group with "users" and "keep", "mask" of HR@10 and NDCG@10, from a bundle
 * with the arrays keep and mask. *groups stays NULL, without an error, where the bundle holds no
 * groups (records made before there were any); groups nobody is in are left out. L4R_INPUT for a
 * place that is in no list. */
int l4r_user_groups_derive(const struct l4r_bundle *ranks, json_t **groups);

#endif
