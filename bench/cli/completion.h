/* SPDX-License-Identifier: BSD-3-Clause */
/* The completion of a shell. */
#ifndef L4R_BENCH_CLI_COMPLETION_H
#define L4R_BENCH_CLI_COMPLETION_H

#include "bench/cli/options.h"

/* A completion script for bash, on standard output. */
void l4r_completion_print(const struct l4r_command *commands);

#endif
