/* SPDX-License-Identifier: BSD-3-Clause */
/* The accuracy pass of a record once more, from the model and the data set that it names. */
#ifndef L4R_BENCH_RUN_AGAIN_H
#define L4R_BENCH_RUN_AGAIN_H

#include "bench/record/bundle.h"
#include "bench/run/found.h"

/* Finds model and data set (found.h) and ranks for every user in a child process, as `run` did: by
 * the engine and options that the record states and, where the processor has them, by the same
 * instruction set and kernel. `ranks` is as l4r_accuracy_do makes it, the caller's to free. arm
 * [1024] receives the arm that ran. L4R_INPUT for what is not found and for engines in files, which
 * a record names by a hash alone; else as l4r_child_run. */
int l4r_run_again(const struct l4r_places *places, const struct l4r_record *record, int threads,
                  struct l4r_bundle *ranks, char *arm);

#endif
