/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of config.json that is about the files beside it; for config.c. */
#ifndef L4R_MODEL_CONFIG_FILES_H
#define L4R_MODEL_CONFIG_FILES_H

#include "impl/model/config.h"

#include <jansson.h>

/* Takes "files" out of the object and into the configuration; without it states_files is 0.
 * L4R_INPUT with `path` for what is no list of a model's files. */
int l4r_config_files_read(json_t *root, const char *path, struct l4r_model_config *config);
/* Puts "files" with the hashes of what is in the folder into the object. */
int l4r_config_files_write(const char *folder, json_t *root);

#endif
