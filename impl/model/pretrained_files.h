/* SPDX-License-Identifier: BSD-3-Clause */
/* Which files a pretrained model came from. */
#ifndef L4R_MODEL_PRETRAINED_FILES_H
#define L4R_MODEL_PRETRAINED_FILES_H

#include "impl/model/pretrained.h"

/* Fills the configuration's init_files and init_licence: which files of the folder a model came
 * from, with their SHA-256, and what the front matter of its README.md says. L4R_INPUT when a file
 * cannot be read. */
int l4r_pretrained_provenance(const struct l4r_pretrained *pretrained,
                              struct l4r_model_config *config);

#endif
