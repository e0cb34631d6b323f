/* SPDX-License-Identifier: BSD-3-Clause */
/* Heads of classifiers put "transformer." before every name; large models are in several files. */
#include "impl/model/safetensors_parts.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/model/safetensors.h"
#include "impl/model/safetensors_names.h"

#include <stdio.h>
#include <string.h>

int l4r_safetensors_strip(struct l4r_safetensors *safetensors, const char *prefix) {
  const size_t length = strlen(prefix);
  for (int64_t i = 0; i < safetensors->count; i++) {
    char *name = safetensors->entry[i].name;
    if (strncmp(name, prefix, length) != 0) continue;
    if (l4r_safetensors_find_own(safetensors, name + length))
      return l4r_fail(L4R_INPUT, "%s: tensor %s is there twice, with and without '%s'",
                      safetensors->path, name + length, prefix);
    memmove(name, name + length, strlen(name + length) + 1);
  }
  for (int64_t i = 0; i < safetensors->aliases; i++) {
    char *const pair[2] = {safetensors->alias[i].name, safetensors->alias[i].kept};
    for (int n = 0; n < 2; n++)
      if (!strncmp(pair[n], prefix, length))
        memmove(pair[n], pair[n] + length, strlen(pair[n] + length) + 1);
  }
  return L4R_OK;
}

int l4r_safetensors_modern(struct l4r_safetensors *safetensors) {
  static const char *const names[][2] = {{"LayerNorm.gamma", "LayerNorm.weight"},
                                         {"LayerNorm.beta", "LayerNorm.bias"}};
  for (int64_t i = 0; i < safetensors->count; i++)
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
      struct l4r_entry *entry = &safetensors->entry[i];
      const size_t length = strlen(entry->name), tail = strlen(names[n][0]);
      if (length < tail || strcmp(entry->name + length - tail, names[n][0]) != 0) continue;
      const size_t room = length + 8;
      char *name = l4r_alloc(room, 1, "a tensor's name");
      if (!name) return L4R_ENVIRONMENT;
      snprintf(name, room, "%.*s%s", (int)(length - tail), entry->name, names[n][1]);
      l4r_free(entry->name);
      entry->name = name;
      break;
    }
  return L4R_OK;
}

static int join_part(struct l4r_safetensors *made, struct l4r_safetensors *part) {
  for (int64_t i = 0; i < part->count; i++) {
    if (l4r_safetensors_find_own(made, part->entry[i].name))
      return l4r_fail(L4R_INPUT, "%s: tensor %s is in another of the files too", part->path,
                      part->entry[i].name);
    made->entry[made->count] = part->entry[i];
    made->entry[made->count].name = l4r_strdup(part->entry[i].name);
    if (!made->entry[made->count].name) return L4R_ENVIRONMENT;
    made->count++;
  }
  for (int64_t i = 0; i < part->aliases; i++) {
    made->alias[made->aliases++] = part->alias[i];
    part->alias[i] = (struct l4r_alias){NULL, NULL};
  }
  return L4R_OK;
}

int l4r_safetensors_open_parts(const char *name, const char *const *path, int64_t paths,
                               struct l4r_safetensors **safetensors) {
  struct l4r_safetensors *made = l4r_alloc(1, sizeof *made, "safetensors files");
  int64_t entries = 0, aliases = 0;
  if (!made) return L4R_ENVIRONMENT;
  snprintf(made->path, sizeof made->path, "%s", name);
  made->part = l4r_alloc((size_t)paths, sizeof *made->part, "safetensors files");
  int status = made->part ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t p = 0; p < paths && !status; p++) {
    status = l4r_safetensors_open(path[p], &made->part[made->parts]);
    if (status) break;
    entries += made->part[made->parts]->count;
    aliases += made->part[made->parts]->aliases;
    made->parts++;
  }
  if (!status) made->entry = l4r_alloc((size_t)entries, sizeof *made->entry, "tensors");
  if (!status) made->alias = l4r_alloc((size_t)aliases, sizeof *made->alias, "names of tensors");
  if (!status && (!made->entry || !made->alias)) status = L4R_ENVIRONMENT;
  for (int64_t p = 0; p < made->parts && !status; p++) status = join_part(made, made->part[p]);
  if (status) {
    l4r_safetensors_close(made);
    return status;
  }
  *safetensors = made;
  return L4R_OK;
}
