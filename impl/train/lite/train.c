/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs a training from its options to the model folder. */
#include "impl/train/lite/train.h"

#include "impl/train/lite/task.h"

int l4r_lite_train(const struct l4r_lite_train_options *options, int *interrupted) {
  struct l4r_lite_run run;
  *interrupted = 0;
  int status = l4r_lite_open(options, &run);
  if (status) return status;
  status = l4r_train(&run.task, &options->train, interrupted);
  l4r_lite_close(&run);
  return status;
}
