/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/import/leak_apart.h"
#include "bench/import/check.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/data/dataset_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child hands back; small enough for a pipe to take it whole. */
struct verdict {
  int status;
  int64_t leaked;
  char message[2048];
};

static void check(const char *folder, int out) {
  struct l4r_check_report report = {0};
  struct verdict verdict = {.status = l4r_dataset_check(folder, &report)};
  verdict.leaked = report.leaked_users + report.equal_held_out;
  if (verdict.status) snprintf(verdict.message, sizeof verdict.message, "%s", l4r_error_message());
  _exit(write(out, &verdict, sizeof verdict) != (ssize_t)sizeof verdict);
}

static int hear(pid_t child, int in, struct verdict *verdict) {
  size_t used = 0;
  ssize_t got;
  while (used < sizeof *verdict &&
         ((got = read(in, (char *)verdict + used, sizeof *verdict - used)) > 0 ||
          (got < 0 && errno == EINTR)))
    used += got > 0 ? (size_t)got : 0;
  int how;
  while (waitpid(child, &how, 0) < 0 && errno == EINTR) continue;
  if (used == sizeof *verdict) return L4R_OK;
  return l4r_fail(L4R_ENVIRONMENT, "the process that checks the data set for leaks died");
}

int l4r_leak_check_apart(const char *folder, int64_t *leaked) {
  char test[L4R_PATH_MAX];
  int ends[2];
  *leaked = 0;
  int status = l4r_path_join(test, folder, l4r_dataset_file[L4R_FILE_TEST]);
  if (status) return status;
  if (access(folder, F_OK) == 0 && access(test, F_OK) && errno == ENOENT) {
    l4r_info("%s does not exist, so held-out items in the training part were not looked for", test);
    return L4R_OK;
  }
  if (pipe(ends)) return l4r_fail_errno(L4R_ENVIRONMENT, "no pipe for the check of the data set");
  fflush(NULL);
  const pid_t child = fork();
  if (!child) {
    close(ends[0]);
    check(folder, ends[1]);
  }
  close(ends[1]);
  struct verdict verdict = {0};
  status = child < 0 ? l4r_fail_errno(L4R_ENVIRONMENT, "no process to check the data set")
                     : hear(child, ends[0], &verdict);
  close(ends[0]);
  if (status) return status;
  *leaked = verdict.leaked;
  return verdict.status ? l4r_fail(verdict.status, "%s", verdict.message) : L4R_OK;
}
