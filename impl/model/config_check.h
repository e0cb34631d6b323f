/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef L4R_MODEL_CONFIG_CHECK_H
#define L4R_MODEL_CONFIG_CHECK_H

#include "impl/model/config.h"

/* Checks that the fields of a configuration fit together. L4R_INPUT with `path`, the file that it
 * was read from or goes to, and the field. Pure. */
int l4r_config_check(const struct l4r_model_config *config, const char *path);

#endif
