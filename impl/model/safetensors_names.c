/* SPDX-License-Identifier: BSD-3-Clause */
/* Resolves the names of tensors. safetensors.torch.save_model writes a tensor with several names
 * once, under one of them, and puts the others into the file's metadata ("lm_head.weight":
 * "decoder.embed_tokens.weight"). transformers keeps one of three names of a T5's embedding. */
#include "impl/model/safetensors_names.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <stdio.h>
#include <string.h>

const struct l4r_entry *l4r_safetensors_find_own(const struct l4r_safetensors *safetensors,
                                                 const char *name) {
  for (int64_t i = 0; i < safetensors->count; i++)
    if (strcmp(safetensors->entry[i].name, name) == 0) return &safetensors->entry[i];
  return NULL;
}

/* Finds a name in the metadata: "NAME": "KEPT". */
static const struct l4r_entry *find_aliased(const struct l4r_safetensors *safetensors,
                                            const char *name) {
  for (int64_t i = 0; i < safetensors->aliases; i++)
    if (strcmp(safetensors->alias[i].name, name) == 0)
      return l4r_safetensors_find_own(safetensors, safetensors->alias[i].kept);
  return NULL;
}

const struct l4r_entry *l4r_safetensors_find(const struct l4r_safetensors *safetensors,
                                             const char *name) {
  static const char shared[] = "shared.weight";
  static const char *const copies[] = {"encoder.embed_tokens.weight",
                                       "decoder.embed_tokens.weight"};
  const struct l4r_entry *found = l4r_safetensors_find_own(safetensors, name);
  if (!found) found = find_aliased(safetensors, name);
  const size_t length = strlen(name), tail = sizeof shared - 1;
  if (found || length < tail || strcmp(name + length - tail, shared) != 0) return found;
  for (size_t i = 0; i < sizeof copies / sizeof *copies && !found; i++) {
    char copy[160];
    const int n = snprintf(copy, sizeof copy, "%.*s%s", (int)(length - tail), name, copies[i]);
    if (n < (int)sizeof copy) found = l4r_safetensors_find_own(safetensors, copy);
    if (!found && n < (int)sizeof copy) found = find_aliased(safetensors, copy);
  }
  return found;
}

int l4r_safetensors_read_aliases(struct l4r_safetensors *safetensors, const json_t *metadata) {
  const char *name;
  json_t *kept;
  const size_t most = json_object_size(metadata);
  if (!most) return L4R_OK;
  safetensors->alias = l4r_alloc(most, sizeof *safetensors->alias, "names of a safetensors file");
  if (!safetensors->alias) return L4R_ENVIRONMENT;
  json_object_foreach((json_t *)metadata, name, kept) {
    struct l4r_alias *alias = &safetensors->alias[safetensors->aliases];
    if (!json_is_string(kept)) continue;
    safetensors->aliases++;
    alias->name = l4r_strdup(name);
    alias->kept = l4r_strdup(json_string_value(kept));
    if (!alias->name || !alias->kept) return L4R_ENVIRONMENT;
  }
  return L4R_OK;
}
