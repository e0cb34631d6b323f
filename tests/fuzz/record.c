/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of records: reading, and recomputing what they say. */
#include "tests/fuzz/input.h"

#include "bench/record/read.h"
#include "bench/derive/verify.h"
#include "bench/record/write.h"

#include <stdlib.h>

static void heard(void *context, const char *where, const char *field, const char *what) {
  (void)context;
  if (!where || !field || !what) abort();
}

static int read_in_part(void *context, json_t *record) {
  (void)context;
  fuzz_check(l4r_record_sealed(record));
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *path = fuzz_file(0, "records.jsonl", data, size);
  json_t *records, *record;
  size_t index;
  int status = l4r_records_read(&path, 1, &records);
  fuzz_check(status);
  static const char *const members[] = {"schema", "arm", "rounds.mean_ns", "manifest.time", NULL};
  const struct l4r_records_part part = {&path, 1, members};
  fuzz_check(l4r_records_read_partial(&part, read_in_part, NULL));
  if (status) return 0;
  json_array_foreach(records, index, record) {
    struct l4r_verified verified = {0};
    fuzz_check(l4r_record_verify(record, heard, NULL, &verified));
    json_decref(verified.accuracy);
  }
  json_decref(records);
  return 0;
}
