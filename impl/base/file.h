/* SPDX-License-Identifier: BSD-3-Clause */
/* Files: whole reads with messages, line readers that know where they are, and outputs that are
 * written aside, synced and renamed, so that a kill at any instant leaves the old file or the new
 * one. */
#ifndef L4R_BASE_FILE_H
#define L4R_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define L4R_PATH_MAX 4096

/* Writes "folder/name" into out[L4R_PATH_MAX]. L4R_USAGE when it does not fit. */
int l4r_path_join(char *out, const char *folder, const char *name);

/* Reads the whole file and adds a NUL, in memory of l4r_alloc (*bytes does not count the NUL).
 * L4R_INPUT when it cannot be opened, is a folder, or (with `text`) is empty or holds a NUL byte:
 * the message names file and byte. `.gz` files are decompressed (zlib). */
int l4r_read_file(const char *path, int text, char **content, size_t *bytes);

/* Visits the lines of a text file one after another, as l4r_lines_next (impl/base/lines.h) gives
 * them. It takes memory for the longest line (of a large file for a megabyte at least), so that a
 * file may be larger than memory. `number` counts from 1. When `visit` returns something else than
 * 0, the reading ends and returns that. The errors are those of l4r_read_file with `text`, but
 * lines before a fault have been visited then. */
typedef int l4r_visit_line(void *context, int64_t number, char *line);
int l4r_read_lines(const char *path, l4r_visit_line *visit, void *context);

/* Opens a file to be read in parts as it is: `.gz` is not decompressed. The caller closes the
 * stream. L4R_INPUT when it cannot be opened or is no regular file. */
int l4r_file_open(const char *path, FILE **stream);

/* Makes a folder and its parents; a folder that exists already is no error. L4R_ENVIRONMENT
 * otherwise. */
int l4r_make_folders(const char *path);

/* An output file. The caller writes to `stream` freely. Commit flushes, syncs, renames to `path`
 * and syncs the folder; abort removes the side file. Where the file system allows it, the side file
 * has no name until it is complete, so that not even a kill leaves one behind. A device, a pipe or
 * an open file by its number (/dev/stdout) is written in place. A write error (disk full) shows at
 * commit as L4R_ENVIRONMENT and leaves nothing behind. So does an allocation for JSON that failed
 * before (impl/base/json.h), because what was written may have a hole. Both end the output; abort
 * after commit does nothing. */
struct l4r_output {
  FILE *stream;
  int nameless, device;
  char path[L4R_PATH_MAX], aside[L4R_PATH_MAX + 32];
};
int l4r_output_open(struct l4r_output *output, const char *path);
int l4r_output_commit(struct l4r_output *output);
void l4r_output_abort(struct l4r_output *output);
/* Returns 1 for the names of side files. A side file that a killed process has left is removed when
 * the same file is written the next time. Pure. */
int l4r_output_is_aside(const char *name);
/* Opens, writes and commits in one call. */
int l4r_write_file(const char *path, const void *content, size_t bytes);

/* Tells the listener of every file that this module opens for reading, and of every one that it may
 * not read. The leak scan proves with it what a run has read. Main thread only. */
void l4r_on_read(void (*listener)(void *context, const char *path), void *context);

#endif
