/* SPDX-License-Identifier: BSD-3-Clause */
/* Leaks: proof that a training run never saw what it is tested on, and checks of a data set. */
#ifndef L4R_BENCH_IMPORT_LEAK_H
#define L4R_BENCH_IMPORT_LEAK_H

#include <stddef.h>
#include <stdint.h>

/* Scans the files that a run on the data set in `folder` read. L4R_CHECK, naming the file, when one
 * of them is the data set's test.txt or times.txt (which holds held-out times): the same file under
 * any name, or a copy with the same bytes. A file that is gone since is judged by its name.
 * L4R_INPUT when the data set cannot be read. */
int l4r_leak_scan(const char *folder, const char *const *paths, int64_t count);

/* Notes, from now on, every file that this process opens for reading through impl/base/file.h.
 * Starting again forgets what was noted. Main thread only. */
void l4r_leak_watch(void);
/* Stops noting and scans what was noted; *count (may be NULL) says how many files that were. */
int l4r_leak_verdict(const char *folder, int64_t *count);

#endif
