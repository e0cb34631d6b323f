/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of kinds, and one import from its options to the written folder. */
#include "bench/import/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/import/collect.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

const struct l4r_import_kind l4r_import_kinds[] = {
    {"ml-1m", "ratings.dat movies.dat", 2, 2, 0, 1, l4r_read_ml_1m},
    {"ml-100k", "u.data u.item", 2, 2, 0, 1, l4r_read_ml_100k},
    {"ml-latest", "ratings.csv movies.csv", 2, 2, 0, 1, l4r_read_ml_latest},
    {"amazon-2014", "reviews.json[.gz] meta.json[.gz]", 2, 2, 0, 1, l4r_read_amazon_2014},
    {"sequences", "FILE --items movies.dat|items.tsv", 1, 1, 1, 0, l4r_read_sequences},
    {"recbole", "NAME.inter [NAME.item]", 1, 2, 0, 1, l4r_read_recbole},
    {NULL, NULL, 0, 0, 0, 0, NULL},
};

static int find_kind(const char *name, const struct l4r_import_kind **found) {
  char known[256] = "";
  for (const struct l4r_import_kind *kind = l4r_import_kinds; kind->name; kind++) {
    if (!strcmp(kind->name, name)) {
      *found = kind;
      return 0;
    }
    size_t used = strlen(known);
    l4r_text_add(known, sizeof known, &used, " %s", kind->name);
  }
  return l4r_fail(L4R_USAGE, "no importer is called '%s'; known:%s", name, known);
}

static int check_options(const struct l4r_import_kind *kind,
                         const struct l4r_import_options *options) {
  if (!options->out) return l4r_fail(L4R_USAGE, "--out FOLDER is missing: where to write to");
  if (options->files < kind->min_files || options->files > kind->max_files)
    return l4r_fail(L4R_USAGE, "%s is imported from: %s; %d files were given", kind->name,
                    kind->files, options->files);
  if (options->items && !kind->takes_items)
    return l4r_fail(L4R_USAGE, "--items is for sequences; %s is imported from: %s", kind->name,
                    kind->files);
  if (options->tie_label && kind->has_times)
    return l4r_fail(L4R_USAGE,
                    "--tie-label is for sequences, which have no times; %s takes --tie file|item",
                    kind->name);
  if (options->cut && !kind->has_times)
    return l4r_fail(L4R_USAGE,
                    "--split time needs timestamps, which %s has not; import from the files that "
                    "hold them, or leave the split at leave-one-out",
                    kind->name);
  if (options->kcore < 0) return l4r_fail(L4R_USAGE, "--kcore must not be negative");
  return 0;
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* The folder's own name, for data sets nobody named. */
static void name_of_folder(const char *folder, char *name, size_t room) {
  size_t length = strlen(folder);
  while (length > 1 && folder[length - 1] == '/') length--;
  snprintf(name, room, "%.*s", (int)length, folder);
  memmove(name, base_name(name), strlen(base_name(name)) + 1);
}

static void describe_source(const struct l4r_import_kind *kind,
                            const struct l4r_import_options *options, char *text, size_t room) {
  size_t used = 0;
  l4r_text_add(text, room, &used, "%s:", kind->name);
  for (int i = 0; i < options->files; i++)
    l4r_text_add(text, room, &used, " %s", base_name(options->file[i]));
  if (options->items) l4r_text_add(text, room, &used, " %s", base_name(options->items));
}

static const char *tie_name(const struct l4r_import_kind *kind,
                            const struct l4r_import_options *options) {
  if (!kind->has_times) return options->tie_label ? options->tie_label : "unstated";
  return options->tie == L4R_TIE_ITEM ? "item" : "file";
}

int l4r_import_run(const char *kind_name, const struct l4r_import_options *options,
                   struct l4r_import_report *report) {
  const struct l4r_import_kind *kind = NULL;
  int status = find_kind(kind_name, &kind);
  if (!status) status = check_options(kind, options);
  if (status) return status;
  memset(report, 0, sizeof *report);
  char name[L4R_PATH_MAX], source[1024], filters[32] = "";
  name_of_folder(options->out, name, sizeof name);
  describe_source(kind, options, source, sizeof source);
  if (options->kcore > 1) snprintf(filters, sizeof filters, "kcore=%" PRId64, options->kcore);
  const struct l4r_dataset_source labels = {
      .name = options->name ? options->name : name,
      .source = source,
      .tie = tie_name(kind, options),
      .filters = filters,
  };
  struct l4r_import import = {.has_times = kind->has_times, .report = report};
  status = kind->read(&import, options);
  if (!status) status = l4r_import_finish(&import, options, &labels);
  l4r_import_free(&import);
  return status;
}
