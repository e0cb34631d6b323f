/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks a configuration as a whole; config.c uses it for reading and writing. */
#ifndef L4R_MODEL_CONFIG_CHECK_H
#define L4R_MODEL_CONFIG_CHECK_H

#include "impl/model/config.h"

/* Checks conditions that involve several fields; `kind` is the name of the model's kind. L4R_INPUT
 * with `path`, the file. Thread-safe. */
int l4r_config_check(const struct l4r_model_config *config, const char *path, const char *kind);

#endif
