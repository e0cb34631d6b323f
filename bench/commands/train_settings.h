/* SPDX-License-Identifier: BSD-3-Clause */
/* What the command line of `train` says, and what follows from it for each kind. */
#ifndef L4R_BENCH_COMMANDS_TRAIN_SETTINGS_H
#define L4R_BENCH_COMMANDS_TRAIN_SETTINGS_H

#include "bench/commands/commands.h"
#include "impl/model/config.h"
#include "impl/train/lite/train.h"
#include "impl/train/loop/state.h"
#include "impl/train/loop/trainer.h"

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
/* The model's configuration: the size's defaults, changed by what was given. */
int l4r_train_settings_config(const struct l4r_train_settings *settings,
                              struct l4r_model_config *config);
/* The loop's options; `team` and `started_ns` are left to the caller. */
int l4r_train_settings_options(const struct l4r_train_settings *settings,
                               struct l4r_train_options *options);
/* Of lite and sasrec: fills the options' loss, negatives, calibration and update. L4R_USAGE for a
 * setting that the chosen loss has no use for. */
int l4r_train_settings_loss(const struct l4r_train_settings *settings,
                            struct l4r_lite_train_options *options);

#endif
