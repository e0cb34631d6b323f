/* SPDX-License-Identifier: BSD-3-Clause */
/* The completion of a shell. */
#ifndef L4R_BENCH_CLI_COMPLETION_H
#define L4R_BENCH_CLI_COMPLETION_H

#include "bench/cli/options.h"

enum l4r_shell { L4R_BASH, L4R_ZSH, L4R_FISH, L4R_SHELLS };
extern const char *const l4r_shell_names[L4R_SHELLS]; /* "bash", "zsh", "fish" */

/* Prints a completion script for the shell on standard output: commands, actions, kinds, options
 * and what each may be given, made of the tables that --help prints. */
void l4r_completion_print(enum l4r_shell shell, const struct l4r_command *commands);

/* What an option may be given, as far as its row says. */
enum l4r_value { L4R_VALUE_NONE, L4R_VALUE_WORDS, L4R_VALUE_FOLDER, L4R_VALUE_PATH, L4R_VALUE_ARM };
/* Returns it, and writes the words, blanks between them, to words[size]; of an arm the beginnings
 * of engines. NONE is a flag. Pure. */
enum l4r_value l4r_completion_value(const struct l4r_argument *argument, char *words, size_t size);

#endif
