/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes the files of one folder, which appears with all of them (impl/base/folder.h) or not at
 * all. */
#ifndef L4R_BENCH_TABLE_FILES_H
#define L4R_BENCH_TABLE_FILES_H

#include "impl/base/folder.h"

#include <jansson.h>

enum { L4R_EXPORT_FILES = 16 };
struct l4r_export_files {
  struct l4r_folder folder;
  struct l4r_output output[L4R_EXPORT_FILES];
  int count;
};
/* Begins the folder; after a failure there is nothing to end. */
int l4r_export_files_open(struct l4r_export_files *files, const char *folder);
/* Opens a stream for one more file; `name` may begin with a folder of its own. */
int l4r_export_file(struct l4r_export_files *files, const char *name, FILE **stream);
/* Writes one more file of JSON and takes over the reference to `content`; NULL means that memory
 * was short. */
int l4r_export_file_json(struct l4r_export_files *files, const char *name, json_t *content);

/* With status 0, ends all files and moves the folder to its place as l4r_folder_end does; otherwise
 * removes everything that was written. */
int l4r_export_files_end(struct l4r_export_files *files, int status, l4r_folder_owns *owns,
                         const char *last);

#endif
