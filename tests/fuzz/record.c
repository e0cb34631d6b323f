/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of records: reading, and recomputing what they say. */
#include "bench/record/encode.h"
#include "tests/fuzz/input.h"

#include "bench/record/read.h"
#include "bench/derive/verify.h"
#include "bench/record/write.h"

#include <stdlib.h>

static void heard(void *context, const char *where, const char *field, const char *what) {
  (void)context;
  if (!where || !field || !what) abort();
}

static int read_in_part(void *context, struct l4r_record *record) {
  (void)context;
  fuzz_check(l4r_record_sealed(record));
  return 0;
}

/* Through the C types and back nothing is lost. */
static void write_again(const struct l4r_record *record) {
  json_t *json = l4r_record_json(record);
  if (!json || !json_equal(json, record->from.json)) abort();
  json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *path = fuzz_file(0, "records.jsonl", data, size);
  struct l4r_records records;
  int status = l4r_records_read(&path, 1, &records);
  fuzz_check(status);
  static const char *const members[] = {"schema", "arm", "rounds.mean_ns", "manifest.time", NULL};
  const struct l4r_records_part part = {&path, 1, members};
  fuzz_check(l4r_records_read_partial(&part, read_in_part, NULL));
  if (status) return 0;
  for (int64_t r = 0; r < records.count; r++) {
    struct l4r_verified verified = {0};
    write_again(&records.at[r]);
    fuzz_check(l4r_record_verify(&records.at[r], heard, NULL, &verified));
    json_decref(verified.accuracy);
  }
  l4r_records_free(&records);
  return 0;
}
