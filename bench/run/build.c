/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/build.h"

#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const l4r_build_names[L4R_BUILDS] = {"a", "b"};

/* The first line that `path --version` prints. */
static int ask(const char *path, char *line, size_t size) {
  int ends[2], how = 0;
  if (pipe(ends)) return l4r_fail_errno(L4R_ENVIRONMENT, "cannot make a pipe");
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execl(path, path, "--version", (char *)NULL);
    _exit(127);
  }
  close(ends[1]);
  FILE *stream = fdopen(ends[0], "r");
  const int read = child > 0 && stream && fgets(line, (int)size, stream);
  if (stream)
    fclose(stream);
  else
    close(ends[0]);
  if (child < 0) return l4r_fail_errno(L4R_ENVIRONMENT, "cannot start %s", path);
  waitpid(child, &how, 0);
  if (read && WIFEXITED(how) && !WEXITSTATUS(how)) return L4R_OK;
  return l4r_fail(L4R_USAGE, "--ab %s: it cannot be run, or does not know --version", path);
}

/* "lite4rec 0.9.0, commit abc, gcc 12, -O2 ..." */
int l4r_build_read(const char *path, struct l4r_build *build) {
  char line[1024] = "";
  *build = (struct l4r_build){.version = ""};
  int status = access(path, X_OK) ? l4r_fail_errno(L4R_USAGE, "--ab %s", path)
                                  : ask(path, line, sizeof line);
  if (status) return status;
  if (sscanf(line, "lite4rec %31[^,], commit %63[^,], %255[^,]", build->version, build->git,
             build->compiler) < 2)
    return l4r_fail(L4R_USAGE, "--ab %s: that is no lite4rec: it says '%.60s'", path, line);
  if (!strcmp(build->git, "unknown")) *build->git = '\0';
  status = l4r_sha256_file(path, build->sha256);
  return status ? l4r_fail_context(status, "--ab %s", path) : L4R_OK;
}

void l4r_build_state(const struct l4r_build *build, json_t *manifest) {
  json_object_set_new(manifest, "git", json_string(build->git));
  json_object_set_new(manifest, "compiler", json_string(build->compiler));
  json_object_set_new(manifest, "program_sha256", json_string(build->sha256));
  json_object_del(manifest, "flags");
}
