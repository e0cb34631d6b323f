/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading records back: one JSON object a line, in files named *.jsonl. */
#ifndef L4R_BENCH_RECORD_READ_H
#define L4R_BENCH_RECORD_READ_H

#include "bench/record/record.h"

#include <jansson.h>
#include <stdint.h>

struct l4r_records {
  struct l4r_record *at; /* [count] */
  int64_t count;
  size_t room; /* private */
};

/* All records of the files and folders named (folders are walked, files taken in byte order of
 * their paths). Control characters in texts become spaces (bench/record/plain.h); whether one that
 * had some was sealed as it stood is remembered (from.is_sealed). Members that no row names are
 * kept. L4R_INPUT with file, line and, where there is one, member for what is not JSON, not an
 * object, of another schema, has a member twice, or does not fit its row (l4r_record_parse); for no
 * record at all. Free with l4r_records_free, which accepts a zeroed one. */
int l4r_records_read(const char *const *path, int paths, struct l4r_records *records);
void l4r_records_free(struct l4r_records *records);
/* Moves a record to the end of the others. */
int l4r_records_add(struct l4r_records *records, struct l4r_record *record);

/* The same, one record at a time, so that folders larger than memory can be read: `visit` keeps a
 * record by l4r_record_move; what it returns ends the walk unless it is 0, and is returned. */
typedef int l4r_visit_record(void *context, struct l4r_record *record);
int l4r_records_each(const char *const *path, int paths, l4r_visit_record *visit, void *context);

/* The same for readers of many records who need little of each: five times as fast. A record that
 * is sealed as it stands in its file (bench/record/partial.h) has only the members named, and is
 * known to be sealed; name "schema", which is checked. Any other is parsed whole, with the same
 * refusals. */
struct l4r_records_part {
  const char *const *path; /* [paths] files or folders */
  int paths;
  const char *const *members; /* as struct l4r_partial has them; ends with NULL */
};
int l4r_records_read_partial(const struct l4r_records_part *part, l4r_visit_record *visit,
                             void *context);

/* The same of an array of JSON objects that no file holds. */
int l4r_records_of(const json_t *array, struct l4r_records *records);

/* The path of a file beside a record (its raw samples, named by a base name), into out[4096]. */
int l4r_record_sibling_path(const struct l4r_record *record, const char *name, char *out);

#endif
