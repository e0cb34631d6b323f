/* SPDX-License-Identifier: BSD-3-Clause */
/* The users that a run serves: a seeded sample, the requests made from it, and the way in which
 * both reach a round's process. */
#ifndef L4R_BENCH_RUN_SESSION_REQUESTS_H
#define L4R_BENCH_RUN_SESSION_REQUESTS_H

#include "bench/record/bundle.h"
#include "impl/data/dataset.h"
#include "impl/engine.h"

/* What the users of a run are for. */
enum l4r_role {
  L4R_ROLE_TIMED, /* the sample: served in the timed part */
  L4R_ROLE_WARM,  /* served before it, so that the sample is fresh in its first permutation */
  L4R_ROLE_FRESH, /* served after it, against repeats of the sample: an engine that caches shows */
  L4R_ROLES,
};

struct l4r_requests {
  struct l4r_request *request; /* all roles, sorted by role */
  int64_t begin[L4R_ROLES + 1];
  l4r_item *item; /* private: the histories */
};

/* Draws `want` of the users with a test target (all of them when 0 or more than there are; of all
 * users when the data set was opened without its test part), stratified by history length: users
 * are sorted by length, cut into `want` equal parts, and one is drawn from each. Then warm-up and
 * fresh users in the same way from the rest; where none is left, they are users of the sample whose
 * newest item is dropped: requests the engine has not seen. Bundle arrays user, role, start, item.
 * Seeded; the same for all arms. */
int l4r_requests_draw(const struct l4r_dataset *dataset, int64_t want, uint64_t seed,
                      struct l4r_bundle *bundle);

/* Reads the arrays back. L4R_INPUT when they do not fit each other. Free with l4r_requests_free. */
int l4r_requests_read(const struct l4r_bundle *bundle, struct l4r_requests *requests);
void l4r_requests_free(struct l4r_requests *requests);
static inline int64_t l4r_requests_count(const struct l4r_requests *requests, enum l4r_role role) {
  return requests->begin[role + 1] - requests->begin[role];
}
int64_t l4r_requests_longest(const struct l4r_requests *requests);

#endif
