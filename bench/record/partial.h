/* SPDX-License-Identifier: BSD-3-Clause */
/* A few members of a record's line, without parsing the rest. A record is about 15 KB of JSON, of
 * which the course of a machine (bench/history) needs a few hundred bytes; to parse all of it, and
 * to write it out again for its hash, was nine tenths of the time of reading. */
#ifndef L4R_BENCH_RECORD_PARTIAL_H
#define L4R_BENCH_RECORD_PARTIAL_H

#include <stddef.h>

struct l4r_partial {
  /* Ends with NULL. "arm", "manifest.time"; members of the objects in an array have the array's
   * path: "rounds.mean_ns". A path takes all that is below it. */
  const char *const *members;
  char *kept, *bare; /* private: buffers, used again for every line */
  size_t kept_room, bare_room;
};

/* *kept: `line` (NUL-terminated) as JSON text with those members alone, valid until the next call.
 * NULL where the line is not sealed as it stands, that is where its bytes without the member
 * ,"sha256":"..." do not have the hash stated in that member. Such a line may be damaged, edited,
 * of another program, or a sealed record that something has written anew with other blanks or
 * another order: parse it, and l4r_record_sealed tells. What is sealed as it stands was written by
 * l4r_records_write or by somebody who took pains, so the text that is passed over is not checked
 * further. L4R_ENVIRONMENT without memory. Thread-safe with a struct each. */
int l4r_partial_read(struct l4r_partial *partial, const char *line, const char **kept);
void l4r_partial_free(struct l4r_partial *partial);

#endif
