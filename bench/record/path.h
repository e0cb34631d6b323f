/* SPDX-License-Identifier: BSD-3-Clause */
/* The path of a member in a record, such as "rounds[2].mean_ns", which grows and shrinks as a
 * reader descends and returns. */
#ifndef L4R_BENCH_RECORD_PATH_H
#define L4R_BENCH_RECORD_PATH_H

#include <stddef.h>

struct l4r_member_path {
  char text[256]; /* longer paths are cut */
  size_t used;
};

/* Adds a name or a place; returns the value that l4r_path_cut needs to remove it again. */
size_t l4r_path_name(struct l4r_member_path *path, const char *name);
size_t l4r_path_index(struct l4r_member_path *path, size_t index);
void l4r_path_cut(struct l4r_member_path *path, size_t used);

#endif
