/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/kin.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENDINGS_MOST = 64 }; /* generations that may be born during the killing */

/* Returns the parent of a process; 0 when it has ended. The process's name may hold anything,
 * parentheses included. */
static pid_t parent_of(pid_t pid) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t got = read(file, text, sizeof text - 1);
  close(file);
  text[got > 0 ? got : 0] = '\0';
  const char *end = strrchr(text, ')');
  int parent = 0;
  return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

static int holds(const pid_t *list, int count, pid_t pid) {
  for (int i = 0; i < count; i++)
    if (list[i] == pid) return 1;
  return 0;
}

int l4r_kin_find(pid_t parent, int all, pid_t *kin) {
  static const char digits[] = "0123456789";
  int count = 0, before = -1;
  /* A child may be listed before its parent, so this repeats until nobody is added. */
  while (count != before && count < L4R_KIN_MOST) {
    before = count;
    DIR *proc = opendir("/proc");
    const struct dirent *entry;
    while (proc && count < L4R_KIN_MOST && (entry = readdir(proc))) {
      const pid_t pid = (pid_t)atoi(entry->d_name);
      if (strspn(entry->d_name, digits) != strlen(entry->d_name) || holds(kin, count, pid))
        continue;
      const pid_t its = parent_of(pid);
      if (its > 0 && (its == parent || (all && holds(kin, count, its)))) kin[count++] = pid;
    }
    if (proc) closedir(proc);
    if (!all) break;
  }
  return count;
}

/* Adds a child and its descendants to the list to be killed, unless it is spared. */
static int branch(pid_t child, const pid_t *spared, int count, pid_t *list) {
  if (holds(spared, count, child)) return 0;
  list[0] = child;
  return 1 + l4r_kin_find(child, 1, list + 1);
}

int l4r_kin_end(const pid_t *spared, int count) {
  static _Thread_local pid_t child[L4R_KIN_MOST], list[L4R_KIN_MOST + 1];
  int killed = 0;
  for (int turn = 0; turn < ENDINGS_MOST; turn++) {
    const int children = l4r_kin_find(getpid(), 0, child);
    int left = 0;
    for (int c = 0; c < children; c++) {
      const int n = branch(child[c], spared, count, list);
      for (int i = 0; i < n; i++) killed += !kill(list[i], SIGKILL);
      if (n) waitpid(child[c], NULL, 0);
      left += n;
    }
    if (!left) break;
  }
  return killed;
}
