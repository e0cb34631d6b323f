/* SPDX-License-Identifier: BSD-3-Clause */
/* Settings of `train` that go together (--preset). */
#ifndef L4R_BENCH_COMMANDS_TRAIN_PRESETS_H
#define L4R_BENCH_COMMANDS_TRAIN_PRESETS_H

#include "bench/commands/train_options.h"
#include "impl/data/dataset.h"

/* BEST: what validation chose among the settings that were tried (results/README.md). PAPER: as the
 * model's paper describes it, where it says so. PLAIN: the defaults that --help lists. */
enum l4r_preset { L4R_PRESET_BEST, L4R_PRESET_PAPER, L4R_PRESET_PLAIN };

/* Returns the preset that settings name; where they name none, BEST for lite and sasrec, and PLAIN
 * for other kinds and where --size, --items or --init say what is trained. Pure. */
enum l4r_preset l4r_train_preset(const struct l4r_train_settings *settings);
/* Sets what the preset says, and the command line does not. Some values depend on whether histories
 * are long: on the mean number of interactions of a user. */
int l4r_train_preset_apply(struct l4r_train_settings *settings, const struct l4r_dataset *dataset);

#endif
