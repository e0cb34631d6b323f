/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to config.c: the part of config.json about the files beside it. */
#ifndef L4R_MODEL_CONFIG_FILES_H
#define L4R_MODEL_CONFIG_FILES_H

#include "impl/model/config.h"

#include <jansson.h>

/* Moves "files" from the object into the configuration; without it states_files is 0. L4R_INPUT
 * with `path` when it is not a list of a model's files. */
int l4r_config_files_read(json_t *root, const char *path, struct l4r_model_config *config);
/* Adds "files" with the hashes of the folder's files to the object. */
int l4r_config_files_write(const char *folder, json_t *root);

#endif
