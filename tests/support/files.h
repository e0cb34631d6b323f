/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of tests: a scratch folder each, small files written into it, results read back. Every
 * function asserts; paths live in static memory of the call unless said otherwise. */
#ifndef L4R_TESTS_SUPPORT_FILES_H
#define L4R_TESTS_SUPPORT_FILES_H

#include <stddef.h>

/* A fresh folder under $TMPDIR, made once a process (= once a test); removed when it ends. */
const char *test_folder(void);
/* "folder/name" for a name in the scratch folder; one of 16 rotating buffers. */
const char *test_path(const char *name);
/* Writes a file there and returns its path. `bytes` counts; test_file takes a text. */
const char *test_bytes(const char *name, const void *content, size_t bytes);
const char *test_file(const char *name, const char *content);
/* The whole of a text file of the scratch folder; freed when the process ends. */
char *test_read(const char *name);
/* How many entries a folder of the scratch folder has (without . and ..); -1 when it is not there.
 */
int test_entries(const char *name);
/* The SHA-256 of a scratch file; fails the test unless it is still `before`. */
void test_hash(const char *name, char hex[65]);
void test_assert_unchanged(const char *name, const char *before);
/* Unpacks tests/fixtures/machine/NAME.tree, a captured or made-up part of another machine's /proc
 * and /sys, into the scratch folder, and returns that as a root path. A tree is a text: "== path"
 * and the file's lines, again and again. */
const char *test_machine(const char *name);
/* The path of a file of real data ($L4R_SHARED or ../shared, then /data/NAME), or NULL when it is
 * not there: the test then skips, saying so. */
const char *test_shared(const char *name);

#endif
