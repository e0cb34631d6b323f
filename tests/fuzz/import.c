/* SPDX-License-Identifier: BSD-3-Clause */
/* The importers: L4R_FUZZ_KIND names one. An input holds its files, lines of five dashes between
 * them. For csv and jsonl the first byte, taken off, chooses options. What is imported must be a
 * data set. */
#include "tests/fuzz/input.h"

#include "bench/import/import.h"
#include "impl/data/dataset.h"
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

/* Kinds that take columns: the names are those of the seeds, the byte's bits are the options. */
static void choose(struct l4r_import_options *options, const char *kind, uint8_t bits) {
  static const double least = 2;
  struct l4r_columns *columns = &options->columns;
  if (!strcmp(kind, "csv") || !strcmp(kind, "jsonl")) {
    columns->no_header = (bits & 16) != 0;
    columns->user = columns->no_header ? "1" : "user";
    columns->item = columns->no_header ? "2" : "item";
    if (bits & 1) columns->time = columns->no_header ? "3" : "time";
    columns->title[0] = columns->no_header ? "2" : "title";
    columns->categories[0] = columns->title[0];
    columns->item_id = "item";
    if (bits & 8) columns->rating = columns->user;
    if (bits & 8) options->least = &least;
    columns->no_quotes = (bits & 32) != 0;
  }
  options->repeats = (enum l4r_repeats)(bits % 3);
  if (bits & 2) options->skip_bad = INT64_MAX;
  if (bits & 4 && columns->time) options->tie = L4R_TIE_ITEM;
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
  if (kind->takes_columns && kind->has_times < 0 && size) {
    choose(&options, kind->name, *data);
    data++;
    size--;
  }
  for (int f = 0; f < 4 && (f < kind->min_files || (size && f < kind->max_files)); f++) {
    const uint8_t *rest;
    size_t left, first = fuzz_cut(data, size, &rest, &left);
    options.file[options.files++] = fuzz_file(f, names[f], data, first);
    data = rest;
    size = left;
  }
  if (kind->takes_items && size && options.files < 4 && strcmp(kind->name, "pairs"))
    options.items = fuzz_file(3, "items", data, size);
  int status = l4r_import_run(kind->name, &options, &report);
  fuzz_check(status);
  struct l4r_dataset *dataset;
  if (status) return 0;
  if (l4r_dataset_open(out, L4R_PART_VALIDATION | L4R_PART_TEST | L4R_PART_TEXT, &dataset)) abort();
  l4r_dataset_close(dataset);
  return 0;
}
