/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads records from files named *.jsonl, one JSON object per line. */
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

/* Reads all records of the named files and folders. Folders are walked, files are read in byte
 * order of their paths. Control characters in texts become spaces (bench/record/plain.h);
 * from.is_sealed says whether the hash held before that. Members without a row are kept. L4R_INPUT,
 * with file, line and member where there is one, for a line that is not JSON, not an object, of
 * another schema, has a member twice, or does not fit its row (l4r_record_parse), and when there is
 * no record at all. Free with l4r_records_free, which accepts a zeroed one. */
int l4r_records_read(const char *const *path, int paths, struct l4r_records *records);
void l4r_records_free(struct l4r_records *records);
/* Moves a record to the end of the others. */
int l4r_records_add(struct l4r_records *records, struct l4r_record *record);

/* Reads one record at a time, so that folders larger than memory can be read. `visit` keeps a
 * record by l4r_record_move; a result other than 0 ends the walk and is returned. */
typedef int l4r_visit_record(void *context, struct l4r_record *record);
int l4r_records_each(const char *const *path, int paths, l4r_visit_record *visit, void *context);

/* Does the same for readers that need a few members of many records, five times as fast. A record
 * whose line has the hash that it states (bench/record/partial.h) gets only the named members and
 * is marked as sealed; name "schema" too, which is checked. Any other record is parsed whole, with
 * the same errors. */
struct l4r_records_part {
  const char *const *path; /* [paths] files or folders */
  int paths;
  const char *const *members; /* as struct l4r_partial has them; ends with NULL */
};
int l4r_records_read_partial(const struct l4r_records_part *part, l4r_visit_record *visit,
                             void *context);

/* Makes records of an array of JSON objects that were not read from a file. */
int l4r_records_of(const json_t *array, struct l4r_records *records);

/* Writes the path of a file beside a record (its raw samples, named by a base name) into
 * out[4096]. */
int l4r_record_sibling_path(const struct l4r_record *record, const char *name, char *out);

#endif
