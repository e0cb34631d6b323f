/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares a file with a list of tensors: all of them must exist with their shapes, and other
 * tensors must be copies of one of them, or no part of a T5. */
#include "impl/model/safetensors_match.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/model/safetensors_names.h"

#include <stdio.h>
#include <string.h>

/* transformers writes copies of a tied embedding under these names. */
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

/* Files like t5-small's have this tensor; transformers ignores it too. */
#define UNREAD "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"

static int same_bytes(const struct l4r_entry *a, const struct l4r_entry *b) {
  return a->dtype == b->dtype && a->end - a->begin == b->end - b->begin &&
         memcmp(l4r_entry_bytes(a), l4r_entry_bytes(b), (size_t)(a->end - a->begin)) == 0;
}

int l4r_safetensors_same(const struct l4r_safetensors *safetensors, const char *a, const char *b) {
  const struct l4r_entry *x = l4r_safetensors_find(safetensors, a);
  const struct l4r_entry *y = l4r_safetensors_find(safetensors, b);
  return x && y && same_bytes(x, y);
}

/* Whether `name` begins with one of the texts, ended by NULL. */
static int begins(const char *name, const char *const *parts) {
  for (; *parts; parts++)
    if (!strncmp(name, *parts, strlen(*parts))) return 1;
  return 0;
}

/* What an encoder does not read, and every BERT's file has. */
static const char *const EXPECTED[] = {"pooler.", "embeddings.position_ids",
                                       "embeddings.token_type_ids", NULL};

/* Returns 1 for a tensor that no such model has: of a classifier, a score, a projection. */
static int is_head(const char *name, enum l4r_match rule) {
  static const char *const t5[] = {"shared.", "encoder.", "decoder.", "lm_head.", NULL};
  static const char *const bert[] = {"embeddings.", "encoder.", NULL};
  if (rule == L4R_MATCH_BERT) return begins(name, EXPECTED) || !begins(name, bert);
  return rule == L4R_MATCH_T5 && !begins(name, t5);
}

/* Checks that an entry which is not in the list is a copy of one that is. */
static int check_stranger(const struct l4r_safetensors *safetensors,
                          const struct l4r_tensors *tensors, const struct l4r_entry *entry) {
  if (strcmp(entry->name, UNREAD) == 0) return L4R_OK;
  char room[160];
  const char *target = alias_target(entry->name, room, sizeof room);
  const struct l4r_entry *original = target ? l4r_safetensors_find(safetensors, target) : NULL;
  if (!original || !l4r_tensors_find(tensors, target)) {
    return l4r_fail(L4R_INPUT,
                    "%s: tensor %s is not part of this configuration; config.json belongs "
                    "to another model",
                    safetensors->path, entry->name);
  }
  if (!same_bytes(original, entry)) {
    return l4r_fail(L4R_INPUT, "%s: tensor %s differs from %s, but the configuration ties them",
                    safetensors->path, entry->name, target);
  }
  return L4R_OK;
}

int l4r_safetensors_match(const struct l4r_safetensors *safetensors,
                          const struct l4r_tensors *tensors, enum l4r_match rule) {
  int64_t passed = 0;
  const char *first = NULL;
  for (int64_t i = 0; i < tensors->count; i++) {
    const struct l4r_tensor *tensor = &tensors->tensor[i];
    const struct l4r_entry *entry;
    int status = l4r_safetensors_find_shaped(safetensors, tensor->name, tensor->rows,
                                             tensor->columns, &entry);
    if (status) return status;
  }
  for (int64_t i = 0; i < safetensors->count; i++) {
    const char *name = safetensors->entry[i].name;
    if (l4r_tensors_find(tensors, name)) continue;
    if (is_head(name, rule)) {
      const int told = rule == L4R_MATCH_BERT && begins(name, EXPECTED);
      if (!told && !passed++) first = name;
      continue;
    }
    int status = check_stranger(safetensors, tensors, &safetensors->entry[i]);
    if (status) return status;
  }
  if (passed)
    l4r_warn("%s: %lld tensors belong to no %s and are not read, the first is %s",
             safetensors->path, (long long)passed, rule == L4R_MATCH_BERT ? "encoder" : "T5",
             first);
  return L4R_OK;
}
