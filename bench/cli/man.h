/* SPDX-License-Identifier: BSD-3-Clause */
/* The manual page. */
#ifndef L4R_BENCH_CLI_MAN_H
#define L4R_BENCH_CLI_MAN_H

#include "bench/cli/options.h"

/* The manual page, in roff's man macros, on standard output. */
void l4r_man_print(const struct l4r_command *commands);

#endif
