/* SPDX-License-Identifier: BSD-3-Clause */
/* Item texts in the form of MovieLens' movies.dat. */
#ifndef L4R_BENCH_IMPORT_READERS_MOVIES_DAT_H
#define L4R_BENCH_IMPORT_READERS_MOVIES_DAT_H

#include "bench/import/collect/collect.h"

/* Reads item texts in MovieLens' movies.dat form ("id::title::genre|genre"). */
int l4r_read_movies_dat(struct l4r_import *import, const char *path);
/* Writes "a|b" as "a, b" to `out`, which has room for 2 * strlen(genres) + 1 bytes. */
void l4r_genres(const char *genres, char *out);

#endif
