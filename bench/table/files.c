/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/files.h"

#include "impl/base/error.h"

#include <stdlib.h>
#include <string.h>

int l4r_export_files_open(struct l4r_export_files *files, const char *folder) {
  *files = (struct l4r_export_files){.count = 0};
  return l4r_folder_begin(&files->folder, folder);
}

int l4r_export_file(struct l4r_export_files *files, const char *name, FILE **stream) {
  char path[L4R_PATH_MAX], below[L4R_PATH_MAX];
  struct l4r_output *output = &files->output[files->count];
  int status = l4r_path_join(path, files->folder.path, name);
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
  const size_t digits = JSON_REAL_PRECISION(15); /* 0.1 is written as 0.1 */
  if (!status && json_dumpf(content, stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER | digits))
    status = l4r_fail(L4R_ENVIRONMENT, "cannot write %s/%s: memory is short or the disk is full",
                      files->folder.target, name);
  if (!status) fputc('\n', stream);
  json_decref(content);
  return status;
}

int l4r_export_files_end(struct l4r_export_files *files, int status, l4r_folder_owns *owns,
                         const char *last) {
  for (int f = 0; f < files->count; f++)
    if (status)
      l4r_output_abort(&files->output[f]);
    else
      status = l4r_output_commit(&files->output[f]);
  return l4r_folder_end(&files->folder, status, owns, last);
}
