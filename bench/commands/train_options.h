/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line of `train` as its rows have it. */
#ifndef L4R_BENCH_COMMANDS_TRAIN_OPTIONS_H
#define L4R_BENCH_COMMANDS_TRAIN_OPTIONS_H

#include "bench/cli/options.h"
#include "impl/model/config.h"

/* As given, else the default of the option's row; NULL and 0: the command works it out. A choice is
 * its place in the row. epochs -1: no bound; prefixes -1: all. */
struct l4r_train_settings {
  enum l4r_kind kind;
#define OPTION(KIND, member, ...) L4R_OPTION_##KIND member;
#include "bench/commands/train_options.inc.h"
  struct l4r_parsed parsed;
};

/* Parses argv. *helped is 1 when help was printed. L4R_USAGE with the option's name. */
int l4r_train_settings_parse(int argc, char **argv, struct l4r_train_settings *settings,
                             int *helped);
/* 1 when the option stood on the command line. */
int l4r_train_given(const struct l4r_train_settings *settings, const char *name);

#endif
