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

struct search {
  const struct l4r_record *record;
  int (*is)(struct search *search, const char *folder);
  char *out;               /* [L4R_PATH_MAX] the folder, once it is found */
  char near[L4R_PATH_MAX]; /* a file that would be it and has another hash, or "" */
};

static int has_hash(const char *folder, const char *name, const char *wanted) {
  char path[L4R_PATH_MAX], hash[65];
  return !l4r_path_join(path, folder, name) && !access(path, R_OK) &&
         !l4r_sha256_file(path, hash) && !strcmp(hash, wanted);
}

static int note_near(struct search *search, const char *folder, const char *name) {
  char path[L4R_PATH_MAX];
  if (!*search->near && !l4r_path_join(path, folder, name) && !access(path, F_OK))
    l4r_text_set(search->near, sizeof search->near, "%s", path);
  return 0;
}

static int has_weights(const char *folder, const char *wanted) {
  return has_hash(folder, "model.safetensors", wanted) || has_hash(folder, "counts.bin", wanted);
}

/* The small file first: weights are large. They are looked at all the same where the folder has the
 * model's name, to tell an edited config.json from another model. */
static int is_model(struct search *search, const char *folder) {
  const struct l4r_record_model *model = &search->record->data.model;
  const char *base = strrchr(folder, '/');
  char path[L4R_PATH_MAX];
  if (l4r_path_join(path, folder, "config.json") || access(path, R_OK)) return 0;
  const int named = model->name && !strcmp(base ? base + 1 : folder, model->name);
  const int configured = !model->config_sha256 ||
                         has_hash(folder, "config.json", model->config_sha256);
  if (!configured && !named) return 0;
  const int weighs = !model->sha256 || has_weights(folder, model->sha256);
  if (configured && weighs) return model->sha256 || model->config_sha256;
  if (weighs && model->sha256) return note_near(search, folder, "config.json");
  if (!configured || !model->config_sha256) return 0;
  note_near(search, folder, "model.safetensors");
  return note_near(search, folder, "counts.bin");
}

/* A folder that cannot be opened says in its error which file was edited. */
static int is_data(struct search *search, const char *folder) {
  const char *wanted = search->record->data.dataset.sha256;
  struct l4r_dataset *dataset;
  char path[L4R_PATH_MAX];
  if (l4r_path_join(path, folder, "dataset.json") || access(path, R_OK)) return 0;
  if (l4r_dataset_open(folder, 0, &dataset)) return note_near(search, folder, "dataset.json");
  const int same = wanted && !strcmp(dataset->sha256, wanted);
  l4r_dataset_close(dataset);
  return same;
}

static int is_folder(const char *path) {
  struct stat info;
  return !stat(path, &info) && S_ISDIR(info.st_mode);
}

/* 1 when it was found in the folder or below it. */
static int look(struct search *search, const char *folder, int depth) {
  if (!is_folder(folder)) return 0;
  if (search->is(search, folder)) return !l4r_text_set(search->out, L4R_PATH_MAX, "%s", folder);
  DIR *entries = depth < DEPTH ? opendir(folder) : NULL;
  int found = 0;
  for (struct dirent *entry; !found && entries && (entry = readdir(entries));) {
    char path[L4R_PATH_MAX];
    if (entry->d_name[0] == '.' || l4r_path_join(path, folder, entry->d_name)) continue;
    found = look(search, path, depth + 1);
  }
  if (entries) closedir(entries);
  return found;
}

/* The folders that the record's command names behind `option`: of an arm what stands between '@'
 * and the options. */
static int look_in_command(struct search *search, const char *option) {
  const char *command = search->record->data.command, *at = command ? command : "";
  int found = 0;
  while (!found && (at = strstr(at, option))) {
    char word[L4R_PATH_MAX];
    at += strlen(option);
    l4r_text_set(word, sizeof word, "%.*s", (int)strcspn(at, " "), at);
    char *model = strchr(word, '@');
    found = look(search, model ? model + 1 : word, DEPTH);
    char *options = found || !model ? NULL : strrchr(word, ':');
    if (!options) continue;
    *options = '\0';
    found = look(search, model + 1, DEPTH);
  }
  return found;
}

static int find(struct search *search, const struct l4r_argument_list *given, const char *option,
                const char *usual) {
  int found = 0;
  for (int f = 0; f < given->count && !found; f++) found = look(search, given->value[f], 0);
  if (!given->count) found = look_in_command(search, option) || look(search, usual, 0);
  l4r_error_clear(); /* what the folders on the way are is nothing to the caller */
  return found;
}

static int not_found(const struct search *search, const char *what, const char *name,
                     const char *hash, const struct l4r_argument_list *given,
                     const char *places_option) {
  char near[L4R_PATH_MAX + 64] = "";
  if (*search->near)
    l4r_text_set(near, sizeof near, "; %s is another file: was it edited?", search->near);
  return l4r_fail(L4R_INPUT,
                  "the %s '%s' (SHA-256 %.12s...) is not in the folders of %s%s; --%s FOLDER names "
                  "the place where it, or a folder above it, stands",
                  what, name ? name : "?", hash,
                  given->count ? "the option" : "the record's command", near, places_option);
}

int l4r_find_model(const struct l4r_places *places, const struct l4r_record *record, char *out) {
  const struct l4r_record_model *model = &record->data.model;
  const char *hash = model->sha256 ? model->sha256 : model->config_sha256;
  struct search search = {.record = record, .is = is_model, .out = out};
  if (!hash) return l4r_fail(L4R_INPUT, "the record does not say by a hash which model it is of");
  if (find(&search, places->models, "--arm ", "models")) return L4R_OK;
  return not_found(&search, "model", model->name, hash, places->models, "models");
}

int l4r_find_data(const struct l4r_places *places, const struct l4r_record *record, char *out) {
  const struct l4r_record_dataset *data = &record->data.dataset;
  struct search search = {.record = record, .is = is_data, .out = out};
  if (!data->sha256)
    return l4r_fail(L4R_INPUT, "the record does not say by a hash which data set it is of");
  if (find(&search, places->data, "--data ", "data")) return L4R_OK;
  return not_found(&search, "data set", data->name, data->sha256, places->data, "data");
}
