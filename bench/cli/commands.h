/* SPDX-License-Identifier: BSD-3-Clause */
/* What is made of the commands as data: the manual page and the completion. Neither runs a command;
 * both hold what --help prints, because all three read the same rows. */
#ifndef L4R_BENCH_CLI_COMMANDS_H
#define L4R_BENCH_CLI_COMMANDS_H

#include "bench/cli/help.h"

/* Calls `visit` for each command for people, and each action of one made of actions, in order, by
 * its full name ("data import"). */
typedef void l4r_command_visitor(void *context, const char *name,
                                 const struct l4r_command *command);
void l4r_commands_visit(const struct l4r_command *commands, l4r_command_visitor *visit,
                        void *context);

/* The manual page, in roff's man macros, on standard output. */
void l4r_man_print(const struct l4r_command *commands);
/* A completion script for bash, on standard output. */
void l4r_completion_print(const struct l4r_command *commands);

#endif
