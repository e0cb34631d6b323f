/* SPDX-License-Identifier: BSD-3-Clause */
/* What the ranks do that ask nothing: they hold their slice of a catalogue and follow rank 0's
 * orders. */
#ifndef L4R_LITE_SHARD_SERVE_H
#define L4R_LITE_SHARD_SERVE_H

struct l4r_link;
struct l4r_team;

/* Where a rank gets its workers from: a team of `threads`, the callee's to place, the caller's to
 * free. */
struct l4r_shard_hands {
  int (*team)(const void *context, int threads, struct l4r_team **team);
  const void *context;
};

/* Serves until rank 0 says stop. Any failure is the whole run's: the status and message of what
 * failed here, or L4R_INPUT where this rank's model is another one than rank 0's, L4R_ENVIRONMENT
 * where its processor computes by other kernels. */
int l4r_lite_shards_serve(struct l4r_link *link, const struct l4r_shard_hands *hands);

#endif
