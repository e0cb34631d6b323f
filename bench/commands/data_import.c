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
#include "impl/base/log.h"
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

struct cli_args {
  struct l4r_import_options options;
  const char *split, *cut;
  double least;
  int tie, repeats;
  struct l4r_argument_list title, categories;
};
#define AT(member) .offset = offsetof(struct cli_args, member)

static const char *const ties[] = {[L4R_TIE_FILE] = "file", [L4R_TIE_ITEM] = "item", NULL};
static const char *const repeats[] = {
    [L4R_REPEATS_FIRST] = "first", [L4R_REPEATS_LAST] = "last", [L4R_REPEATS_ALL] = "all", NULL};
/* Bits of l4r_import_kinds: those whose columns have any names, and their forms. */
enum { CSV = 1 << 0, JSONL = 1 << 1, SEQUENCES = 1 << 8, PAIRS = 1 << 10 };

static const struct l4r_argument arguments[] = {
    {"out", L4R_ARG_TEXT, "FOLDER", "data set folder to write", AT(options.out), .is_needed = 1},
    {"user", L4R_ARG_TEXT, "COLUMN",
     "who: a column's name, or its number from 1; in jsonl a.b is field b of a",
     AT(options.columns.user), .kinds = CSV | JSONL},
    {"item", L4R_ARG_TEXT, "COLUMN", "what was rated, bought or watched", AT(options.columns.item),
     .kinds = CSV | JSONL},
    {"time", L4R_ARG_TEXT, "COLUMN",
     "when: seconds, ms, us or ns since 1970, or ISO dates; without it the order of lines counts",
     AT(options.columns.time), .kinds = CSV | JSONL},
    {"rating", L4R_ARG_TEXT, "COLUMN", "rating, for --min-rating", AT(options.columns.rating),
     .kinds = CSV | JSONL},
    {"min-rating", L4R_ARG_REAL, "X", "drop interactions with a lower rating", AT(least)},
    {"repeats", L4R_ARG_CHOICE, NULL, "which interactions of a user with the same item stay",
     AT(repeats), .choices = repeats, .preset = "first", .like = "first, last or all"},
    {"items", L4R_ARG_TEXT, "FILE",
     "item texts: csv or jsonl for those kinds, movies.dat or items.tsv for sequences",
     AT(options.items), .kinds = CSV | JSONL | PAIRS | SEQUENCES},
    {"item-id", L4R_ARG_TEXT, "COLUMN",
     "item ids in the file of --items, where they are not named as by --item",
     AT(options.columns.item_id), .kinds = CSV | JSONL},
    {"title", L4R_ARG_LIST, "COLUMN",
     "title of an item, in the file of --items if there is one; repeatable, the texts are joined",
     AT(title), .kinds = CSV | JSONL},
    {"brand", L4R_ARG_TEXT, "COLUMN", "maker, artist or author of an item",
     AT(options.columns.brand), .kinds = CSV | JSONL},
    {"categories", L4R_ARG_LIST, "COLUMN",
     "genres or categories of an item; repeatable, the texts are joined", AT(categories),
     .kinds = CSV | JSONL},
    {"delimiter", L4R_ARG_TEXT, "TEXT",
     "what separates columns: comma, tab, semicolon, pipe, space, or the bytes themselves",
     AT(options.columns.separator), .kinds = CSV, .shown = "what the first line shows"},
    {"no-header", L4R_ARG_FLAG, NULL, "the first line is data, and columns are numbers",
     AT(options.columns.no_header), .kinds = CSV},
    {"no-quotes", L4R_ARG_FLAG, NULL, "double quotes are ordinary characters",
     AT(options.columns.no_quotes), .kinds = CSV},
    {"skip-bad", L4R_ARG_INT, "N", "drop at most N bad lines, and count them", AT(options.skip_bad),
     .preset = "0", .word = "all", .word_is = INT64_MAX, .range = L4R_AT_LEAST(0)},
    {"keep-markup", L4R_ARG_FLAG, NULL, "leave HTML in item texts instead of decoding it",
     AT(options.keep_markup)},
    {"kcore", L4R_ARG_INT, "N",
     "drop users and items until each has at least N interactions; 0 drops none", AT(options.kcore),
     .preset = "0"},
    {"tie", L4R_ARG_CHOICE, NULL,
     "order of interactions at the same time: as in the file, or by item id", AT(tie),
     .choices = ties, .preset = "file"},
    {"split", L4R_ARG_TEXT, L4R_SPLIT_LEAVE_ONE_OUT "|" L4R_SPLIT_TIME,
     "hold out each user's last two items, or all that comes after a time", AT(split),
     .preset = L4R_SPLIT_LEAVE_ONE_OUT},
    {"cut", L4R_ARG_TEXT, "A,B",
     "where validation and test begin under --split time, as shares of the interactions or as "
     "times in seconds",
     AT(cut), .shown = "0.8,0.9"},
    {"tie-label", L4R_ARG_TEXT, "NAME",
     "rule that the order of a sequence file was made with, for dataset.json",
     AT(options.tie_label), .shown = "unstated"},
    {"name", L4R_ARG_TEXT, "NAME", "name of the data set", AT(options.name),
     .shown = "the folder's"},
    {0}};

static int kind_word(int i, struct l4r_kind_word *word) {
  *word = (struct l4r_kind_word){l4r_import_kinds[i].name, l4r_import_kinds[i].files};
  return word->name != NULL;
}

const struct l4r_usage l4r_usage_data_import = {
    .command = "data import",
    .positional = "FILES",
    .kinds = kind_word,
    .summary = "Makes a data set folder from published files. - is standard input, and .gz is read "
               "as it is.",
    .examples = "  lite4rec data import ml-1m ratings.dat movies.dat --kcore 5 --out data/ml-1m\n"
                "  lite4rec data import csv ratings.csv --user userId --item movieId \\\n"
                "    --time timestamp --items movies.csv --title title --categories genres \\\n"
                "    --out data/ml-32m\n",
    .arguments = arguments};

/* What rows alone cannot say: words that become something else, and which exclude each other. */
static int validate(struct cli_args *args, const struct l4r_parsed *parsed, struct l4r_cut *cut) {
  struct l4r_import_options *options = &args->options;
  options->tie = (enum l4r_tie)args->tie;
  options->repeats = (enum l4r_repeats)args->repeats;
  if (l4r_argument_given(&l4r_usage_data_import, parsed, "min-rating"))
    options->least = &args->least;
  int status = take_positionals(&parsed->words, options);
  if (!status) status = parse_split(args->split, args->cut, cut, options);
  if (!status) status = take_texts("title", &args->title, options->columns.title);
  if (!status) status = take_texts("categories", &args->categories, options->columns.categories);
  const struct l4r_import_kind *kind = status ? NULL : l4r_import_kind(parsed->words.value[0]);
  if (l4r_argument_given(&l4r_usage_data_import, parsed, "tie") && kind &&
      !l4r_import_has_times(kind, options))
    return l4r_fail(L4R_USAGE,
                    "--tie needs timestamps, which %s has not%s; name the rule its order was made "
                    "with: --tie-label NAME",
                    kind->name, kind->has_times ? "; name their column: --time COLUMN" : "");
  return status;
}

int l4r_data_import(int argc, char **argv) {
  struct cli_args args = {.tie = 0};
  struct l4r_parsed parsed;
  struct l4r_import_report report;
  struct l4r_cut cut;
  const struct l4r_import_options *options = &args.options;
  char **copy = l4r_alloc((size_t)argc + 1, sizeof *copy, "the command line");
  if (!copy) return L4R_ENVIRONMENT;
  complete_skip_bad(argc, argv, copy);
  int status = l4r_arguments_parse(&l4r_usage_data_import, argc, copy, &args, &parsed);
  const int goes_on = !status && !parsed.helped;
  if (goes_on) status = validate(&args, &parsed, &cut);
  if (goes_on && !status) status = l4r_import_run(parsed.words.value[0], options, &report);
  l4r_free(copy);
  if (status || parsed.helped) return status;
  print_report(&report, options,
               l4r_import_has_times(l4r_import_kind(parsed.words.value[0]), options));
  status = l4r_print_dataset(options->out);
  if (!status) l4r_info("next: lite4rec train pop --data %s --out MODEL", options->out);
  if (status || !options->cut) return status;
  struct l4r_check_report check = {0};
  status = l4r_dataset_check(options->out, &check);
  if (!status || status == L4R_CHECK) l4r_print_targets(&check);
  return status;
}
