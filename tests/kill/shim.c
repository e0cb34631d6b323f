/* SPDX-License-Identifier: BSD-3-Clause */
/* For LD_PRELOAD: counts the calls after which a disk holds something else than before (fsync and
 * what gives, changes or takes names), and ends the process by SIGKILL just before one of them.
 *
 *   L4R_KILL_AT=N     before the Nth, from 1
 *   L4R_KILL_LOG=F    adds a line for each to the file F
 *
 * Of the first process alone; those that it starts pass. */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

int fsync(int descriptor);
int fdatasync(int descriptor);

static pid_t owner;
static long points;

__attribute__((constructor)) static void begin(void) {
  char text[24];
  const char *set = getenv("L4R_KILL_OWNER");
  if (set && strtol(set, NULL, 10) != getpid()) return; /* else the same after an exec */
  owner = getpid();
  snprintf(text, sizeof text, "%ld", (long)owner);
  setenv("L4R_KILL_OWNER", text, 1);
}

static void point(const char *what, const char *name) {
  if (owner != getpid()) return;
  const char *at = getenv("L4R_KILL_AT"), *log = getenv("L4R_KILL_LOG");
  points++;
  if (log) {
    char line[4400];
    const int length = snprintf(line, sizeof line, "%ld %s %.4200s\n", points, what, name);
    const int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file >= 0 && write(file, line, (size_t)length) < 0) abort();
    if (file >= 0) close(file);
  }
  if (at && strtol(at, NULL, 10) == points) kill(owner, SIGKILL);
}

/* `next` is the library's own function of that name. */
#define PASS(name, ...)                                                                            \
  static __typeof__(&name) next;                                                                   \
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name);                                            \
  return next(__VA_ARGS__)

int fsync(int descriptor) {
  point("fsync", "");
  PASS(fsync, descriptor);
}

int fdatasync(int descriptor) {
  point("fdatasync", "");
  PASS(fdatasync, descriptor);
}

int link(const char *from, const char *to) {
  point("link", to);
  PASS(link, from, to);
}

int linkat(int from, const char *path, int to, const char *name, int flags) {
  point("linkat", name);
  PASS(linkat, from, path, to, name, flags);
}

int rename(const char *from, const char *to) {
  point("rename", to);
  PASS(rename, from, to);
}

int renameat(int from, const char *path, int to, const char *name) {
  point("renameat", name);
  PASS(renameat, from, path, to, name);
}

int renameat2(int from, const char *path, int to, const char *name, unsigned flags) {
  point("renameat2", name);
  PASS(renameat2, from, path, to, name, flags);
}

int unlink(const char *path) {
  point("unlink", path);
  PASS(unlink, path);
}

int unlinkat(int folder, const char *path, int flags) {
  point("unlinkat", path);
  PASS(unlinkat, folder, path, flags);
}

int rmdir(const char *path) {
  point("rmdir", path);
  PASS(rmdir, path);
}

int mkdir(const char *path, mode_t mode) {
  point("mkdir", path);
  PASS(mkdir, path, mode);
}

int mkdirat(int folder, const char *path, mode_t mode) {
  point("mkdirat", path);
  PASS(mkdirat, folder, path, mode);
}

int ftruncate(int descriptor, off_t bytes) {
  point("ftruncate", "");
  PASS(ftruncate, descriptor, bytes);
}
