/* SPDX-License-Identifier: BSD-3-Clause */
/* --loss, --negatives, --gbce-t and --update: what they come to for lite and sasrec. */
#ifndef L4R_BENCH_COMMANDS_TRAIN_LOSS_H
#define L4R_BENCH_COMMANDS_TRAIN_LOSS_H

#include "bench/commands/train_settings.h"
#include "impl/train/lite/train.h"

/* Fills the options' loss, negatives, calibration and update. L4R_USAGE for an unknown loss, and
 * for a setting that the chosen loss has no use for. */
int l4r_train_loss(const struct l4r_train_settings *settings,
                   struct l4r_lite_train_options *options);

#endif
