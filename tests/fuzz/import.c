/* SPDX-License-Identifier: BSD-3-Clause */
/* The importers: L4R_FUZZ_KIND names one. An input holds its files, lines of five dashes between
 * them. What is imported must be a data set. */
#include "tests/fuzz/input.h"

#include "bench/import/import.h"
#include "impl/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct l4r_import_kind *kind_of_run(void) {
  const char *name = getenv("L4R_FUZZ_KIND");
  for (const struct l4r_import_kind *kind = l4r_import_kinds; kind->name; kind++)
    if (name && !strcmp(kind->name, name)) return kind;
  fprintf(stderr, "L4R_FUZZ_KIND names no importer\n");
  abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const struct l4r_import_kind *kind;
  static char out[128];
  if (!kind) {
    kind = kind_of_run();
    snprintf(out, sizeof out, "%s/data", fuzz_folder());
    l4r_log_quiet(1);
  }
  static const char *const names[] = {"first", "second", "third", "fourth"};
  struct l4r_import_options options = {.out = out, .kcore = size % 3};
  struct l4r_import_report report;
  for (int f = 0; f < 4 && (f < kind->min_files || (size && f < kind->max_files)); f++) {
    const uint8_t *rest;
    size_t left, first = fuzz_cut(data, size, &rest, &left);
    options.file[options.files++] = fuzz_file(f, names[f], data, first);
    data = rest;
    size = left;
  }
  if (kind->takes_items && size && options.files < 4)
    options.items = fuzz_file(3, "items", data, size);
  int status = l4r_import_run(kind->name, &options, &report);
  fuzz_check(status);
  struct l4r_dataset *dataset;
  if (status) return 0;
  if (l4r_dataset_open(out, L4R_PART_VALIDATION | L4R_PART_TEST | L4R_PART_TEXT, &dataset)) abort();
  l4r_dataset_close(dataset);
  return 0;
}
