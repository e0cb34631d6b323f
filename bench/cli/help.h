/* SPDX-License-Identifier: BSD-3-Clause */
/* What --help prints of a command, and the parts of it that the manual page shares. */
#ifndef L4R_BENCH_CLI_HELP_H
#define L4R_BENCH_CLI_HELP_H

#include "bench/cli/options.h"

/* What stands behind --name: the row's meta, or its choices "a|b|c"; "" for a flag. */
const char *l4r_argument_meta(const struct l4r_argument *argument, char *out, size_t size);
/* The row's help with what it is for and its default in brackets behind it. kind -1: of all. */
const char *l4r_argument_help(const struct l4r_usage *usage, const struct l4r_argument *argument,
                              int kind, char *out, size_t size);
/* "lite4rec train lite|p5 --data FOLDER [options]"; kind -1: of all kinds. */
const char *l4r_usage_line(const struct l4r_usage *usage, int kind, char *out, size_t size);
/* 1 when the row applies to the kind; kind -1: to any. Pure. */
int l4r_argument_applies(const struct l4r_argument *argument, int kind);
/* Prints what --help prints; kind -1: of all kinds. */
void l4r_usage_print(const struct l4r_usage *usage, int kind);

/* Runs the action that argv[1] names; --help, or nothing, lists them. */
int l4r_actions_run(const char *command, const struct l4r_command *actions, int argc, char **argv);

#endif
