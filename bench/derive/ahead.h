/* SPDX-License-Identifier: BSD-3-Clause */
/* Accuracy figures of many records, worked out by other processors while this one checks the rest:
 * their bootstrap takes about as long as all else. */
#ifndef L4R_BENCH_DERIVE_AHEAD_H
#define L4R_BENCH_DERIVE_AHEAD_H

#include "bench/record/read.h"

#include <jansson.h>

struct l4r_ahead;

/* Starts threads on the ranks that `records` name, in their order, each once. NULL where it would
 * not pay (a few ranks, one processor) or memory is short: then everything is as without it. The
 * records must stay until l4r_ahead_stop; they are not read after this returns. */
struct l4r_ahead *l4r_ahead_start(const struct l4r_records *records);

/* What the ranks of that name (a file's hash) give, waited for: a new reference; NULL when nobody
 * works on them or they are damaged, so that whoever asks finds out why. By one thread. */
json_t *l4r_ahead_take(struct l4r_ahead *ahead, const char *name);

/* Ends the threads, whatever is left to do. NULL is none. */
void l4r_ahead_stop(struct l4r_ahead *ahead);

#endif
