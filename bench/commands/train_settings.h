/* SPDX-License-Identifier: BSD-3-Clause */
/* What the command line of `train` says, and what follows from it for each kind. */
#ifndef L4R_BENCH_COMMANDS_TRAIN_SETTINGS_H
#define L4R_BENCH_COMMANDS_TRAIN_SETTINGS_H

#include "bench/commands/train_options.h"
#include "impl/model/config.h"
#include "impl/train/lite/train.h"
#include "impl/train/loop/state.h"
#include "impl/train/loop/trainer.h"

/* The model's configuration: the size's defaults, changed by what was given. */
int l4r_train_settings_config(const struct l4r_train_settings *settings,
                              struct l4r_model_config *config);
/* The loop's options; `team`, `started_ns` and what --precision auto becomes are left to the
 * caller. L4R_USAGE or L4R_ENVIRONMENT for a set or a precision that is not here. */
int l4r_train_settings_options(const struct l4r_train_settings *settings,
                               struct l4r_train_options *options);
/* What --precision auto becomes, by a measurement of the model's products (impl/train/layers/
 * faster.h); a model that is resumed stays in the precision that it has. Call it once `out` and the
 * configuration are what they will be. */
int l4r_train_settings_precision(const struct l4r_train_settings *settings,
                                 const struct l4r_model_config *config,
                                 struct l4r_train_options *options);
/* Of lite and sasrec: fills the options' loss, negatives, calibration and update. L4R_USAGE for a
 * setting that the chosen loss has no use for. */
int l4r_train_settings_loss(const struct l4r_train_settings *settings,
                            struct l4r_lite_train_options *options);

#endif
