/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec data import: the options, and the summary, which begins with what looks wrong. */
#include "bench/commands/data.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/cli/options.h"
#include "bench/import/check.h"
#include "bench/import/cut.h"
#include "bench/import/import.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/data/dataset_files.h"

/* --- the summary ---------------------------------------------------------------------------------
 */

static void print_found(const struct l4r_import_report *report) {
  for (int w = 0; w < report->warnings; w++) printf("warning       %s\n", report->warning[w]);
  if (*report->columns) printf("columns       %s\n", report->columns);
  if (*report->times) printf("times         %s\n", report->times);
  printf("ids           %s\n", report->order);
  if (report->trimmed)
    printf("              %" PRId64 " ids had blanks around them, which were cut off\n",
           report->trimmed);
}

static void print_lines(const struct l4r_import_report *report) {
  if (report->bad_lines)
    printf("              %" PRId64 " bad lines (--skip-bad)\n", report->bad_lines);
  if (report->blank_lines) printf("              %" PRId64 " blank lines\n", report->blank_lines);
  if (report->low_ratings)
    printf("              %" PRId64 " interactions below --min-rating\n", report->low_ratings);
}

static void print_report(const struct l4r_import_report *report,
                         const struct l4r_import_options *options, int has_times) {
  print_found(report);
  printf("read          %" PRId64 " interactions, %" PRId64 " users, %" PRId64 " items\n",
         report->read_interactions, report->read_users, report->read_items);
  if (options->repeats == L4R_REPEATS_ALL)
    printf("repeats       %" PRId64 " of a user-item pair stay; dropped are\n", report->repeats);
  else
    printf("dropped       %" PRId64 " repeats of a user-item pair (the %s stays)\n",
           report->repeats, options->repeats == L4R_REPEATS_LAST ? "last" : "first");
  print_lines(report);
  printf("              %" PRId64 " users with fewer than three items (%" PRId64 " interactions)\n",
         report->short_users, report->short_interactions);
  printf("              %" PRId64 " users, %" PRId64 " items, %" PRId64
         " interactions by the k-core filter\n",
         report->core_users, report->core_items, report->core_interactions);
  printf("converted     %" PRId64 " texts from Windows-1252 (Latin-1); %" PRId64
         " texts with control characters made blanks; %" PRId64 " with HTML decoded\n",
         report->latin1, report->cleaned, report->markup);
  printf("without text  %" PRId64 " items\n", report->without_text);
  if (report->late_users)
    printf("              %" PRId64 " users who first come after the last cut (%" PRId64
           " interactions; their items stay in the catalogue)\n",
           report->late_users, report->late_interactions);
  if (has_times)
    printf("equal times   %" PRId64 " interactions, ordered by the tie rule\n",
           report->equal_times);
}

/* --- the options ---------------------------------------------------------------------------------
 */

static int parse_tie(const char *text, enum l4r_tie *tie) {
  if (!text || !strcmp(text, "file"))
    *tie = L4R_TIE_FILE;
  else if (!strcmp(text, "item"))
    *tie = L4R_TIE_ITEM;
  else
    return l4r_fail(L4R_USAGE, "--tie is file or item, not '%s'", text);
  return 0;
}

static int parse_repeats(const char *text, enum l4r_repeats *repeats) {
  static const char *const names[] = {"first", "last", "all"};
  for (int i = 0; i < 3; i++)
    if (!text || !strcmp(text, names[i])) {
      *repeats = (enum l4r_repeats)i;
      return 0;
    }
  return l4r_fail(L4R_USAGE, "--repeats is first, last or all, not '%s'", text);
}

static const double default_cut[2] = {.8, .9};

/* --split and --cut into options->cut; `cut` is room for it. */
static int parse_split(const char *split, const char *at, struct l4r_cut *cut,
                       struct l4r_import_options *options) {
  const int by_time = split && !strcmp(split, L4R_SPLIT_TIME);
  if (split && !by_time && strcmp(split, L4R_SPLIT_LEAVE_ONE_OUT))
    return l4r_fail(
        L4R_USAGE, "--split is " L4R_SPLIT_LEAVE_ONE_OUT " or " L4R_SPLIT_TIME ", not '%s'", split);
  if (at && !by_time) return l4r_fail(L4R_USAGE, "--cut belongs to --split time");
  if (!by_time) return 0;
  memcpy(cut->at, default_cut, sizeof default_cut);
  options->cut = cut;
  return at ? l4r_cut_parse(at, cut) : 0;
}

static int parse_skip_bad(const char *text, int64_t *most) {
  *most = text ? INT64_MAX : 0;
  if (!text || !strcmp(text, "all")) return 0;
  if (!l4r_parse_int(text, most) && *most >= 0) return 0;
  return l4r_fail(L4R_USAGE, "--skip-bad is all, or how many bad lines may be dropped, not '%s'",
                  text);
}

static int parse_rating(const char *text, double *least, struct l4r_import_options *options) {
  if (!text) return 0;
  options->least = least;
  if (!l4r_parse_double(text, least)) return 0;
  return l4r_fail(L4R_USAGE, "--min-rating is a number, not '%s'", text);
}

static int take_texts(const char *option, const struct l4r_argument_list *list,
                      const char **column) {
  if (list->count > L4R_TEXT_COLUMNS)
    return l4r_fail(L4R_USAGE, "--%s is given more than %d times", option, L4R_TEXT_COLUMNS);
  for (int i = 0; i < list->count; i++) column[i] = list->value[i];
  return 0;
}

static int take_positionals(const struct l4r_argument_list *positional,
                            struct l4r_import_options *options) {
  const int most = (int)(sizeof options->file / sizeof *options->file);
  if (positional->count < 1)
    return l4r_fail(L4R_USAGE, "say what to import: lite4rec data import KIND FILES --out FOLDER "
                               "(--help lists the kinds)");
  if (positional->count - 1 > most) return l4r_fail(L4R_USAGE, "more than %d files", most);
  options->files = positional->count - 1;
  for (int i = 0; i < options->files; i++) options->file[i] = positional->value[i + 1];
  return 0;
}

/* A bare --skip-bad means all; the parser of options wants a value. The copy holds argc + 1. */
static void complete_skip_bad(int argc, char **argv, char **copy) {
  for (int i = 0; i < argc; i++) {
    const char *next = i + 1 < argc ? argv[i + 1] : "";
    const int bare = !strcmp(argv[i], "--skip-bad") && strcmp(next, "all") &&
                     (!*next || next[strspn(next, "0123456789")]);
    copy[i] = bare ? (char *)"--skip-bad=all" : argv[i];
  }
  copy[argc] = NULL;
}

/* The words of the options that become something else. */
struct words {
  const char *tie, *repeats, *split, *cut, *skip_bad, *least;
  struct l4r_argument_list title, categories, positional;
};

static int take_words(const struct words *words, struct l4r_cut *cut, double *least,
                      struct l4r_import_options *options) {
  int status = take_positionals(&words->positional, options);
  if (!status) status = parse_tie(words->tie, &options->tie);
  if (!status) status = parse_repeats(words->repeats, &options->repeats);
  if (!status) status = parse_split(words->split, words->cut, cut, options);
  if (!status) status = parse_skip_bad(words->skip_bad, &options->skip_bad);
  if (!status) status = parse_rating(words->least, least, options);
  if (!status) status = take_texts("title", &words->title, options->columns.title);
  if (!status) status = take_texts("categories", &words->categories, options->columns.categories);
  const struct l4r_import_kind *kind = status ? NULL : l4r_import_kind(words->positional.value[0]);
  if (words->tie && kind && !l4r_import_has_times(kind, options))
    return l4r_fail(L4R_USAGE,
                    "--tie needs timestamps, which %s has not%s; name the rule its order was made "
                    "with: --tie-label NAME",
                    kind->name, kind->has_times ? "; name their column: --time COLUMN" : "");
  return status;
}

enum { ARGUMENTS = 32 };

/* Options of sources whose columns have any names. Returns how many there are. */
static int column_arguments(struct words *words, struct l4r_import_options *options,
                            struct l4r_argument *out) {
  struct l4r_columns *columns = &options->columns;
  const struct l4r_argument arguments[] = {
      {"user", L4R_ARG_TEXT, "COLUMN",
       "csv, jsonl: who; a name, or a number from 1; jsonl: a.b is b in a", &columns->user},
      {"item", L4R_ARG_TEXT, "COLUMN", "csv, jsonl: what", &columns->item},
      {"time", L4R_ARG_TEXT, "COLUMN",
       "csv, jsonl: when, as seconds, ms, us or ns since 1970 or ISO dates; without it the order "
       "of lines counts",
       &columns->time},
      {"rating", L4R_ARG_TEXT, "COLUMN", "csv, jsonl: for --min-rating", &columns->rating},
      {"min-rating", L4R_ARG_TEXT, "X", "drop interactions with a lower rating", &words->least},
      {"repeats", L4R_ARG_TEXT, "first|last|all", "of a user with one item, which stay (first)",
       &words->repeats},
      {"items", L4R_ARG_TEXT, "FILE",
       "item texts: csv or jsonl for those kinds, movies.dat or items.tsv for sequences",
       &options->items},
      {"item-id", L4R_ARG_TEXT, "COLUMN", "its item ids, where they are not named as by --item",
       &columns->item_id},
      {"title", L4R_ARG_LIST, "COLUMN",
       "item text, of the items file if there is one; several join", &words->title},
      {"brand", L4R_ARG_TEXT, "COLUMN", "item text: maker, artist, author", &columns->brand},
      {"categories", L4R_ARG_LIST, "COLUMN", "item text: genres, categories; several join",
       &words->categories},
      {"delimiter", L4R_ARG_TEXT, "TEXT",
       "csv: comma, tab, semicolon, pipe, space or bytes (found out from the first line)",
       &columns->separator},
      {"no-header", L4R_ARG_FLAG, "", "csv: the first line is data; columns are numbers",
       &columns->no_header},
      {"no-quotes", L4R_ARG_FLAG, "", "csv: double quotes are bytes like others",
       &columns->no_quotes},
  };
  memcpy(out, arguments, sizeof arguments);
  return (int)(sizeof arguments / sizeof *arguments);
}

static int other_arguments(struct words *words, struct l4r_import_options *options,
                           struct l4r_argument *out) {
  const struct l4r_argument arguments[] = {
      {"out", L4R_ARG_TEXT, "FOLDER", "where to write the data set", &options->out},
      {"skip-bad", L4R_ARG_TEXT, "all|N", "drop bad lines, all or at most N, and count them (none)",
       &words->skip_bad},
      {"keep-markup", L4R_ARG_FLAG, "", "leave HTML in item texts; without it HTML is decoded",
       &options->keep_markup},
      {"kcore", L4R_ARG_INT, "N", "users and items keep at least N interactions (off)",
       &options->kcore},
      {"tie", L4R_ARG_TEXT, "file|item", "order of equal timestamps (file: as the lines are)",
       &words->tie},
      {"split", L4R_ARG_TEXT, "NAME", "leave-one-out (default) or time: a cut for all users",
       &words->split},
      {"cut", L4R_ARG_TEXT, "A,B", "where validation and test begin, as shares or times (0.8,0.9)",
       &words->cut},
      {"tie-label", L4R_ARG_TEXT, "NAME", "the rule a sequence file was made with (unstated)",
       &options->tie_label},
      {"name", L4R_ARG_TEXT, "NAME", "name of the data set (the folder's)", &options->name},
  };
  memcpy(out, arguments, sizeof arguments);
  return (int)(sizeof arguments / sizeof *arguments);
}

static int parse(int argc, char **argv, struct words *words, struct l4r_import_options *options,
                 int *helped) {
  struct l4r_argument arguments[ARGUMENTS] = {0};
  const int columns = column_arguments(words, options, arguments);
  other_arguments(words, options, arguments + columns);
  char summary[1024] = "Kinds and their files (- is standard input; .gz is read as it is):";
  for (const struct l4r_import_kind *kind = l4r_import_kinds; kind->name; kind++) {
    const size_t used = strlen(summary);
    snprintf(summary + used, sizeof summary - used, "\n  %-12s %s", kind->name, kind->files);
  }
  const char *kinds[16] = {0};
  char command[256];
  for (int k = 0; l4r_import_kinds[k].name && k < 15; k++) kinds[k] = l4r_import_kinds[k].name;
  const struct l4r_usage usage = {
      l4r_usage_command(command, sizeof command, "lite4rec data import", kinds,
                        "FILES --out FOLDER"),
      summary,
      "  lite4rec data import ml-1m ratings.dat movies.dat --kcore 5 --out data/ml-1m\n"
      "  lite4rec data import csv ratings.csv --user userId --item movieId --time timestamp \\\n"
      "    --items movies.csv --title title --categories genres --out data/ml-32m\n",
      arguments};
  return l4r_arguments_parse(&usage, argc, argv, &words->positional, helped);
}

int l4r_data_import(int argc, char **argv) {
  struct l4r_import_options options = {0};
  struct words words = {0};
  struct l4r_import_report report;
  struct l4r_cut cut;
  double least = 0;
  int helped = 0;
  char **copy = l4r_alloc((size_t)argc + 1, sizeof *copy, "the command line");
  if (!copy) return L4R_ENVIRONMENT;
  complete_skip_bad(argc, argv, copy);
  int status = parse(argc, copy, &words, &options, &helped);
  if (!status && !helped) status = take_words(&words, &cut, &least, &options);
  if (!status && !helped) status = l4r_import_run(words.positional.value[0], &options, &report);
  l4r_free(copy);
  if (status || helped) return status;
  print_report(&report, &options,
               l4r_import_has_times(l4r_import_kind(words.positional.value[0]), &options));
  status = l4r_print_dataset(options.out);
  if (status || !options.cut) return status;
  struct l4r_check_report check = {0};
  status = l4r_dataset_check(options.out, &check);
  if (!status || status == L4R_CHECK) l4r_print_targets(&check);
  return status;
}
