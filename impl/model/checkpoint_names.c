/* SPDX-License-Identifier: BSD-3-Clause */
/* Which name a tensor has: safetensors.torch.save_model writes a tensor that several names share
 * once, under one of them, and the others into the file's metadata ("lm_head.weight":
 * "decoder.embed_tokens.weight"); transformers keeps one of three names of a T5's embedding; heads
 * of classifiers put "transformer." before everything; and large models are in several files. */
#include "impl/model/checkpoint_file.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <stdio.h>
#include <string.h>

static const struct l4r_entry *find_own(const struct l4r_checkpoint *checkpoint, const char *name) {
  for (int64_t i = 0; i < checkpoint->count; i++)
    if (strcmp(checkpoint->entry[i].name, name) == 0) return &checkpoint->entry[i];
  return NULL;
}

/* The name as the metadata has it: "NAME": "KEPT". */
static const struct l4r_entry *find_aliased(const struct l4r_checkpoint *checkpoint,
                                            const char *name) {
  for (int64_t i = 0; i < checkpoint->aliases; i++)
    if (strcmp(checkpoint->alias[i].name, name) == 0)
      return find_own(checkpoint, checkpoint->alias[i].kept);
  return NULL;
}

const struct l4r_entry *l4r_checkpoint_find(const struct l4r_checkpoint *checkpoint,
                                            const char *name) {
  static const char shared[] = "shared.weight";
  static const char *const copies[] = {"encoder.embed_tokens.weight",
                                       "decoder.embed_tokens.weight"};
  const struct l4r_entry *found = find_own(checkpoint, name);
  if (!found) found = find_aliased(checkpoint, name);
  const size_t length = strlen(name), tail = sizeof shared - 1;
  if (found || length < tail || strcmp(name + length - tail, shared) != 0) return found;
  for (size_t i = 0; i < sizeof copies / sizeof *copies && !found; i++) {
    char copy[160];
    const int n = snprintf(copy, sizeof copy, "%.*s%s", (int)(length - tail), name, copies[i]);
    if (n < (int)sizeof copy) found = find_own(checkpoint, copy);
    if (!found && n < (int)sizeof copy) found = find_aliased(checkpoint, copy);
  }
  return found;
}

int l4r_checkpoint_read_aliases(struct l4r_checkpoint *checkpoint, const json_t *metadata) {
  const char *name;
  json_t *kept;
  const size_t most = json_object_size(metadata);
  if (!most) return L4R_OK;
  checkpoint->alias = l4r_alloc(most, sizeof *checkpoint->alias, "names of a checkpoint");
  if (!checkpoint->alias) return L4R_ENVIRONMENT;
  json_object_foreach((json_t *)metadata, name, kept) {
    struct l4r_alias *alias = &checkpoint->alias[checkpoint->aliases];
    if (!json_is_string(kept)) continue;
    checkpoint->aliases++;
    alias->name = l4r_strdup(name);
    alias->kept = l4r_strdup(json_string_value(kept));
    if (!alias->name || !alias->kept) return L4R_ENVIRONMENT;
  }
  return L4R_OK;
}

int l4r_checkpoint_strip(struct l4r_checkpoint *checkpoint, const char *prefix) {
  const size_t length = strlen(prefix);
  for (int64_t i = 0; i < checkpoint->count; i++) {
    char *name = checkpoint->entry[i].name;
    if (strncmp(name, prefix, length) != 0) continue;
    if (find_own(checkpoint, name + length))
      return l4r_fail(L4R_INPUT, "%s: tensor %s is there twice, with and without '%s'",
                      checkpoint->path, name + length, prefix);
    memmove(name, name + length, strlen(name + length) + 1);
  }
  for (int64_t i = 0; i < checkpoint->aliases; i++) {
    char *const pair[2] = {checkpoint->alias[i].name, checkpoint->alias[i].kept};
    for (int n = 0; n < 2; n++)
      if (!strncmp(pair[n], prefix, length))
        memmove(pair[n], pair[n] + length, strlen(pair[n] + length) + 1);
  }
  return L4R_OK;
}

/* --- several files --- */

static int join_part(struct l4r_checkpoint *made, struct l4r_checkpoint *part) {
  for (int64_t i = 0; i < part->count; i++) {
    if (find_own(made, part->entry[i].name))
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

int l4r_checkpoint_open_parts(const char *name, const char *const *path, int64_t paths,
                              struct l4r_checkpoint **checkpoint) {
  struct l4r_checkpoint *made = l4r_alloc(1, sizeof *made, "a checkpoint");
  int64_t entries = 0, aliases = 0;
  if (!made) return L4R_ENVIRONMENT;
  snprintf(made->path, sizeof made->path, "%s", name);
  made->part = l4r_alloc((size_t)paths, sizeof *made->part, "files of a checkpoint");
  int status = made->part ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t p = 0; p < paths && !status; p++) {
    status = l4r_checkpoint_open(path[p], &made->part[made->parts]);
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
    l4r_checkpoint_close(made);
    return status;
  }
  *checkpoint = made;
  return L4R_OK;
}

/* --- a whole list --- */

/* transformers writes copies of the shared embedding under these names when it is tied. */
static const char *alias_target(const char *name, char *room, size_t bytes) {
  static const char *const ALIASES[] = {"encoder.embed_tokens.weight",
                                        "decoder.embed_tokens.weight", "lm_head.weight"};
  for (size_t i = 0; i < sizeof ALIASES / sizeof *ALIASES; i++) {
    size_t length = strlen(name), tail = strlen(ALIASES[i]);
    if (length < tail || strcmp(name + length - tail, ALIASES[i]) != 0) continue;
    snprintf(room, bytes, "%.*sshared.weight", (int)(length - tail), name);
    return room;
  }
  return NULL;
}

/* In the files of t5-small and its like; transformers passes over it too. */
#define UNREAD "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"

static int same_bytes(const struct l4r_entry *a, const struct l4r_entry *b) {
  return a->dtype == b->dtype && a->end - a->begin == b->end - b->begin &&
         memcmp(l4r_entry_bytes(a), l4r_entry_bytes(b), (size_t)(a->end - a->begin)) == 0;
}

int l4r_checkpoint_same(const struct l4r_checkpoint *checkpoint, const char *a, const char *b) {
  const struct l4r_entry *x = l4r_checkpoint_find(checkpoint, a);
  const struct l4r_entry *y = l4r_checkpoint_find(checkpoint, b);
  return x && y && same_bytes(x, y);
}

/* A tensor that no T5 has: of a classifier, a score, a projection. */
static int is_head(const char *name) {
  static const char *const parts[] = {"shared.", "encoder.", "decoder.", "lm_head."};
  for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
    if (!strncmp(name, parts[p], strlen(parts[p]))) return 0;
  return 1;
}

/* An entry that the list does not have must be a copy of one that it has. */
static int check_stranger(const struct l4r_checkpoint *checkpoint,
                          const struct l4r_tensors *tensors, const struct l4r_entry *entry) {
  if (strcmp(entry->name, UNREAD) == 0) return L4R_OK;
  char room[160];
  const char *target = alias_target(entry->name, room, sizeof room);
  const struct l4r_entry *original = target ? l4r_checkpoint_find(checkpoint, target) : NULL;
  if (!original || !l4r_tensors_find(tensors, target)) {
    return l4r_fail(L4R_INPUT,
                    "%s: tensor %s is none of this configuration's; config.json belongs "
                    "to another model",
                    checkpoint->path, entry->name);
  }
  if (!same_bytes(original, entry)) {
    return l4r_fail(L4R_INPUT, "%s: tensor %s differs from %s, but the configuration ties them",
                    checkpoint->path, entry->name, target);
  }
  return L4R_OK;
}

int l4r_checkpoint_match(const struct l4r_checkpoint *checkpoint, const struct l4r_tensors *tensors,
                         int heads) {
  int64_t passed = 0;
  const char *first = NULL;
  for (int64_t i = 0; i < tensors->count; i++) {
    const struct l4r_tensor *tensor = &tensors->tensor[i];
    const struct l4r_entry *entry;
    int status = l4r_checkpoint_find_shaped(checkpoint, tensor->name, tensor->rows, tensor->columns,
                                            &entry);
    if (status) return status;
  }
  for (int64_t i = 0; i < checkpoint->count; i++) {
    const char *name = checkpoint->entry[i].name;
    if (l4r_tensors_find(tensors, name)) continue;
    if (heads && is_head(name)) {
      if (!passed++) first = name;
      continue;
    }
    int status = check_stranger(checkpoint, tensors, &checkpoint->entry[i]);
    if (status) return status;
  }
  if (passed)
    l4r_warn("%s: %lld tensors belong to no T5 and are not read, the first is %s", checkpoint->path,
             (long long)passed, first);
  return L4R_OK;
}
