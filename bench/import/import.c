/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of kinds, and one import from its options to the written folder. */
#include "bench/import/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/import/check.h"
#include "bench/import/collect/collect.h"
#include "bench/import/collect/warn.h"
#include "bench/import/filter.h"
#include "bench/import/readers/readers.h"
#include "impl/base/error.h"
#include "impl/base/text.h"
#include "impl/base/file.h"
#include "impl/data/dataset_write.h"

const struct l4r_import_kind l4r_import_kinds[] = {
    {"csv", "FILE --user COLUMN --item COLUMN", 1, 1, 1, 1, -1, 1, l4r_read_table},
    {"jsonl", "FILE --user FIELD --item FIELD", 1, 1, 1, 1, -1, 1, l4r_read_jsonl},
    {"ml-1m", "ratings.dat movies.dat", 2, 2, 0, 0, 1, 1, l4r_read_ml_1m},
    {"ml-100k", "u.data u.item", 2, 2, 0, 0, 1, 1, l4r_read_ml_100k},
    {"ml-latest", "ratings.csv movies.csv", 2, 2, 0, 0, 1, 1, l4r_read_ml_latest},
    {"amazon-2014", "reviews.json[.gz] meta.json[.gz]", 2, 2, 0, 0, 1, 1, l4r_read_amazon},
    {"amazon-2018", "reviews.json[.gz] meta.json[.gz]", 2, 2, 0, 0, 1, 1, l4r_read_amazon},
    {"amazon-2023", "reviews.jsonl[.gz] meta.jsonl[.gz]", 2, 2, 0, 0, 1, 1, l4r_read_amazon},
    {"sequences", "FILE --items movies.dat|items.tsv", 1, 1, 1, 0, 0, 0, l4r_read_sequences},
    {"lists", "FILE [FILE2]: user item item ...", 1, 2, 0, 0, 0, 0, l4r_read_lists},
    {"pairs", "FILE: user item, a line each", 1, 1, 1, 1, 0, 0, l4r_read_pairs},
    {"recbole", "NAME.inter [NAME.item]", 1, 2, 0, 1, 1, 1, l4r_read_recbole},
    {NULL, NULL, 0, 0, 0, 0, 0, 0, NULL},
};

const struct l4r_import_kind *l4r_import_kind(const char *name) {
  const struct l4r_import_kind *kind = l4r_import_kinds;
  while (kind->name && strcmp(kind->name, name)) kind++;
  return kind->name ? kind : NULL;
}

int l4r_import_has_times(const struct l4r_import_kind *kind,
                         const struct l4r_import_options *options) {
  return kind->has_times > 0 || (kind->has_times < 0 && options->columns.time);
}

static int find_kind(const char *name, const struct l4r_import_kind **found) {
  char known[256] = "";
  *found = l4r_import_kind(name);
  if (*found) return 0;
  for (const struct l4r_import_kind *kind = l4r_import_kinds; kind->name; kind++) {
    size_t used = strlen(known);
    l4r_text_add(known, sizeof known, &used, " %s", kind->name);
  }
  return l4r_fail(L4R_USAGE, "no importer is called '%s'; known:%s", name, known);
}

/* Refuses options that the kind has no use for. */
static int check_fit(const struct l4r_import_kind *kind, const struct l4r_import_options *options) {
  const struct l4r_columns *columns = &options->columns;
  const int any = columns->user || columns->item || columns->time || columns->rating ||
                  columns->item_id || columns->title[0] || columns->brand ||
                  columns->categories[0] || columns->separator || columns->no_header;
  if (options->items && !kind->takes_items)
    return l4r_fail(L4R_USAGE,
                    "--items is for csv, jsonl, pairs and sequences; %s is imported from: %s",
                    kind->name, kind->files);
  if (any && !kind->takes_columns)
    return l4r_fail(
        L4R_USAGE,
        "%s has fixed columns; --user, --item, --time, --title and the like are for csv and jsonl",
        kind->name);
  if (options->least &&
      (!kind->has_rating || (kind->takes_columns && kind->has_times < 0 && !columns->rating)))
    return l4r_fail(L4R_USAGE,
                    kind->has_rating
                        ? "--min-rating needs --rating COLUMN"
                        : "--min-rating needs ratings, which this kind of source has not");
  return 0;
}

static int check_options(const struct l4r_import_kind *kind,
                         const struct l4r_import_options *options) {
  if (!options->out)
    return l4r_fail(L4R_USAGE, "--out FOLDER is missing: it names the folder to write");
  if (options->files < kind->min_files || options->files > kind->max_files)
    return l4r_fail(L4R_USAGE, "%s is imported from: %s; %d files were given", kind->name,
                    kind->files, options->files);
  int status = check_fit(kind, options);
  if (status) return status;
  const int has_times = l4r_import_has_times(kind, options);
  const char *remedy = kind->has_times < 0 ? "; name its column: --time COLUMN" : "";
  if (options->tie_label && has_times)
    return l4r_fail(L4R_USAGE,
                    "--tie-label is for sequences, which have no times; %s takes --tie file|item",
                    kind->name);
  if (options->tie == L4R_TIE_ITEM && !has_times)
    return l4r_fail(L4R_USAGE,
                    "--tie needs timestamps, which %s has not%s; name the rule its order was made "
                    "with: --tie-label NAME",
                    kind->name, remedy);
  if (options->cut && !has_times)
    return l4r_fail(L4R_USAGE,
                    "--split time needs timestamps, which %s has not%s; import from the files that "
                    "hold them, or leave the split at leave-one-out",
                    kind->name, remedy);
  if (options->kcore < 0) return l4r_fail(L4R_USAGE, "--kcore must not be negative");
  return 0;
}

/* --- what the data set says of itself ------------------------------------------------------------
 */

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

static const char *const repeats_name[] = {"first", "last", "all"};

static void describe_filters(const struct l4r_import_options *options, char *text, size_t room) {
  size_t used = 0;
  *text = '\0';
  if (options->kcore > 1) l4r_text_add(text, room, &used, "kcore=%" PRId64, options->kcore);
  if (options->least)
    l4r_text_add(text, room, &used, "%smin-rating=%g", used ? " " : "", *options->least);
  if (options->repeats)
    l4r_text_add(text, room, &used, "%srepeats=%s", used ? " " : "",
                 repeats_name[options->repeats]);
}

static const char *tie_name(const struct l4r_import_kind *kind,
                            const struct l4r_import_options *options) {
  if (!l4r_import_has_times(kind, options))
    return options->tie_label ? options->tie_label : "unstated";
  return options->tie == L4R_TIE_ITEM ? "item" : "file";
}

/* --- what was wrong ------------------------------------------------------------------------------
 */

/* Reports all bad lines at once, the first ten in full; the last of them ended the reading. */
static int judge_bad_lines(struct l4r_import *import, int status) {
  int64_t bad = import->report->bad_lines;
  if (bad <= import->options->skip_bad || (status && status != L4R_INPUT)) return status;
  if (status && bad < L4R_BAD_TOLD)
    l4r_text_set(import->bad[bad], sizeof *import->bad, "%s", l4r_error_message());
  bad += status != 0;
  if (bad == 1) return l4r_fail(L4R_INPUT, "%s (or drop it: --skip-bad 1)", import->bad[0]);
  char all[1800];
  size_t used = 0;
  for (int i = 0; i < bad && i < L4R_BAD_TOLD; i++)
    l4r_text_add(all, sizeof all, &used, "\n  %s", import->bad[i]);
  if (bad > L4R_BAD_TOLD)
    l4r_text_add(all, sizeof all, &used, "\n  and %" PRId64 " more", bad - L4R_BAD_TOLD);
  return l4r_fail(L4R_INPUT,
                  "%" PRId64 " lines are bad; mend them, or drop them with --skip-bad %" PRId64
                  ":%s",
                  bad, bad, all);
}

/* Texts that belong to nothing come from the wrong file or the wrong column. */
static int judge_texts(const struct l4r_import *import) {
  const int64_t items = (int64_t)import->items.count;
  if (!import->texts_from || !items) return 0;
  if (!import->matched)
    return l4r_fail(L4R_INPUT,
                    "no line of %s belongs to an item: its ids look like '%s', those of the "
                    "interactions like '%s'; give the file and the id column that fit, or import "
                    "without texts",
                    import->texts_from, import->unmatched, import->items.name[0]);
  if (2 * import->matched < items)
    l4r_import_warn(import->report,
                    "only %" PRId64 " of %" PRId64
                    " items have a line in %s (ids there: '%s', here: '%s'); is it the right file?",
                    import->matched, items, import->texts_from,
                    *import->unmatched ? import->unmatched : import->items.name[0],
                    import->items.name[0]);
  return 0;
}

static void warn_of_order(const struct l4r_import *import,
                          const struct l4r_dataset_source *labels) {
  struct l4r_import_report *report = import->report;
  const int64_t users = report->users, up = report->ascending, down = report->descending;
  /* Where times say so, ids may well rise with them: those of first use do. */
  const int unknown = !import->has_times || 2 * report->equal_times > report->interactions;
  if (unknown && (10 * up >= 9 * users || 10 * down >= 9 * users))
    l4r_import_warn(report,
                    "%.0f %% of the users have their items in %s order of ids: is that an order of "
                    "time? If not, the last item is no test item, and results mean nothing",
                    100.0 * (double)(up > down ? up : down) / (double)users,
                    up > down ? "ascending" : "descending");
  if (2 * report->equal_times > report->interactions && import->options->tie == L4R_TIE_FILE)
    l4r_import_warn(report,
                    "%" PRId64 " of %" PRId64
                    " interactions have the time of another of their user: their order is that of "
                    "the file's lines (tie rule file)",
                    report->equal_times, report->interactions);
  if (import->options->tie == L4R_TIE_ITEM && report->equal_times)
    l4r_import_warn(report,
                    "--tie item puts %" PRId64
                    " interactions of equal times in order of item ids: that inflates models that "
                    "know order (markov, sasrec, lite); --tie file does not",
                    report->equal_times);
  if (!import->has_times && !strcmp(labels->tie, "item"))
    l4r_import_warn(
        report, "--tie-label item: interactions of equal times stand in order of item ids, which "
                "inflates models that know order (markov, sasrec, lite); tables flag it");
  if (import->texts_from && report->without_text == report->items)
    l4r_import_warn(report, "no item has a text, although %s was given", import->texts_from);
  if (import->options->repeats == L4R_REPEATS_ALL && report->repeats)
    l4r_import_warn(report, "repeats stay: a test item may stand in its own history, and `mask`, "
                            "which removes seen items, then never finds it; compare by `keep`");
}

/* Sequences want numbers from 1; lists take the same lines with any ids. */
static const char *other_kind(const struct l4r_import_kind *kind) {
  return !strcmp(kind->name, "sequences")
             ? "for other ids, or numbers from 0: lite4rec data import lists FILE"
             : "for other columns, ids or times: lite4rec data import csv|jsonl FILE --user COLUMN "
               "--item COLUMN --time COLUMN";
}

/* Points to the two importers that take any format, when a file does not fit its own. */
static int point_to_others(const struct l4r_import_kind *kind, int status) {
  if (status != L4R_INPUT || kind->has_times < 0) return status;
  char message[2048];
  snprintf(message, sizeof message, "%s", l4r_error_message());
  return l4r_fail(status, "%.1850s\n(%s)", message, other_kind(kind));
}

/* Without times the order of the file is believed, and the finished folder shows how it looks. */
static void warn_of_newest_first(const struct l4r_import *import, const char *folder) {
  struct l4r_check_report check;
  char words[L4R_ORDER_WORDS];
  if (import->has_times) return;
  const int status = l4r_dataset_check(folder, &check);
  if ((!status || status == L4R_CHECK) && l4r_looks_newest_first(&check, words, sizeof words))
    l4r_import_warn(import->report, "%s", words);
}

int l4r_import_run(const char *kind_name, const struct l4r_import_options *options,
                   struct l4r_import_report *report) {
  const struct l4r_import_kind *kind = NULL;
  int status = find_kind(kind_name, &kind);
  if (!status) status = check_options(kind, options);
  if (status) return status;
  memset(report, 0, sizeof *report);
  char name[L4R_PATH_MAX], source[1024], filters[96];
  name_of_folder(options->out, name, sizeof name);
  describe_source(kind, options, source, sizeof source);
  describe_filters(options, filters, sizeof filters);
  const struct l4r_dataset_source labels = {
      .name = options->name ? options->name : name,
      .source = source,
      .tie = tie_name(kind, options),
      .filters = filters,
      .repeats = options->repeats == L4R_REPEATS_ALL,
  };
  struct l4r_import import = {
      .has_times = l4r_import_has_times(kind, options), .options = options, .report = report};
  status = kind->read(&import, options);
  status = judge_bad_lines(&import, status);
  if (!status) status = judge_texts(&import);
  status = point_to_others(kind, status);
  if (!status) status = l4r_import_finish(&import, options, &labels);
  if (!status) warn_of_order(&import, &labels);
  if (!status) warn_of_newest_first(&import, options->out);
  l4r_import_free(&import);
  return status;
}
