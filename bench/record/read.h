/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading records back: one JSON object a line, in files named *.jsonl. */
#ifndef L4R_BENCH_RECORD_READ_H
#define L4R_BENCH_RECORD_READ_H

#include "bench/record/record.h"

#include <jansson.h>
#include <stdint.h>

/* All records of the files and folders named (folders are walked, files taken in byte order of
 * their paths). Each object gets two members that no file holds: "_path" (the file) and "_line".
 * Control characters in texts become spaces (bench/record/plain.h): one that had some and was
 * sealed as it stood has a "_sealed" that is true. Unknown fields are kept. L4R_INPUT with file and
 * line for what is not JSON, not an object or of another schema; for no record at all. *records is
 * a new array (json_decref). */
int l4r_records_read(const char *const *path, int paths, json_t **records);

/* The same, one record at a time, so that folders larger than memory can be read: `visit` keeps a
 * record by json_incref; what it returns ends the walk unless it is 0, and is returned. */
typedef int l4r_visit_record(void *context, json_t *record);
int l4r_records_each(const char *const *path, int paths, l4r_visit_record *visit, void *context);

/* The same for readers of many records who need little of each: five times as fast. A record that
 * is sealed as it stands in its file (bench/record/partial.h) has only the members named, besides
 * "_path", "_line" and a "_sealed" that is true, which l4r_record_sealed knows; name "schema",
 * which is checked. Any other is parsed whole, with the same refusals, and has no "_sealed". */
struct l4r_records_part {
  const char *const *path; /* [paths] files or folders */
  int paths;
  const char *const *members; /* as struct l4r_partial has them; ends with NULL */
};
int l4r_records_read_partial(const struct l4r_records_part *part, l4r_visit_record *visit,
                             void *context);

/* A record as one of the functions above gives it, by its C types; it must be freed before the
 * JSON. L4R_INPUT as l4r_record_parse. */
int l4r_record_of(json_t *read, struct l4r_record *record);

/* The path of a file beside a record (its raw samples, named by a base name), into out[4096]. */
int l4r_record_sibling_path(const json_t *record, const char *name, char *out);

#endif
