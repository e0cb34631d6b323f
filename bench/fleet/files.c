/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/fleet/files.h"

#include "bench/fleet/texts.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* As it is: l4r_read_file would decompress samples. */
static int read_raw(const char *path, char **content, int64_t *bytes) {
  struct stat facts;
  FILE *file = fopen(path, "rb");
  int status = L4R_OK;
  *content = NULL;
  if (!file || fstat(fileno(file), &facts))
    status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot read %s", path);
  if (!status && !(*content = l4r_alloc((size_t)facts.st_size + 1, 1, path)))
    status = L4R_ENVIRONMENT;
  if (!status && fread(*content, 1, (size_t)facts.st_size, file) != (size_t)facts.st_size)
    status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot read %s", path);
  if (file) fclose(file);
  if (!status) *bytes = facts.st_size;
  if (status) l4r_free(*content);
  if (status) *content = NULL;
  return status;
}

static int holds(const char *path, const char *content, int64_t bytes) {
  char *old = NULL;
  int64_t has = 0;
  struct stat facts;
  const int same = !stat(path, &facts) && facts.st_size == bytes && !read_raw(path, &old, &has) &&
                   has == bytes && !memcmp(old, content, (size_t)bytes);
  l4r_free(old);
  return same;
}

static int put(const char *to, const char *host, const char *name, const char *content,
               int64_t bytes) {
  char folder[L4R_PATH_MAX], path[L4R_PATH_MAX];
  int status = strchr(name, '/') ? l4r_fail(L4R_ENVIRONMENT, "'%s' is no name of a file", name)
                                 : L4R_OK;
  if (!status) status = l4r_path_join(folder, to, host);
  if (!status) status = l4r_path_join(path, folder, name);
  if (!status) status = l4r_make_folders(folder);
  if (!status && !holds(path, content, bytes))
    status = l4r_write_file(path, content, (size_t)bytes);
  return status;
}

/* What went wrong with a file of one rank is kept, and the first of it told at the end. */
struct outcome {
  int status;
  char message[1024];
};

static void note(struct outcome *outcome, const char *host, int status) {
  if (outcome->status || !status) return;
  outcome->status = status;
  l4r_text_set(outcome->message, sizeof outcome->message, "records of host %s: %.900s", host,
               l4r_error_message());
}

/* One file of rank `owner`; the path is known there, the name everywhere it is needed. */
static int move_one(struct l4r_comm *comm, int owner, const char *path, const char *name,
                    const char *to, struct outcome *outcome) {
  const int rank = l4r_comm_rank(comm), size = l4r_comm_size(comm);
  char *content = NULL, host[L4R_FLEET_NAME];
  int64_t *bytes = l4r_alloc((size_t)size, sizeof *bytes, "sizes of files"), mine = 0;
  if (!bytes) return L4R_ENVIRONMENT;
  l4r_fleet_name(comm, owner, host);
  const int unread = rank == owner ? read_raw(path, &content, &mine) : L4R_OK;
  int status = l4r_comm_share_int(comm, unread ? -1 : mine, bytes);
  const int64_t length = status ? -1 : bytes[owner];
  for (int r = 0; r < size; r++)
    if (r != owner) bytes[r] = 0;
  if (rank == 0 && length >= 0) content = l4r_alloc((size_t)length + 1, 1, name);
  if (rank == 0 && length >= 0 && !content) status = L4R_ENVIRONMENT;
  if (!status && length >= 0) status = l4r_comm_gather(comm, 0, content, bytes, content);
  if (!status && rank == 0 && length < 0)
    note(outcome, host, l4r_fail(L4R_ENVIRONMENT, "%s cannot be read there", name));
  else if (!status && rank == 0)
    note(outcome, host, put(to, host, name, content, length));
  l4r_free(content);
  l4r_free(bytes);
  return status;
}

static int count_lines(const char *text) {
  int lines = 0;
  for (; *text; text++) lines += *text == '\n';
  return lines;
}

/* The n-th line of `names`, into name[256]. */
static void line_of(const char *names, int n, char *name) {
  while (n-- > 0) names = strchr(names, '\n') + 1;
  l4r_text_set(name, 256, "%.*s", (int)strcspn(names, "\n"), names);
}

static int move_all(struct l4r_comm *comm, const char *from, const char *names, const char *to,
                    char **all, struct outcome *outcome) {
  const int rank = l4r_comm_rank(comm), size = l4r_comm_size(comm);
  int64_t *files = l4r_alloc((size_t)size, sizeof *files, "numbers of files");
  int status = files ? l4r_comm_share_int(comm, count_lines(names), files) : L4R_ENVIRONMENT;
  for (int r = 1; r < size && !status; r++)
    for (int f = 0; f < files[r] && !status; f++) {
      char name[256] = "a file", path[L4R_PATH_MAX] = "";
      if (rank == r || rank == 0) line_of(rank ? names : all[r], f, name);
      if (rank == r && l4r_path_join(path, from, name)) path[0] = '\0';
      status = move_one(comm, r, path, name, to, outcome);
    }
  l4r_free(files);
  return status;
}

int l4r_fleet_files(struct l4r_comm *comm, const char *from, const char *names, const char *to) {
  struct outcome outcome = {0};
  char **all = NULL;
  int status = l4r_fleet_texts(comm, names, &all);
  if (!status) status = move_all(comm, from, names, to, all, &outcome);
  l4r_fleet_texts_free(comm, all);
  int64_t agreed = outcome.status;
  if (!status) status = l4r_comm_broadcast(comm, 0, &agreed, sizeof agreed);
  if (status) return status;
  return agreed && *outcome.message ? l4r_fail((int)agreed, "%s", outcome.message) : (int)agreed;
}
