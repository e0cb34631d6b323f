/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of the losses in config.json and on the command line. */
#include "impl/train/lite/loss.h"

const char *l4r_lite_loss_name(enum l4r_lite_loss loss) {
  static const char *const names[] = {"cross-entropy", "sampled-softmax", "gbce"};
  return names[loss];
}
