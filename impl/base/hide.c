/* SPDX-License-Identifier: BSD-3-Clause */
/* Landlock only grants permissions. So everything that is not hidden is permitted, entry by entry,
 * in every folder on the way down to a hidden file. */
#include "impl/base/hide.h"

#include "impl/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FILES_MOST = 16, ENTRIES_MOST = 1 << 16 };

struct hidden { /* by real paths and identities */
  char path[FILES_MOST][PATH_MAX];
  struct stat identity[FILES_MOST];
  int count, entries;
};

/* The layout of newer kernels; members that an older kernel does not know are not passed. */
struct ruleset {
  uint64_t fs, net, scoped;
};
static const uint64_t scope_signal = 2; /* LANDLOCK_SCOPE_SIGNAL */
static const uint64_t refer = 1 << 13;  /* LANDLOCK_ACCESS_FS_REFER */

static int landlock_version(void) {
  return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

static int make_ruleset(const struct ruleset *ruleset, int version) {
  const size_t size = version < 4 ? 8 : version < 6 ? 16 : 24;
  return (int)syscall(SYS_landlock_create_ruleset, ruleset, size, 0);
}

static int permit(int ruleset, const char *path, uint64_t access) {
  struct landlock_path_beneath_attr rule = {.allowed_access = access};
  rule.parent_fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (rule.parent_fd < 0) return 0; /* what we cannot open needs no permission */
  const int failed = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) <
                     0;
  close(rule.parent_fd);
  return failed;
}

/* Returns 1 when the entry is one of the files, under any name, and 2 when it is a folder above
 * one. */
static int kind_of(const struct hidden *hidden, const char *path, const struct stat *identity) {
  const size_t length = strlen(path);
  for (int f = 0; f < hidden->count; f++) {
    if (identity->st_dev == hidden->identity[f].st_dev &&
        identity->st_ino == hidden->identity[f].st_ino)
      return 1;
    if (!strncmp(hidden->path[f], path, length) && hidden->path[f][length] == '/') return 2;
  }
  return 0;
}

/* Permits the other entries of a folder above a hidden file, and descends to the file. */
static int permit_around(struct hidden *hidden, int ruleset, const char *folder) {
  DIR *entries = opendir(*folder ? folder : "/");
  const struct dirent *entry;
  int failed = !entries;
  while (!failed && (entry = readdir(entries))) {
    char path[PATH_MAX];
    struct stat identity;
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= sizeof path)
      continue;
    if (lstat(path, &identity) || S_ISLNK(identity.st_mode)) continue;
    failed = ++hidden->entries > ENTRIES_MOST;
    const int kind = failed ? 1 : kind_of(hidden, path, &identity);
    if (kind == 2) failed = permit_around(hidden, ruleset, path);
    if (kind == 0) failed = permit(ruleset, path, LANDLOCK_ACCESS_FS_READ_FILE);
  }
  if (entries) closedir(entries);
  return failed;
}

static int enter(int ruleset) {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return syscall(SYS_landlock_restrict_self, ruleset, 0) < 0;
}

static int hide_by_landlock(struct hidden *hidden, char *why, size_t size) {
  const int version = landlock_version();
  if (version < 1) {
    snprintf(why, size, "this kernel has no Landlock (%s)", strerror(errno));
    return 0;
  }
  /* Every domain refuses to move files between folders unless that is permitted. */
  const uint64_t move = version >= 2 ? refer : 0;
  const struct ruleset wanted = {.fs = LANDLOCK_ACCESS_FS_READ_FILE | move};
  const int ruleset = make_ruleset(&wanted, version);
  int failed = ruleset < 0;
  if (!failed && move) failed = permit(ruleset, "/", move);
  if (!failed) failed = permit_around(hidden, ruleset, "");
  if (!failed) failed = enter(ruleset);
  if (failed)
    snprintf(why, size, "Landlock refused (%s)",
             hidden->entries > ENTRIES_MOST ? "too many files in the folders above"
                                            : strerror(errno));
  if (ruleset >= 0) close(ruleset);
  return !failed;
}

static int write_line(const char *path, const char *line) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  const int written = file >= 0 && write(file, line, strlen(line)) == (ssize_t)strlen(line);
  if (file >= 0) close(file);
  return written;
}

/* A user namespace gives unprivileged users the right to mount; our identity in it stays the
 * same. */
static int leave_mounts(void) {
  char map[64];
  const unsigned user = geteuid(), group = getegid();
  if (!unshare(CLONE_NEWNS)) return 1;
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS)) return 0;
  snprintf(map, sizeof map, "%u %u 1\n", user, user);
  if (!write_line("/proc/self/uid_map", map)) return 0;
  write_line("/proc/self/setgroups", "deny");
  snprintf(map, sizeof map, "%u %u 1\n", group, group);
  return write_line("/proc/self/gid_map", map);
}

static int hide_by_mounts(const struct hidden *hidden, char *why, size_t size) {
  int hides = leave_mounts() && !mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL);
  for (int f = 0; f < hidden->count && hides; f++)
    hides = !mount("/dev/null", hidden->path[f], "none", MS_BIND, NULL);
  if (hides) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (!hides) snprintf(why, size, "no mount namespace (%s)", strerror(errno));
  return hides;
}

int l4r_hide_files(const char *const *path, int count, unsigned ways, char *how, size_t size) {
  char why[2][96] = {"Landlock was not to be tried", "mounts were not to be tried"};
  struct hidden *hidden = calloc(1, sizeof *hidden);
  for (int f = 0; hidden && f < count && hidden->count < FILES_MOST; f++)
    hidden->count += realpath(path[f], hidden->path[hidden->count]) &&
                     !stat(hidden->path[hidden->count], &hidden->identity[hidden->count]);
  const char *way = NULL;
  if (hidden && (ways & L4R_HIDE_LANDLOCK) && hide_by_landlock(hidden, why[0], sizeof why[0]))
    way = "Landlock";
  if (hidden && !way && (ways & L4R_HIDE_MOUNTS) && hide_by_mounts(hidden, why[1], sizeof why[1]))
    way = "a mount namespace";
  if (way)
    snprintf(how, size, "%s", way);
  else
    snprintf(how, size, "%s; %s", why[0], why[1]);
  free(hidden);
  return way != NULL;
}

int l4r_ward_open(void) {
  const int version = landlock_version();
  if (version < 1) return -1;
  /* A domain has to refuse something; nothing here makes block devices. */
  const struct ruleset ruleset = {.fs = LANDLOCK_ACCESS_FS_MAKE_BLOCK | (version >= 2 ? refer : 0),
                                  .scoped = version >= 6 ? scope_signal : 0};
  const int ward = make_ruleset(&ruleset, version);
  if (ward >= 0 && version >= 2) permit(ward, "/", refer);
  return ward;
}

void l4r_ward_enter(int ward) {
  if (ward >= 0) enter(ward);
}
