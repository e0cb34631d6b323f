/* SPDX-License-Identifier: BSD-3-Clause */
/* Folders that are written separately and exchanged whole. The lock is a file beside the target,
 * `.NAME.lock`. The kernel releases it when its holder ends in any way, so the file alone means
 * nothing. */
#include "impl/base/folder.h"

#include "impl/base/error.h"
#include "impl/base/kernel.h"
#include "impl/base/log.h"
#include "impl/base/tidy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- places ------------------------------------------------------------------------------------*/

/* Returns the length of the shortest leading part of `path` that does not exist, 0 when all
 * exists. */
static size_t first_missing(const char *path) {
  char part[L4R_PATH_MAX];
  struct stat info;
  for (size_t i = 1; path[i - 1] && i < sizeof part; i++) {
    if (path[i] && path[i] != '/') continue;
    memcpy(part, path, i);
    part[i] = '\0';
    if (stat(part, &info)) return i;
  }
  return 0;
}

/* Removes folders that were made, the empty ones from the leaf up to `missing`. */
static void remove_made(const char *path, size_t missing) {
  char part[L4R_PATH_MAX];
  if (!missing) return;
  snprintf(part, sizeof part, "%s", path);
  for (size_t length = strlen(part); length >= missing; length--) {
    if (part[length] && part[length] != '/') continue;
    part[length] = '\0';
    if (rmdir(part) && errno != ENOENT) return;
  }
}

static int too_long(const char *target) {
  return l4r_fail(L4R_USAGE, "not a usable folder name: '%.200s'", target);
}

/* Sets target, exists and made, and makes the folders above the target. */
static int resolve(struct l4r_folder *folder, const char *given) {
  char plain[L4R_PATH_MAX], above[L4R_PATH_MAX], real[PATH_MAX];
  struct stat info;
  size_t n = strlen(given);
  while (n > 1 && given[n - 1] == '/') n--;
  if (!n || n + 64 >= sizeof plain) return too_long(given);
  snprintf(plain, sizeof plain, "%.*s", (int)n, given);
  folder->exists = !stat(plain, &info);
  if (folder->exists && !S_ISDIR(info.st_mode))
    return l4r_fail(L4R_ENVIRONMENT, "%s exists and is not a folder", plain);
  if (folder->exists) {
    if (!realpath(plain, real) || strlen(real) + 64 >= sizeof folder->target)
      return l4r_fail_errno(L4R_ENVIRONMENT, "cannot follow %s", plain);
    strcpy(folder->target, real);
    return L4R_OK;
  }
  if (!lstat(plain, &info))
    return l4r_fail(L4R_ENVIRONMENT,
                    "%s is a link to nothing; make the folder it names, or remove it", plain);
  char *slash = strrchr(plain, '/');
  snprintf(above, sizeof above, "%.*s", slash ? (int)(slash - plain) : 1, slash ? plain : ".");
  if (slash == plain) strcpy(above, "/");
  const size_t missing = first_missing(above);
  int status = l4r_make_folders(above);
  if (!status && !realpath(above, real))
    status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot follow %s", above);
  if (!status && strlen(real) + n + 64 >= sizeof folder->target) status = too_long(given);
  if (status) {
    remove_made(above, missing);
    return l4r_fail_context(status, "cannot make %s", plain);
  }
  status = l4r_path_join(folder->target, real, slash ? slash + 1 : plain);
  /* `made` is a leading part of the absolute name: everything from the missing part on. */
  size_t levels = 0;
  for (size_t i = missing; missing && above[i]; i++) levels += above[i] == '/';
  if (missing) {
    folder->made = strlen(real);
    for (; levels; levels--)
      while (folder->made && real[--folder->made] != '/') continue;
  }
  return status;
}

/* Gives PARENT/.NAME.SUFFIX, or the same within the target. */
static void place(const struct l4r_folder *folder, const char *suffix, char *path) {
  const char *slash = strrchr(folder->target, '/');
  if (folder->within)
    snprintf(path, L4R_PATH_MAX, "%.*s/.lite4rec.%s", L4R_PATH_MAX - 64, folder->target, suffix);
  else
    snprintf(path, L4R_PATH_MAX, "%.*s/.%.200s.%s", (int)(slash - folder->target), folder->target,
             slash + 1, suffix);
}

static int is_empty(const char *path) {
  int entries = 0;
  DIR *listing = opendir(path);
  if (!listing) return 0;
  for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
    entries += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
               strncmp(entry->d_name, ".lite4rec.", 10);
  closedir(listing);
  return entries == 0;
}

/* Returns why the target cannot be exchanged with a folder beside it, or NULL. */
static const char *fixed(const struct l4r_folder *folder) {
  char above[L4R_PATH_MAX], here[PATH_MAX];
  const size_t n = strlen(folder->target);
  snprintf(above, sizeof above, "%s", folder->target);
  char *slash = strrchr(above, '/');
  slash[slash == above] = '\0';
  if (n == 1) return "it is the root of all folders";
  if (access(above, W_OK | X_OK)) return "the folder above it cannot be written to";
  if (folder->exists && l4r_is_mount_root(folder->target)) return "a file system is mounted there";
  if (folder->exists && getcwd(here, sizeof here) && !strncmp(here, folder->target, n) &&
      (here[n] == '/' || !here[n]))
    return "this command runs in it";
  return NULL;
}

static int refuse_fixed(const struct l4r_folder *folder, const char *why) {
  return l4r_fail(
      L4R_ENVIRONMENT,
      "%s holds files and cannot be replaced as a whole (%s), so a kill could leave half "
      "of the old and half of the new; give a new folder, or empty this one",
      folder->target, why);
}

/* --- the lock ----------------------------------------------------------------------------------*/

static int refuse_locked(const struct l4r_folder *folder, int lock) {
  char holder[96] = "";
  const ssize_t got = pread(lock, holder, sizeof holder - 1, 0);
  holder[got > 0 ? got : 0] = '\0';
  holder[strcspn(holder, "\n")] = '\0';
  close(lock);
  return l4r_fail(L4R_ENVIRONMENT,
                  "%s is being written by another process (%s); wait for its end, or give another "
                  "--out",
                  folder->target, *holder ? holder : "unknown");
}

static void sign(int lock) {
  char text[96], host[64] = "";
  gethostname(host, sizeof host - 1);
  const int length = snprintf(text, sizeof text, "process %ld on %s\n", (long)getpid(), host);
  if (ftruncate(lock, 0) || pwrite(lock, text, (size_t)length, 0) < 0) return; /* only a name */
}

/* A lock file is removed by its holder, so the locked one may no longer be the one with the
 * name. */
static int still_named(int lock, const char *path) {
  struct stat held, named;
  return !fstat(lock, &held) && !stat(path, &named) && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

static int take_lock(struct l4r_folder *folder) {
  for (;;) {
    int lock = open(folder->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (lock < 0 && errno == EACCES)
      lock = open(folder->lock_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (lock < 0)
      return l4r_fail_errno(L4R_ENVIRONMENT, "cannot write %s: no lock file %s", folder->target,
                            folder->lock_path);
    if (flock(lock, LOCK_EX | LOCK_NB)) {
      if (errno == EWOULDBLOCK) return refuse_locked(folder, lock);
      l4r_warn("%s: this file system knows no locks; see to it that nothing else writes there",
               folder->target);
    }
    if (still_named(lock, folder->lock_path)) {
      sign(lock);
      folder->lock = lock;
      return L4R_OK;
    }
    close(lock);
  }
}

void l4r_folder_discard(const struct l4r_folder *folder, const char *path) {
  char left[L4R_PATH_MAX];
  place(folder, "new", left);
  if (strcmp(path, left) != 0) {
    l4r_remove_tree(left);
    if (rename(path, left)) return; /* there is none */
  }
  l4r_remove_tree(left);
}

int l4r_folder_hold(struct l4r_folder *folder, const char *target) {
  *folder = (struct l4r_folder){.lock = -1, .tidy = -1};
  int status = resolve(folder, target);
  if (status) return status;
  folder->within = folder->exists && fixed(folder) != NULL;
  place(folder, "lock", folder->lock_path);
  strcpy(folder->path, folder->target);
  status = take_lock(folder);
  if (status) {
    remove_made(folder->target, folder->made);
    return status;
  }
  static const char *const left[] = {"new", "one",
                                     "two"}; /* by a killed process: we have the lock */
  for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
    char path[L4R_PATH_MAX];
    place(folder, left[i], path);
    l4r_remove_tree(path);
  }
  return L4R_OK;
}

void l4r_folder_release(struct l4r_folder *folder) {
  l4r_tidy_drop(folder->tidy);
  if (folder->lock >= 0) {
    unlink(folder->lock_path);
    close(folder->lock);
  }
  remove_made(folder->target, folder->made);
  folder->lock = folder->tidy = -1;
  folder->made = 0;
}

/* --- exchanging --------------------------------------------------------------------------------*/

/* This is tried with two empty folders, because unable file systems do not agree on the error. */
static int can_exchange(const struct l4r_folder *folder) {
  char one[L4R_PATH_MAX], other[L4R_PATH_MAX];
  place(folder, "one", one);
  place(folder, "two", other);
  const int good = !mkdir(one, 0700) && !mkdir(other, 0700) && !l4r_exchange_paths(one, other);
  rmdir(one);
  rmdir(other);
  return good;
}

int l4r_folder_exchangeable(const struct l4r_folder *folder) {
  if (!folder->exists || is_empty(folder->target)) return L4R_OK;
  const char *why = fixed(folder);
  if (!why && !can_exchange(folder)) why = "its file system cannot exchange two folders";
  return why ? refuse_fixed(folder, why) : L4R_OK;
}

int l4r_folder_begin(struct l4r_folder *folder, const char *target) {
  struct stat info;
  int status = l4r_folder_hold(folder, target);
  if (status) return status;
  place(folder, "new", folder->path);
  status = l4r_folder_exchangeable(folder);
  if (!status && mkdir(folder->path, 0777))
    status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot make the folder %s", folder->path);
  if (!status && folder->exists && !stat(folder->target, &info))
    chmod(folder->path, info.st_mode & 07777);
  if (status) {
    l4r_folder_release(folder);
    return status;
  }
  folder->tidy = l4r_tidy_add(folder->path, NULL);
  return L4R_OK;
}

static int sync_path(const char *path) {
  const int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int bad = descriptor < 0 || fsync(descriptor);
  if (descriptor >= 0) close(descriptor);
  return bad ? l4r_fail_errno(L4R_ENVIRONMENT, "cannot sync %s", path) : L4R_OK;
}

static void sync_above(const char *path) {
  char above[L4R_PATH_MAX];
  snprintf(above, sizeof above, "%s", path);
  char *slash = strrchr(above, '/');
  slash[slash == above] = '\0';
  const int descriptor = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return; /* the folder is renamed; only durability is at stake */
  fsync(descriptor);
  close(descriptor);
}

/* --- what goes with the new folder -------------------------------------------------------------*/

static int copy_bytes(int from, int to) {
  char block[1 << 16];
  ssize_t got;
  while ((got = read(from, block, sizeof block)) > 0)
    for (ssize_t at = 0, put; at < got; at += put)
      if ((put = write(to, block + at, (size_t)(got - at))) < 0) return -1;
  return got < 0 || fsync(to) ? -1 : 0;
}

static int copy_at(int from, int to, const char *name) {
  struct stat info;
  const int source = openat(from, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (source < 0) return -1;
  int sink = -1, bad = fstat(source, &info) || !S_ISREG(info.st_mode);
  if (!bad) sink = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, info.st_mode & 0777);
  bad = sink < 0 || copy_bytes(source, sink);
  if (sink >= 0) close(sink);
  close(source);
  return bad ? -1 : 0;
}

static int link_at(int from, int to, const char *name) {
  if (!linkat(from, name, to, name, 0)) return 0;
  return errno == ENOENT || errno == EEXIST ? -1 : copy_at(from, to, name);
}

static int carry_folder(int from, int to, l4r_folder_owns *owns);

static int carry_entry(int from, int to, const char *name) {
  struct stat info;
  if (!fstatat(to, name, &info, AT_SYMLINK_NOFOLLOW)) return 0; /* the new folder has its own */
  if (fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW)) return -1;
  if (!S_ISDIR(info.st_mode)) return link_at(from, to, name);
  if (mkdirat(to, name, info.st_mode & 07777)) return -1;
  const int below = openat(from, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  const int made = openat(to, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  const int bad = below < 0 || made < 0 || carry_folder(below, made, NULL) || fsync(made);
  if (made >= 0) close(made);
  return bad ? -1 : 0;
}

/* Closes `from`. */
static int carry_folder(int from, int to, l4r_folder_owns *owns) {
  int bad = 0;
  DIR *listing = fdopendir(from);
  if (!listing) {
    close(from);
    return -1;
  }
  for (struct dirent *entry; !bad && (entry = readdir(listing)) != NULL;) {
    const char *name = entry->d_name;
    if (!strcmp(name, ".") || !strcmp(name, "..") || !strncmp(name, ".lite4rec.", 10)) continue;
    if (owns && (owns(name) || l4r_output_is_aside(name))) continue;
    bad = carry_entry(from, to, name);
  }
  const int error = errno;
  closedir(listing);
  errno = error;
  return bad;
}

static int carry(const struct l4r_folder *folder, l4r_folder_owns *owns) {
  const int from = open(folder->target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int to = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int bad = from < 0 || to < 0 || carry_folder(from, to, owns);
  const int error = errno;
  if (to >= 0) close(to);
  errno = error;
  if (!bad) return L4R_OK;
  return l4r_fail_errno(L4R_ENVIRONMENT,
                        "what else stands in %s cannot be taken over into the new folder, so the "
                        "old one stays",
                        folder->target);
}

int l4r_folder_link(const char *from, const char *to, const char *name) {
  const int source = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int sink = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int bad = source < 0 || sink < 0 || (link_at(source, sink, name) && errno != ENOENT);
  const int error = errno;
  if (source >= 0) close(source);
  if (sink >= 0) close(sink);
  errno = error;
  return bad ? l4r_fail_errno(L4R_ENVIRONMENT, "cannot copy %s/%s to %s", from, name, to) : L4R_OK;
}

/* --- the end -----------------------------------------------------------------------------------*/

/* Moves the files into the empty target, `last` at the end. */
static int move_within(const struct l4r_folder *folder, const char *last) {
  char from[L4R_PATH_MAX], to[L4R_PATH_MAX];
  int status = L4R_OK;
  DIR *listing = opendir(folder->path);
  for (struct dirent *entry; listing && !status && (entry = readdir(listing)) != NULL;) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    if (last && !strcmp(entry->d_name, last)) continue;
    status = l4r_path_join(from, folder->path, entry->d_name);
    if (!status) status = l4r_path_join(to, folder->target, entry->d_name);
    if (!status && rename(from, to))
      status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot write %s", to);
  }
  if (listing) closedir(listing);
  if (!status) status = sync_path(folder->target);
  if (status || !last) return status;
  status = l4r_path_join(from, folder->path, last);
  if (!status) status = l4r_path_join(to, folder->target, last);
  if (!status && rename(from, to)) status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot write %s", to);
  return status ? status : sync_path(folder->target);
}

static int exchange(const struct l4r_folder *folder) {
  int bad = rename(folder->path, folder->target); /* works where the target is missing or empty */
  if (bad && (errno == ENOTEMPTY || errno == EEXIST))
    bad = l4r_exchange_paths(folder->path, folder->target);
  if (bad)
    return l4r_fail_errno(L4R_ENVIRONMENT,
                          "cannot put the new folder into the place of %s; the old "
                          "one stays",
                          folder->target);
  sync_above(folder->target);
  return L4R_OK;
}

int l4r_folder_commit(struct l4r_folder *folder, l4r_folder_owns *owns, const char *last) {
  int status = L4R_OK;
  if (folder->within) {
    status = move_within(folder, last);
  } else {
    if (folder->exists) status = carry(folder, owns);
    if (!status) status = sync_path(folder->path);
    if (!status) status = exchange(folder);
  }
  if (status) return status;
  folder->made = 0;
  l4r_folder_discard(folder, folder->path); /* the old folder, unless it was a rename */
  return L4R_OK;
}

int l4r_folder_end(struct l4r_folder *folder, int status, l4r_folder_owns *owns, const char *last) {
  if (!status) status = l4r_folder_commit(folder, owns, last);
  if (status) l4r_remove_tree(folder->path);
  l4r_folder_release(folder);
  return status;
}
