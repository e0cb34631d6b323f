/* SPDX-License-Identifier: BSD-3-Clause */
/* The leak scan over the files a run read.
 *
 * Training code goes through impl/base/file.h for every file, so a listener there sees them all. A
 * path is compared by device and inode, not by spelling, and by content, so that neither a link nor
 * a copy of test.txt slips through. */
#include "bench/import/leak.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/data/dataset_files.h"

static const int forbidden[] = {L4R_FILE_TEST, L4R_FILE_TIMES};
enum { FORBIDDEN = sizeof forbidden / sizeof *forbidden };

struct secret { /* a file that training must not read */
  const char *name;
  char path[L4R_PATH_MAX], hash[65];
  struct stat info;
  int there;
};

static int open_secrets(const char *folder, struct secret *secrets) {
  for (int i = 0; i < FORBIDDEN; i++) {
    struct secret *secret = &secrets[i];
    secret->name = l4r_dataset_file[forbidden[i]];
    int status = l4r_path_join(secret->path, folder, secret->name);
    if (status) return status;
    secret->there = stat(secret->path, &secret->info) == 0;
    if (secret->there)
      status = l4r_sha256_file(secret->path, secret->hash);
    else if (errno != ENOENT) /* what is not there cannot have been read; its name still counts */
      status = l4r_fail_errno(L4R_INPUT, "cannot open %s", secret->path);
    if (status) return status;
  }
  return 0;
}

static int is_named(const char *path, const char *name) {
  const char *slash = strrchr(path, '/');
  return !strcmp(slash ? slash + 1 : path, name);
}

static int scan_one(const struct secret *secret, const char *path) {
  struct stat info;
  char hash[65];
  int same = 0;
  if (stat(path, &info)) {
    same = is_named(path, secret->name);
  } else if (secret->there && S_ISREG(info.st_mode)) {
    same = info.st_dev == secret->info.st_dev && info.st_ino == secret->info.st_ino;
    if (!same && info.st_size == secret->info.st_size) {
      int status = l4r_sha256_file(path, hash);
      if (status) return status;
      same = !strcmp(hash, secret->hash);
    }
  }
  if (!same) return 0;
  return l4r_fail(L4R_CHECK,
                  "leak: the run read %s, which is %s of the data set; its model may know the "
                  "answers, so train again without that file",
                  path, secret->path);
}

int l4r_leak_scan(const char *folder, const char *const *paths, int64_t count) {
  struct secret secrets[FORBIDDEN];
  memset(secrets, 0, sizeof secrets);
  int status = open_secrets(folder, secrets);
  for (int64_t i = 0; i < count && !status; i++)
    for (int j = 0; j < FORBIDDEN && !status; j++) status = scan_one(&secrets[j], paths[i]);
  return status;
}

/* --- noting what is read -------------------------------------------------------------------------
 */

static struct noted {
  char **path;
  size_t count, capacity;
  int lost; /* memory was short: no proof is possible */
} noted;

static void note(void *context, const char *path) {
  struct noted *files = context;
  char *copy = NULL;
  if (!l4r_grow(&files->path, &files->capacity, files->count + 1, sizeof *files->path,
                "files read"))
    copy = l4r_strdup(path);
  if (copy)
    files->path[files->count++] = copy;
  else
    files->lost = 1;
}

static void forget(void) {
  for (size_t i = 0; i < noted.count; i++) l4r_free(noted.path[i]);
  l4r_free(noted.path);
  memset(&noted, 0, sizeof noted);
}

void l4r_leak_watch(void) {
  forget();
  l4r_on_read(note, &noted);
}

int l4r_leak_verdict(const char *folder, int64_t *count) {
  l4r_on_read(NULL, NULL);
  int status = noted.lost ? l4r_fail(L4R_ENVIRONMENT, "no memory to note the files a run reads")
                          : 0;
  if (!status)
    status = l4r_leak_scan(folder, (const char *const *)noted.path, (int64_t)noted.count);
  if (count) *count = (int64_t)noted.count;
  forget();
  return status;
}
