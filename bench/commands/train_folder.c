/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/commands/train_folder.h"

#include "bench/commands/train_options.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/tidy.h"
#include "impl/train/loop/state.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char state_file[] = "training.state", config_file[] = "config.json";

/* What a training writes, or engines keep in a model folder. */
static int owns(const char *name) {
  static const char *const names[] = {"config.json",   "model.safetensors", "tokenizer.model",
                                      "id_map.tsv",    "counts.bin",        "training.jsonl",
                                      "training.state"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!strcmp(name, names[i])) return 1;
  return !strncmp(name, "item_vectors-", 13);
}

static int look(const char *folder, const char *name, struct stat *info) {
  char path[L4R_PATH_MAX];
  return !l4r_path_join(path, folder, name) && !stat(path, info);
}

static int has(const char *folder, const char *name) {
  struct stat info;
  return look(folder, name, &info);
}

static int is_older(const struct timespec *a, const struct timespec *b) {
  return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

/* A kill just after the exchange leaves the old model in the other's place: complete, and older.
 * Just before, the new one stands there: complete, and newer, with a checkpoint to go on from. */
static void remove_exchanged(const struct l4r_train_folder *folder) {
  struct stat here, there;
  if (look(folder->folder.target, config_file, &here) && look(folder->path, config_file, &there) &&
      is_older(&there.st_mtim, &here.st_mtim))
    l4r_folder_discard(&folder->folder, folder->path);
}

static int refuse_model(const struct l4r_train_folder *folder) {
  const int unfinished = has(folder->path, state_file);
  return l4r_fail(L4R_USAGE,
                  "--out %s holds a model already: give another --out, --force to replace it when "
                  "the new one is complete, or --resume to go on with %s",
                  folder->out, unfinished ? "the training that was interrupted" : "its training");
}

static int begin_beside(struct l4r_train_folder *folder) {
  folder->mode = L4R_TRAIN_BESIDE;
  int status = l4r_folder_exchangeable(&folder->folder);
  if (status || !access(folder->path, F_OK)) return status;
  struct stat info;
  const mode_t mode = stat(folder->folder.target, &info) ? 0777 : info.st_mode & 07777;
  if (mkdir(folder->path, mode))
    return l4r_fail_errno(L4R_ENVIRONMENT, "cannot make the folder %s", folder->path);
  folder->made = 1;
  return L4R_OK;
}

/* The checkpoint that the finished training in --out has left, and what it hangs on. */
static int begin_with_finished(struct l4r_train_folder *folder) {
  static const char *const needed[] = {"tokenizer.model", "id_map.tsv", "training.jsonl",
                                       "training.state"};
  l4r_folder_discard(&folder->folder, folder->path);
  int status = begin_beside(folder);
  for (size_t i = 0; i < sizeof needed / sizeof *needed && !status; i++)
    status = l4r_folder_link(folder->folder.target, folder->path, needed[i]);
  return status;
}

static int begin_resumed(struct l4r_train_folder *folder) {
  const char *target = folder->folder.target;
  if (has(folder->path, state_file)) return begin_beside(folder);
  if (!has(target, state_file))
    return l4r_fail(L4R_INPUT, "%s/%s: there is no checkpoint to resume; train without --resume",
                    folder->out, state_file);
  return has(target, config_file) ? begin_with_finished(folder) : L4R_OK;
}

static int begin_anew(struct l4r_train_folder *folder, int force) {
  const char *target = folder->folder.target;
  if (has(target, config_file) && !force) return refuse_model(folder);
  const int beside = has(folder->path, state_file);
  if (beside || (has(target, state_file) && !has(target, config_file)))
    l4r_warn(
        "%s/%s, of a training that was interrupted, is replaced (--resume would go on with it)",
        beside ? folder->path : folder->out, state_file);
  l4r_folder_discard(&folder->folder, folder->path);
  return has(target, config_file) ? begin_beside(folder) : L4R_OK;
}

static int begin_long(const struct l4r_train_settings *settings, struct l4r_train_folder *folder) {
  int status = l4r_folder_hold(&folder->folder, settings->out);
  if (status) return status;
  const char *target = folder->folder.target;
  snprintf(folder->path, sizeof folder->path, "%.*s.training", L4R_PATH_MAX - 16, target);
  remove_exchanged(folder);
  status = settings->resume ? begin_resumed(folder) : begin_anew(folder, settings->force);
  if (folder->mode == L4R_TRAIN_HERE) {
    snprintf(folder->path, sizeof folder->path, "%s", settings->out);
    folder->made = !folder->folder.exists;
  }
  look(folder->path, state_file, &folder->begun);
  return status;
}

static int begin_quick(const struct l4r_train_settings *settings, struct l4r_train_folder *folder) {
  folder->mode = L4R_TRAIN_ASIDE;
  int status = l4r_folder_begin(&folder->folder, settings->out);
  if (status) return status;
  snprintf(folder->path, sizeof folder->path, "%s", folder->folder.path);
  if (has(folder->folder.target, config_file) && !settings->force) status = refuse_model(folder);
  return status;
}

static void undo(struct l4r_train_folder *folder) {
  struct stat state;
  const int learnt = look(folder->path, state_file, &state) &&
                     (state.st_ino != folder->begun.st_ino ||
                      state.st_mtim.tv_nsec != folder->begun.st_mtim.tv_nsec);
  if (folder->made && !learnt) l4r_folder_discard(&folder->folder, folder->path);
}

int l4r_train_folder_open(const struct l4r_train_settings *settings,
                          struct l4r_train_folder *folder) {
  *folder = (struct l4r_train_folder){.out = settings->out, .folder = {.lock = -1, .tidy = -1}};
  const int quick = !settings->resume &&
                    (!l4r_kind_has_weights(settings->kind) || settings->epochs == 0);
  int status = quick ? begin_quick(settings, folder) : begin_long(settings, folder);
  if (status) return folder->folder.lock < 0 ? status : l4r_train_folder_close(folder, status);
  char state[L4R_PATH_MAX];
  if (folder->made && !l4r_path_join(state, folder->path, state_file))
    folder->folder.tidy = l4r_tidy_add(folder->path, state);
  return L4R_OK;
}

int l4r_train_folder_close(struct l4r_train_folder *folder, int status) {
  if (folder->mode == L4R_TRAIN_ASIDE)
    return l4r_folder_end(&folder->folder, status, owns, config_file);
  l4r_tidy_drop(folder->folder.tidy);
  folder->folder.tidy = -1;
  if (!status && folder->mode == L4R_TRAIN_BESIDE) {
    snprintf(folder->folder.path, sizeof folder->folder.path, "%s", folder->path);
    status = l4r_folder_commit(&folder->folder, owns, config_file);
    if (status) status = l4r_fail_context(status, "the new model is complete in %s", folder->path);
  } else if (status) {
    undo(folder);
  }
  l4r_folder_release(&folder->folder);
  return status;
}
