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

/* "a/b" into out[L4R_PATH_MAX]; L4R_USAGE when it does not fit. */
int l4r_path_join(char *out, const char *folder, const char *name);

/* The whole file plus a final NUL, in memory of l4r_alloc (*bytes excludes the NUL). L4R_INPUT when
 * it cannot be opened, is a folder, or (with `text`) is empty or holds a NUL byte: message with
 * file and byte. `.gz` files are decompressed (zlib). */
int l4r_read_file(const char *path, int text, char **content, size_t *bytes);

/* Walks the lines of a text in memory: each call sets *line (NUL-terminated in place, without \n
 * and a trailing \r) and counts; returns 0 at the end. A last line without newline counts. */
struct l4r_lines {
  const char *path; /* for messages; borrowed */
  char *next, *end;
  int64_t number; /* of the line last returned, from 1 */
};
void l4r_lines_init(struct l4r_lines *lines, const char *path, char *content, size_t bytes);
int l4r_lines_next(struct l4r_lines *lines, char **line);

/* The lines of a text file, one after another as l4r_lines_next gives them, in memory for the
 * longest of them (a megabyte at least of a large file), so that a file may be larger than memory.
 * `number` counts from 1; what `visit` returns ends the reading unless it is 0, and is returned.
 * Else as l4r_read_file with `text`, except that lines before a fault were visited. */
typedef int l4r_visit_line(void *context, int64_t number, char *line);
int l4r_read_lines(const char *path, l4r_visit_line *visit, void *context);

/* Makes a folder and its parents; an existing one is fine. L4R_ENVIRONMENT otherwise. */
int l4r_make_folders(const char *path);

/* An output file. `stream` is written to freely; commit flushes, syncs, renames to `path` and syncs
 * the folder; abort removes the side file. Where the file system can, the side file has no name
 * until it is complete, so that not even a kill leaves one behind. A device, a pipe or an open file
 * by its number (/dev/stdout) is written to as it is. A write error (disk full) shows at commit as
 * L4R_ENVIRONMENT, nothing left behind; so does an allocation for JSON that failed before
 * (impl/base/json.h), because what was written may have a hole. Both end the output; abort after
 * commit is a no-op. */
struct l4r_output {
  FILE *stream;
  int nameless, device;
  char path[L4R_PATH_MAX], aside[L4R_PATH_MAX + 32];
};
int l4r_output_open(struct l4r_output *output, const char *path);
int l4r_output_commit(struct l4r_output *output);
void l4r_output_abort(struct l4r_output *output);
/* 1 for the names of side files. A side file whose process was killed goes when the same file is
 * written the next time. Pure. */
int l4r_output_is_aside(const char *name);
/* The three in one call. */
int l4r_write_file(const char *path, const void *content, size_t bytes);

/* SHA-256 (libcrypto) as 64 lower-case hex digits and NUL. */
int l4r_sha256_file(const char *path, char hex[65]);
void l4r_sha256(const void *content, size_t bytes, char hex[65]);

/* 1 when `text` is valid UTF-8 (no surrogates, no overlong forms); else 0 and *bad_byte. */
int l4r_utf8_valid(const char *text, size_t bytes, size_t *bad_byte);

/* Parses a whole token as a decimal integer; 0 on success, L4R_INPUT otherwise (no message of
 * place: the caller adds context). */
int l4r_parse_int(const char *text, int64_t *value);
int l4r_parse_double(const char *text, double *value);

/* Notes every file opened for reading through this module when a listener is set, and every one
 * that may not be read: the leak scan proves with it what a run read. Main thread only. */
void l4r_on_read(void (*listener)(void *context, const char *path), void *context);

#endif
