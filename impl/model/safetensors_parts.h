/* SPDX-License-Identifier: BSD-3-Clause */
/* Handles a model whose tensors are in several files, or have a prefix because it is part of a
 * larger model. */
#ifndef L4R_MODEL_SAFETENSORS_PARTS_H
#define L4R_MODEL_SAFETENSORS_PARTS_H

#include "impl/model/safetensors.h"

/* Opens the files of one model as one safetensors; `name` is for messages. L4R_INPUT where two
 * files have a tensor of the same name. */
int l4r_safetensors_open_parts(const char *name, const char *const *path, int64_t paths,
                               struct l4r_safetensors **safetensors);
/* Removes a prefix from the names that have it. L4R_INPUT where two names become equal. */
int l4r_safetensors_strip(struct l4r_safetensors *safetensors, const char *prefix);
/* Gives the norms of the first BERTs, "....LayerNorm.gamma" and ".beta", the names of today,
 * "weight" and "bias". L4R_ENVIRONMENT. */
int l4r_safetensors_modern(struct l4r_safetensors *safetensors);

#endif
