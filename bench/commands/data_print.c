/* SPDX-License-Identifier: BSD-3-Clause */
/* A data set as `data` prints it. */
#include "bench/commands/data.h"

#include "bench/import/check.h"
#include "bench/record/text.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/data/dataset.h"
#include "impl/data/dataset_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *unit_name(const char *unit) {
  return !strcmp(unit, "ms")   ? "milliseconds"
         : !strcmp(unit, "us") ? "microseconds"
         : !strcmp(unit, "ns") ? "nanoseconds"
                               : "seconds";
}

/* Name, counts and the SHA-256 of every file, as dataset.json states them (opening proved them). */
int l4r_print_dataset(const char *folder) {
  struct l4r_dataset *dataset;
  int status = l4r_dataset_open(folder, 0, &dataset);
  if (status) return status;
  if (dataset->cut[0])
    printf("cuts          training before %" PRId64 ", test from %" PRId64 " on (%s): %" PRId64
           ", %" PRId64 " and %" PRId64 " interactions\n",
           dataset->cut[0], dataset->cut[1], unit_name(dataset->time_unit), dataset->parts[0],
           dataset->parts[1], dataset->parts[2]);
  printf("data set      %s (split %s, tie rule %s%s%s)\n", dataset->name, dataset->split,
         dataset->tie, *dataset->filters ? ", " : "", dataset->filters);
  printf("ties          %s; clock: none, no model is given times\n", l4r_tie_words(dataset->tie));
  printf("              %" PRId64 " users, %" PRId64 " items, %" PRId64 " interactions\n",
         dataset->users, dataset->items, dataset->interactions);
  char path[L4R_PATH_MAX], hash[65];
  for (int i = 0; i < L4R_DATASET_FILES && !status; i++) {
    status = l4r_path_join(path, folder, l4r_dataset_file[i]);
    if (status || (i >= L4R_FILE_TIMES && access(path, F_OK))) continue;
    status = l4r_sha256_file(path, hash);
    if (!status) printf("sha256        %s  %s\n", hash, l4r_dataset_file[i]);
  }
  if (!status) printf("              %s  the data set\n", dataset->sha256);
  l4r_dataset_close(dataset);
  return status;
}

/* Who is evaluated, and what no model that knows items by their interactions can find. */
void l4r_print_targets(const struct l4r_check_report *report) {
  const int64_t users = report->users, items = report->items;
  printf("evaluated     %" PRId64 " of %" PRId64 " users on validation, %" PRId64
         " on test; the others have no target or no history before it\n",
         report->validation_targets, users, report->test_targets);
  printf("cold items    %" PRId64 " of %" PRId64 " items (%.1f %%) have no training interaction; "
         "they are the target of %" PRId64 " users on validation (%.1f %%), %" PRId64
         " on test (%.1f %%)\n",
         report->unseen_items, items, 100.0 * (double)report->unseen_items / (double)items,
         report->cold_validation,
         100.0 * (double)report->cold_validation / (double)report->validation_targets,
         report->cold_test, 100.0 * (double)report->cold_test / (double)report->test_targets);
}
