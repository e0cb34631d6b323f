/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads a few members of a record's line without parsing the rest. A record is about 15 KB of JSON,
 * of which the history of a machine (bench/history) needs a few hundred bytes. Parsing all of it,
 * and writing it out again to check its hash, took nine tenths of the reading time. */
#ifndef L4R_BENCH_RECORD_PARTIAL_H
#define L4R_BENCH_RECORD_PARTIAL_H

#include <stddef.h>

struct l4r_partial {
  /* Ends with NULL. Examples: "arm", "manifest.time"; members of objects in an array have the
   * array's path, "rounds.mean_ns". A path includes everything below it. */
  const char *const *members;
  char *kept, *bare; /* private: buffers that every line uses again */
  size_t kept_room, bare_room;
};

/* *kept is `line` (NUL-terminated) as JSON text with only those members, valid until the next call.
 * It is NULL where the bytes of the line without the member ,"sha256":"..." do not have the hash
 * stated there. Such a line may be damaged, edited, or of another program, or it may be a sealed
 * record that was rewritten with other blanks or another order; parse it and call l4r_record_sealed
 * to find out. A line that passes was written by l4r_records_write or by somebody who imitates it,
 * so the skipped text is not checked further. L4R_ENVIRONMENT without memory. Thread-safe with one
 * struct per thread. */
int l4r_partial_read(struct l4r_partial *partial, const char *line, const char **kept);
void l4r_partial_free(struct l4r_partial *partial);

#endif
