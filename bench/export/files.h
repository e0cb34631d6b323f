/* SPDX-License-Identifier: BSD-3-Clause */
/* Several files of one folder that appear together: all are written aside, and renamed when every
 * one of them is whole. */
#ifndef L4R_BENCH_EXPORT_FILES_H
#define L4R_BENCH_EXPORT_FILES_H

#include "impl/base/file.h"

#include <jansson.h>

enum { L4R_EXPORT_FILES = 16 };
struct l4r_export_files {
  char folder[L4R_PATH_MAX];
  int made; /* the folder was not there before */
  struct l4r_output output[L4R_EXPORT_FILES];
  int count;
};
/* Makes the folder. */
int l4r_export_files_open(struct l4r_export_files *files, const char *folder);
/* The stream of one more file; `name` may begin with a folder of its own. */
int l4r_export_file(struct l4r_export_files *files, const char *name, FILE **stream);
/* One more file, of JSON, whose reference is taken; NULL: memory is short. */
int l4r_export_file_json(struct l4r_export_files *files, const char *name, json_t *content);

/* Renames all of them, in the order in which they were opened, if `status` is 0 and everything
 * could be written; else removes what this export made, and gives the status. */
int l4r_export_files_end(struct l4r_export_files *files, int status);

#endif
