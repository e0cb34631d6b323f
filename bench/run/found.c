/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/found.h"

#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/text.h"
#include "impl/data/dataset.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH = 4 };

typedef int is_it(const struct l4r_record *record, const char *folder);

static int has_hash(const char *folder, const char *name, const char *wanted) {
  char path[L4R_PATH_MAX], hash[65];
  return !l4r_path_join(path, folder, name) && !access(path, R_OK) &&
         !l4r_sha256_file(path, hash) && !strcmp(hash, wanted);
}

/* The small file first: weights are large. */
static int is_model(const struct l4r_record *record, const char *folder) {
  const struct l4r_record_model *model = &record->data.model;
  char path[L4R_PATH_MAX];
  if (l4r_path_join(path, folder, "config.json") || access(path, R_OK)) return 0;
  if (model->config_sha256 && !has_hash(folder, "config.json", model->config_sha256)) return 0;
  if (!model->sha256) return model->config_sha256 != NULL;
  return has_hash(folder, "model.safetensors", model->sha256) ||
         has_hash(folder, "counts.bin", model->sha256);
}

static int is_data(const struct l4r_record *record, const char *folder) {
  struct l4r_dataset *dataset;
  char path[L4R_PATH_MAX];
  if (l4r_path_join(path, folder, "dataset.json") || access(path, R_OK)) return 0;
  if (l4r_dataset_open(folder, 0, &dataset)) return 0;
  const int same = record->data.dataset.sha256 &&
                   !strcmp(dataset->sha256, record->data.dataset.sha256);
  l4r_dataset_close(dataset);
  return same;
}

static int is_folder(const char *path) {
  struct stat info;
  return !stat(path, &info) && S_ISDIR(info.st_mode);
}

/* 1 when it was found in the folder or below it. */
static int look(const struct l4r_record *record, is_it *is, const char *folder, int depth,
                char *out) {
  if (!is_folder(folder)) return 0;
  if (is(record, folder)) return !l4r_text_set(out, L4R_PATH_MAX, "%s", folder);
  DIR *entries = depth < DEPTH ? opendir(folder) : NULL;
  int found = 0;
  for (struct dirent *entry; !found && entries && (entry = readdir(entries));) {
    char path[L4R_PATH_MAX];
    if (entry->d_name[0] == '.' || l4r_path_join(path, folder, entry->d_name)) continue;
    found = look(record, is, path, depth + 1, out);
  }
  if (entries) closedir(entries);
  return found;
}

/* The folders that the record's command names behind `option`: of an arm what stands between '@'
 * and the options. */
static int look_in_command(const struct l4r_record *record, is_it *is, const char *option,
                           char *out) {
  const char *at = record->data.command ? record->data.command : "";
  int found = 0;
  while (!found && (at = strstr(at, option))) {
    char word[L4R_PATH_MAX];
    at += strlen(option);
    l4r_text_set(word, sizeof word, "%.*s", (int)strcspn(at, " "), at);
    char *model = strchr(word, '@');
    found = look(record, is, model ? model + 1 : word, DEPTH, out);
    if (found || !model) continue;
    char *options = strrchr(word, ':');
    if (options) *options = '\0';
    found = look(record, is, model + 1, DEPTH, out);
  }
  return found;
}

static int look_in(const struct l4r_record *record, is_it *is, const struct l4r_argument_list *list,
                   char *out) {
  int found = 0;
  for (int f = 0; f < list->count && !found; f++) found = look(record, is, list->value[f], 0, out);
  l4r_error_clear(); /* what the folders on the way are is nothing to the caller */
  return found;
}

int l4r_find_model(const struct l4r_places *places, const struct l4r_record *record, char *out) {
  const char *hash = record->data.model.sha256 ? record->data.model.sha256
                                               : record->data.model.config_sha256;
  const char *name = record->data.model.name;
  int found = 0;
  if (!hash) return l4r_fail(L4R_INPUT, "the record does not say by a hash which model it is of");
  if (places->models->count)
    found = look_in(record, is_model, places->models, out);
  else
    found = look_in_command(record, is_model, "--arm ", out) ||
            look(record, is_model, "models", 0, out);
  if (found) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "the model '%s' (SHA-256 %.12s...) is not in %s; --models FOLDER names the place "
                  "where it, or a folder above it, stands",
                  name ? name : "?", hash,
                  places->models->count ? "the folders of --models"
                                        : "the folders of the record's command or in 'models'");
}

int l4r_find_data(const struct l4r_places *places, const struct l4r_record *record, char *out) {
  const char *hash = record->data.dataset.sha256, *name = record->data.dataset.name;
  int found = 0;
  if (!hash)
    return l4r_fail(L4R_INPUT, "the record does not say by a hash which data set it is of");
  if (places->data->count)
    found = look_in(record, is_data, places->data, out);
  else
    found = look_in_command(record, is_data, "--data ", out) ||
            look(record, is_data, "data", 0, out);
  if (found) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "the data set '%s' (SHA-256 %.12s...) is not in %s; --data FOLDER names the "
                  "place where it, or a folder above it, stands",
                  name ? name : "?", hash,
                  places->data->count ? "the folders of --data"
                                      : "the folder of the record's command or in 'data'");
}
