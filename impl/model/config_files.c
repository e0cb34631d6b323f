/* SPDX-License-Identifier: BSD-3-Clause */
/* "files" of config.json: the hashes of a model folder's other files when it was complete, so that
 * different models are never mistaken for the same one. */
#include "impl/model/config_files.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const FILES[L4R_MODEL_FILES] = {"model.safetensors", "tokenizer.model",
                                                   "id_map.tsv", "counts.bin", "training.jsonl"};
static const char LOG[] = "training.jsonl", ID_MAP[] = "id_map.tsv";

int l4r_config_files_read(json_t *root, const char *path, struct l4r_model_config *config) {
  const json_t *files = json_object_get(root, "files");
  const char *name;
  json_t *value;
  config->states_files = files != NULL;
  config->files = 0;
  if (!files) return L4R_OK;
  if (!json_is_object(files) || json_object_size(files) > L4R_MODEL_FILES)
    return l4r_fail(L4R_INPUT, "%s: field 'files' is not an object of at most %d files", path,
                    L4R_MODEL_FILES);
  json_object_foreach((json_t *)files, name, value) {
    const char *sha256 = json_string_value(value);
    int known = 0;
    for (int f = 0; f < L4R_MODEL_FILES; f++) known |= strcmp(FILES[f], name) == 0;
    if (!known || !sha256 || strlen(sha256) != 64)
      return l4r_fail(L4R_INPUT,
                      "%s: field 'files': '%.40s' is not a model's file with its SHA-256", path,
                      name);
    struct l4r_model_file *file = &config->file[config->files++];
    snprintf(file->name, sizeof file->name, "%s", name);
    snprintf(file->sha256, sizeof file->sha256, "%s", sha256);
  }
  json_object_del(root, "files");
  return L4R_OK;
}

int l4r_config_files_write(const char *folder, json_t *root) {
  json_t *files = json_object();
  int status = L4R_OK, bad = 0;
  for (int f = 0; f < L4R_MODEL_FILES && !status; f++) {
    char path[L4R_PATH_MAX], sha256[65];
    status = l4r_path_join(path, folder, FILES[f]);
    if (status || access(path, F_OK)) continue;
    status = l4r_sha256_file(path, sha256);
    if (!status) bad |= json_object_set_new(files, FILES[f], json_string(sha256));
  }
  bad |= json_object_set_new(root, "files", files);
  if (!status && bad) status = l4r_fail(L4R_ENVIRONMENT, "no memory for the hashes of %s", folder);
  return status;
}

static const struct l4r_model_file *stated(const struct l4r_model_config *config,
                                           const char *name) {
  for (int f = 0; f < config->files; f++)
    if (strcmp(config->file[f].name, name) == 0) return &config->file[f];
  return NULL;
}

static int check_file(const char *path, const struct l4r_model_file *file, const char *sha256) {
  char found[65];
  int status = L4R_OK;
  if (sha256)
    snprintf(found, sizeof found, "%s", sha256);
  else
    status = l4r_sha256_file(path, found);
  if (status || strcmp(found, file->sha256) == 0) return status;
  return l4r_fail(L4R_INPUT,
                  "%s: its SHA-256 is %.16s..., but config.json beside it states %.16s...: the "
                  "file changed or is another model's; bring back the folder or train again",
                  path, found, file->sha256);
}

int l4r_config_check_files(const char *folder, const struct l4r_model_config *config,
                           const char *known, const char *sha256) {
  if (!config->states_files) {
    l4r_info("%s/config.json states no hashes of the files beside it (an older version made it): "
             "they are used without this check",
             folder);
    return L4R_OK;
  }
  for (int f = 0; f < L4R_MODEL_FILES; f++) {
    char path[L4R_PATH_MAX];
    const struct l4r_model_file *file = stated(config, FILES[f]);
    const int is_log = strcmp(FILES[f], LOG) == 0;
    /* The reader of item ids compares their hash with a field of its own. */
    if (config->id_map_sha256[0] && strcmp(FILES[f], ID_MAP) == 0) continue;
    int status = l4r_path_join(path, folder, FILES[f]);
    const int is_there = !status && !access(path, F_OK);
    const int at_home = is_log && !is_there;
    if (!status && !file && is_there && !is_log)
      status = l4r_fail(L4R_INPUT,
                        "%s: config.json beside it states hashes, but none of this file: one of "
                        "the two was changed; bring back the folder or train again",
                        path);
    if (!status && file && !at_home)
      status = check_file(path, file, sha256 && !strcmp(FILES[f], known) ? sha256 : NULL);
    if (status) return status;
  }
  return L4R_OK;
}
