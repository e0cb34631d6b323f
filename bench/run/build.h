/* SPDX-License-Identifier: BSD-3-Clause */
/* Another build of this program, whose rounds are interleaved with those of a second one. */
#ifndef L4R_BENCH_RUN_BUILD_H
#define L4R_BENCH_RUN_BUILD_H

#include <jansson.h>

enum { L4R_BUILD_A, L4R_BUILD_B, L4R_BUILDS };
extern const char *const l4r_build_names[L4R_BUILDS]; /* "a", "b": of records and folders */

struct l4r_build {
  char version[32], git[64], compiler[256], sha256[65];
};

/* Asks the program at `path` what it is (--version) and hashes its file. L4R_USAGE when it is no
 * lite4rec or cannot be run. */
int l4r_build_read(const char *path, struct l4r_build *build);

/* States in a manifest of this program that `build` served instead. */
void l4r_build_state(const struct l4r_build *build, json_t *manifest);

#endif
