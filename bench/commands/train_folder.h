/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a training writes, so that a finished model in --out stays whole and usable until the new
 * one is.
 *
 *   no model in --out      hours of training     in --out itself, config.json last: it is no model
 *                                                before that
 *   a model in --out       hours of training     in OUT.training beside it, which then takes its
 *                                                place (--force begins anew, --resume with what
 *                                                the finished training has left)
 *   either                 counts, --epochs 0    aside (impl/base/folder.h)
 */
#ifndef L4R_BENCH_COMMANDS_TRAIN_FOLDER_H
#define L4R_BENCH_COMMANDS_TRAIN_FOLDER_H

#include "bench/commands/train_options.h"
#include "impl/base/folder.h"
#include "impl/train/loop/state.h"

#include <sys/stat.h>

struct l4r_train_folder {
  struct l4r_folder folder;
  const char *out;         /* --out */
  char path[L4R_PATH_MAX]; /* where to write */
  enum { L4R_TRAIN_HERE, L4R_TRAIN_BESIDE, L4R_TRAIN_ASIDE } mode;
  int made;          /* the folder at `path` is this run's alone */
  struct stat begun; /* of the checkpoint it began with; st_ino 0: with none */
};

/* Locks --out and decides. L4R_USAGE for a model that is there without --force or --resume;
 * L4R_INPUT for --resume without a checkpoint; L4R_ENVIRONMENT for another training in --out, named
 * by its process. Nothing is left then. */
int l4r_train_folder_open(const struct l4r_train_settings *settings,
                          struct l4r_train_folder *folder);
/* With status 0 the model becomes what --out holds. Else what was made goes, unless there is a
 * checkpoint that was not there before. Returns status, or that of the exchange. */
int l4r_train_folder_close(struct l4r_train_folder *folder, int status);

#endif
