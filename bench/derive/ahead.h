/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes the accuracy figures of many records on other processors while the caller checks the
 * rest. Their bootstrap takes about as long as all other checks together. */
#ifndef L4R_BENCH_DERIVE_AHEAD_H
#define L4R_BENCH_DERIVE_AHEAD_H

#include "bench/record/read.h"

#include <jansson.h>

struct l4r_ahead;

/* Starts threads on the ranks that `records` name, in their order, each once. Returns NULL where
 * that would not pay (a few ranks, one processor) or memory is short; results are the same without
 * it. The records must stay until l4r_ahead_stop, but are not read after this call returns. */
struct l4r_ahead *l4r_ahead_start(const struct l4r_records *records);

/* Waits for the figures of the ranks of that name (a file's hash) and returns a new reference.
 * Returns NULL when no thread works on them or they are damaged; the caller then computes them
 * itself and gets the error. Only one thread may call this. */
json_t *l4r_ahead_take(struct l4r_ahead *ahead, const char *name);

/* Ends the threads even if work is left. NULL is allowed. */
void l4r_ahead_stop(struct l4r_ahead *ahead);

#endif
