/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of config.json about the other files; config.c uses it for reading and writing. */
#ifndef L4R_MODEL_CONFIG_FILES_H
#define L4R_MODEL_CONFIG_FILES_H

#include "impl/model/config.h"

#include <jansson.h>

/* Moves "files" from the object to the configuration; without it, states_files is 0. L4R_INPUT with
 * `path` when it is not a list of a model's files. */
int l4r_config_files_read(json_t *root, const char *path, struct l4r_model_config *config);
/* Adds "files" with the hashes of the folder's files to the object. */
int l4r_config_files_write(const char *folder, json_t *root);
/* Compares the folder's files with the hashes in its configuration. `sha256` is the hash of `known`
 * where the caller has it already, else NULL. L4R_INPUT, naming the file, when its content differs
 * or it is missing (only the training log may be). A configuration without hashes passes, with a
 * message. */
int l4r_config_check_files(const char *folder, const struct l4r_model_config *config,
                           const char *known, const char *sha256);

#endif
