/* SPDX-License-Identifier: BSD-3-Clause */
/* All commands with their option tables, as --help prints them: what the manual page and shell
 * completion are made of, so that neither can differ from the program. */
#ifndef L4R_BENCH_CLI_WALK_H
#define L4R_BENCH_CLI_WALK_H

#include "bench/cli/options.h"

/* Main tells its table, once, before it runs a command; borrowed. */
void l4r_commands_tell(const struct l4r_command *commands);
/* The table; NULL before. */
const struct l4r_command *l4r_commands(void);

/* Called for each command, and each action of a command made of actions, in order: its name ("data
 * import"), what it is for, and its usage, which lives as long as the call. */
typedef void l4r_command_visitor(void *context, const char *name, const char *about,
                                 const struct l4r_usage *usage);
/* Main thread only. L4R_CHECK when a command's --help fails. */
int l4r_commands_walk(l4r_command_visitor *visit, void *context);

#endif
