/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/export/files.h"

#include "impl/base/error.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int l4r_export_files_open(struct l4r_export_files *files, const char *folder) {
  *files = (struct l4r_export_files){.made = access(folder, F_OK) != 0};
  int status = l4r_make_folders(folder);
  if (status) return status;
  snprintf(files->folder, sizeof files->folder, "%s", folder);
  for (size_t n = strlen(folder); n > 1 && files->folder[n - 1] == '/';) files->folder[--n] = '\0';
  return L4R_OK;
}

int l4r_export_file(struct l4r_export_files *files, const char *name, FILE **stream) {
  char path[L4R_PATH_MAX], below[L4R_PATH_MAX];
  struct l4r_output *output = &files->output[files->count];
  int status = l4r_path_join(path, files->folder, name);
  if (status) return status;
  snprintf(below, sizeof below, "%.*s", (int)(strrchr(path, '/') - path), path);
  status = l4r_make_folders(below);
  if (!status) status = l4r_output_open(output, path);
  if (status) return status;
  files->count++;
  *stream = output->stream;
  return L4R_OK;
}

int l4r_export_file_json(struct l4r_export_files *files, const char *name, json_t *content) {
  FILE *stream = NULL;
  int status = content ? l4r_export_file(files, name, &stream)
                       : l4r_fail(L4R_ENVIRONMENT, "no memory for %s", name);
  const size_t digits = JSON_REAL_PRECISION(15); /* .1 stays .1 */
  if (!status && json_dumpf(content, stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER | digits))
    status = l4r_fail(L4R_ENVIRONMENT, "%s/%s cannot be put together (memory, or a full disk)",
                      files->folder, name);
  if (!status) fputc('\n', stream);
  json_decref(content);
  return status;
}

/* Folders go where nothing else is in them. */
static void remove_folders(struct l4r_export_files *files) {
  for (int f = 0; f < files->count; f++) {
    char *path = files->output[f].path, *slash = strrchr(path, '/');
    *slash = '\0';
    if (strcmp(path, files->folder)) rmdir(path);
    *slash = '/';
  }
  if (files->made) rmdir(files->folder);
}

/* Whether what does not fit on the disk shows; that output then gives the message. */
static int check_written(struct l4r_output *output) {
  if (!ferror(output->stream) && !fflush(output->stream)) return L4R_OK;
  return l4r_output_commit(output);
}

int l4r_export_files_end(struct l4r_export_files *files, int status) {
  int renamed = 0;
  for (int f = 0; f < files->count && !status; f++) status = check_written(&files->output[f]);
  for (; !status && renamed < files->count; renamed++)
    status = l4r_output_commit(&files->output[renamed]);
  if (!status) return L4R_OK;
  for (int f = 0; f < files->count; f++) l4r_output_abort(&files->output[f]);
  for (int f = 0; f < renamed; f++) unlink(files->output[f].path);
  remove_folders(files);
  return status;
}
