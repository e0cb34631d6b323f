/* SPDX-License-Identifier: BSD-3-Clause */
/* The completion of fish, a line an option with its help. */
#ifndef L4R_BENCH_CLI_COMPLETION_FISH_H
#define L4R_BENCH_CLI_COMPLETION_FISH_H

#include "bench/cli/options.h"

void l4r_completion_print_fish(const struct l4r_command *commands);

#endif
