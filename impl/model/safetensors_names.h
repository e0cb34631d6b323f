/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to the reader of safetensors files: maps names to tensors. */
#ifndef L4R_MODEL_SAFETENSORS_NAMES_H
#define L4R_MODEL_SAFETENSORS_NAMES_H

#include "impl/model/safetensors_file.h"

#include <jansson.h>

/* Returns the entry with exactly this name; NULL where there is none. Pure. */
const struct l4r_entry *l4r_safetensors_find_own(const struct l4r_safetensors *safetensors,
                                                 const char *name);
/* Returns the entry for that name: its own, that of the name which the file's metadata gives for
 * it, or, for "...shared.weight", a copy of it under another of transformers' names. NULL where
 * there is none. */
const struct l4r_entry *l4r_safetensors_find(const struct l4r_safetensors *safetensors,
                                             const char *name);
/* Reads the header's "__metadata__", which maps names of tensors to names; other members are
 * ignored. */
int l4r_safetensors_read_aliases(struct l4r_safetensors *safetensors, const json_t *metadata);

#endif
