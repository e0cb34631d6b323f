/* SPDX-License-Identifier: BSD-3-Clause */
/* A bundle is a set of named arrays of 64-bit integers behind one line of JSON. It carries requests
 * to a round's process and raw samples back, and stores the raw samples beside a record, gzipped
 * and named by their hash.
 *
 *   L4RB {"arrays":[{"count":600,"name":"ns"}],"meta":{...},"schema":1}\n
 *   600 little-endian int64 ...
 *
 * Floats are stored as their bits (l4r_float_bits). */
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

/* Makes an empty bundle with an empty meta object. Free with l4r_bundle_free, which also accepts a
 * zeroed one. */
int l4r_bundle_init(struct l4r_bundle *bundle);
void l4r_bundle_free(struct l4r_bundle *bundle);

/* Adds an array of `count` zeroes and returns its values, or NULL with a message. */
int64_t *l4r_bundle_add(struct l4r_bundle *bundle, const char *name, int64_t count);
/* Adds an array that was allocated by l4r_alloc; on failure it is freed too. */
int l4r_bundle_move(struct l4r_bundle *bundle, const char *name, int64_t *value, int64_t count);
/* Returns NULL without a message when there is no such array. */
const struct l4r_array *l4r_bundle_find(const struct l4r_bundle *bundle, const char *name);
/* Does the same, but a missing array is L4R_INPUT. */
int l4r_bundle_need(const struct l4r_bundle *bundle, const char *name,
                    const struct l4r_array **array);

int l4r_bundle_write(const struct l4r_bundle *bundle, const char *path);
/* Reads a bundle, gzipped or not. L4R_INPUT names the file and the fault: not a bundle, cut short,
 * or too long. */
int l4r_bundle_read(const char *path, struct l4r_bundle *bundle);
/* Writes folder/<sha256 of the gzipped bytes>.samples.gz unless it exists; name[80] receives the
 * base name. */
int l4r_bundle_store(const struct l4r_bundle *bundle, const char *folder, char name[80]);

int64_t l4r_float_bits(float value);
float l4r_bits_float(int64_t bits);

#endif
