/* SPDX-License-Identifier: BSD-3-Clause */
/* A bundle: named arrays of 64-bit integers behind one line of JSON. It carries requests to a
 * round's process, raw samples back, and, gzipped and named by its hash, the raw samples beside a
 * record.
 *
 *   L4RB {"arrays":[{"count":600,"name":"ns"}],"meta":{...},"schema":1}\n
 *   600 little-endian int64 ...
 *
 * Floats travel as their bits (l4r_float_bits). */
#ifndef L4R_BENCH_RECORD_BUNDLE_H
#define L4R_BENCH_RECORD_BUNDLE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum { L4R_BUNDLE_ARRAYS = 24 };

struct l4r_array {
  char name[24];
  int64_t count;
  int64_t *value; /* owned by the bundle */
};
struct l4r_bundle {
  json_t *meta; /* an object, owned */
  struct l4r_array array[L4R_BUNDLE_ARRAYS];
  int arrays;
};

/* Empty, with an empty meta object. Free with l4r_bundle_free, which also accepts a zeroed one. */
int l4r_bundle_init(struct l4r_bundle *bundle);
void l4r_bundle_free(struct l4r_bundle *bundle);

/* Adds an array of `count` zeroes and returns its values, NULL with a message on failure. */
int64_t *l4r_bundle_add(struct l4r_bundle *bundle, const char *name, int64_t count);
/* Adds an array that was allocated by l4r_alloc; on failure it is freed too. */
int l4r_bundle_move(struct l4r_bundle *bundle, const char *name, int64_t *value, int64_t count);
/* NULL without a message when absent. */
const struct l4r_array *l4r_bundle_find(const struct l4r_bundle *bundle, const char *name);
/* As above, but absence is L4R_INPUT. */
int l4r_bundle_need(const struct l4r_bundle *bundle, const char *name,
                    const struct l4r_array **array);

int l4r_bundle_write(const struct l4r_bundle *bundle, const char *path);
/* Reads, also gzipped. L4R_INPUT with file and what is wrong: not a bundle, cut short, too long. */
int l4r_bundle_read(const char *path, struct l4r_bundle *bundle);
/* Writes folder/<sha256 of the gzipped bytes>.samples.gz unless it is there; name[80] gets the base
 * name. */
int l4r_bundle_store(const struct l4r_bundle *bundle, const char *folder, char name[80]);

int64_t l4r_float_bits(float value);
float l4r_bits_float(int64_t bits);

#endif
