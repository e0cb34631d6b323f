/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/tidy.h"

#include "impl/base/error.h"
#include "impl/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* --- removing ----------------------------------------------------------------------------------*/

/* The kernel's own format: readdir allocates memory, which a signal handler must not. */
struct entry {
  uint64_t number;
  int64_t next;
  unsigned short bytes;
  unsigned char type;
  char name[];
};

static int remove_at(int parent, const char *name);

/* Returns how many entries of a part of a listing were removed. */
static int remove_entries(int folder, const char *listing, long bytes) {
  int gone = 0;
  for (long at = 0; at < bytes;) {
    const struct entry *entry = (const struct entry *)(const void *)(listing + at);
    at += entry->bytes;
    if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0)
      gone += remove_at(folder, entry->name);
  }
  return gone;
}

static int remove_at(int parent, const char *name) {
  _Alignas(struct entry) char listing[4096];
  if (!unlinkat(parent, name, 0)) return 1;
  if (errno != EISDIR && errno != EPERM) return 0;
  const int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return 0;
  /* Begins again each time, because removals change the positions of other entries. */
  for (int gone = 1; gone;) {
    long bytes;
    gone = 0;
    if (lseek(folder, 0, SEEK_SET) < 0) break;
    while ((bytes = syscall(SYS_getdents64, folder, listing, sizeof listing)) > 0)
      gone += remove_entries(folder, listing, bytes);
  }
  close(folder);
  return !unlinkat(parent, name, AT_REMOVEDIR);
}

void l4r_remove_tree(const char *path) {
  const int error = errno;
  remove_at(AT_FDCWD, path);
  errno = error;
}

/* --- at a signal -------------------------------------------------------------------------------*/

enum { KEPT = 8 };
static struct kept {
  volatile sig_atomic_t used;
  pid_t owner;
  char path[L4R_PATH_MAX], unless[L4R_PATH_MAX];
} kept[KEPT];
static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static void tidy_up(int number) {
  for (int i = 0; i < KEPT; i++)
    if (kept[i].used && kept[i].owner == getpid() &&
        (!*kept[i].unless || access(kept[i].unless, F_OK)))
      l4r_remove_tree(kept[i].path);
  signal(number, SIG_DFL);
  raise(number);
}

static void install(void) {
  struct sigaction action, old;
  memset(&action, 0, sizeof action);
  action.sa_handler = tidy_up;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  for (size_t s = 0; s < sizeof signals / sizeof *signals; s++)
    if (!sigaction(signals[s], NULL, &old) && !(old.sa_flags & SA_SIGINFO) &&
        old.sa_handler == SIG_DFL)
      sigaction(signals[s], &action, NULL);
}

int l4r_tidy_add(const char *path, const char *unless) {
  for (int i = 0; i < KEPT; i++) {
    if (kept[i].used && kept[i].owner == getpid()) continue;
    if (strlen(path) >= L4R_PATH_MAX || (unless && strlen(unless) >= L4R_PATH_MAX)) return -1;
    kept[i].used = 0;
    strcpy(kept[i].path, path);
    strcpy(kept[i].unless, unless ? unless : "");
    kept[i].owner = getpid();
    kept[i].used = 1;
    install();
    return i;
  }
  return -1;
}

void l4r_tidy_drop(int number) {
  if (number >= 0) kept[number].used = 0;
}

/* --- scratch folders ---------------------------------------------------------------------------*/

enum { FRESH_SECONDS = 60 }; /* a folder this new may not be locked yet */

/* Removes a folder without a lock, whose process has ended. */
static void remove_if_left(int base, const char *name) {
  struct stat info;
  const int folder = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return;
  const int old = !fstat(folder, &info) && info.st_uid == geteuid() &&
                  time(NULL) - info.st_ctime > FRESH_SECONDS;
  if (old && !flock(folder, LOCK_EX | LOCK_NB)) remove_at(base, name);
  close(folder);
}

static void remove_left(const char *base, const char *name) {
  const size_t length = strlen(name);
  DIR *listing = opendir(base);
  if (!listing) return;
  for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
    if (!strncmp(entry->d_name, name, length) && entry->d_name[length] == '-' &&
        strlen(entry->d_name) == length + 7)
      remove_if_left(dirfd(listing), entry->d_name);
  closedir(listing);
}

int l4r_scratch_make(const char *name, char *folder, struct l4r_scratch *scratch) {
  const char *base = getenv("TMPDIR");
  char last[64];
  *scratch = (struct l4r_scratch){-1, -1};
  if (!base || !*base) base = P_tmpdir;
  remove_left(base, name);
  snprintf(last, sizeof last, "%s-XXXXXX", name);
  int status = l4r_path_join(folder, base, last);
  if (status) return status;
  if (!mkdtemp(folder))
    return l4r_fail_errno(L4R_ENVIRONMENT, "cannot make a folder %s (set TMPDIR)", folder);
  scratch->tidy = l4r_tidy_add(folder, NULL);
  scratch->held = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (scratch->held >= 0) flock(scratch->held, LOCK_SH | LOCK_NB);
  return L4R_OK;
}

void l4r_scratch_remove(const char *folder, struct l4r_scratch *scratch) {
  l4r_remove_tree(folder);
  l4r_tidy_drop(scratch->tidy);
  if (scratch->held >= 0) close(scratch->held);
  *scratch = (struct l4r_scratch){-1, -1};
}
