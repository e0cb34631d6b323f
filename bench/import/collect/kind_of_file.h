/* SPDX-License-Identifier: BSD-3-Clause */
/* What a file is that is no text. */
#ifndef L4R_BENCH_IMPORT_COLLECT_KIND_OF_FILE_H
#define L4R_BENCH_IMPORT_COLLECT_KIND_OF_FILE_H

#include <stddef.h>

/* What a file is by its first bytes, if it is no text: L4R_INPUT with what it is and the command
 * that helps; 0 for what may be a text. */
int l4r_check_kind_of_file(const char *path, const char *start, size_t bytes);

#endif
