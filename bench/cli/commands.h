/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands as data, from which the manual page (man.h) and the completion are made. Neither
 * runs a command; both hold what --help prints, because all three read the same rows. */
#ifndef L4R_BENCH_CLI_COMMANDS_H
#define L4R_BENCH_CLI_COMMANDS_H

#include "bench/cli/help.h"

/* Calls `visit` for each command for people, and each action of one made of actions, in order, by
 * its full name ("data import"). */
typedef void l4r_command_visitor(void *context, const char *name,
                                 const struct l4r_command *command);
void l4r_commands_visit(const struct l4r_command *commands, l4r_command_visitor *visit,
                        void *context);

#endif
