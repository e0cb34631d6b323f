/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec data: import other people's files, check a data set folder, draw synthetic data.
 */
#include "bench/commands/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/commands/options.h"
#include "bench/import/import.h"
#include "bench/import/leak.h"
#include "bench/import/permute.h"
#include "bench/import/synth.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/data/dataset_files.h"

/* Name, counts and the SHA-256 of every file, as dataset.json states them (opening proved them). */
static int print_dataset(const char *folder) {
  struct l4r_dataset *dataset;
  int status = l4r_dataset_open(folder, 0, &dataset);
  if (status) return status;
  if (dataset->cut[0])
    printf("cuts          training before %" PRId64 ", test from %" PRId64 " on (seconds): %" PRId64
           ", %" PRId64 " and %" PRId64 " interactions\n",
           dataset->cut[0], dataset->cut[1], dataset->parts[0], dataset->parts[1],
           dataset->parts[2]);
  printf("data set      %s (split %s, tie rule %s%s%s)\n", dataset->name, dataset->split,
         dataset->tie, *dataset->filters ? ", " : "", dataset->filters);
  printf("              %" PRId64 " users, %" PRId64 " items, %" PRId64 " interactions\n",
         dataset->users, dataset->items, dataset->interactions);
  char path[L4R_PATH_MAX], hash[65];
  for (int i = 0; i < L4R_DATASET_FILES && !status; i++) {
    status = l4r_path_join(path, folder, l4r_dataset_file[i]);
    if (status || (i == L4R_FILE_TIMES && access(path, F_OK))) continue;
    status = l4r_sha256_file(path, hash);
    if (!status) printf("sha256        %s  %s\n", hash, l4r_dataset_file[i]);
  }
  if (!status) printf("              %s  the data set\n", dataset->sha256);
  l4r_dataset_close(dataset);
  return status;
}

static void print_report(const struct l4r_import_report *report, int has_times) {
  printf("read          %" PRId64 " interactions, %" PRId64 " users, %" PRId64 " items\n",
         report->read_interactions, report->read_users, report->read_items);
  printf("dropped       %" PRId64 " repeats of a user-item pair (the first stays)\n",
         report->repeats);
  printf("              %" PRId64 " users with fewer than three items (%" PRId64 " interactions)\n",
         report->short_users, report->short_interactions);
  printf("              %" PRId64 " users, %" PRId64 " items, %" PRId64
         " interactions by the k-core filter\n",
         report->core_users, report->core_items, report->core_interactions);
  printf("converted     %" PRId64 " texts from Latin-1; %" PRId64
         " texts with control characters made blanks\n",
         report->latin1, report->cleaned);
  printf("without text  %" PRId64 " items\n", report->without_text);
  if (report->late_users)
    printf("              %" PRId64 " users who first come after the last cut (%" PRId64
           " interactions; their items stay in the catalogue)\n",
           report->late_users, report->late_interactions);
  if (has_times)
    printf("equal times   %" PRId64 " interactions, ordered by the tie rule\n",
           report->equal_times);
}

/* Who is evaluated, and what no model that knows items by their interactions can find. */
static void print_targets(const struct l4r_check_report *report) {
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

/* --- import --------------------------------------------------------------------------------------
 */

static int parse_tie(const char *text, enum l4r_tie *tie) {
  if (!text || !strcmp(text, "item"))
    *tie = L4R_TIE_ITEM;
  else if (!strcmp(text, "file"))
    *tie = L4R_TIE_FILE;
  else
    return l4r_fail(L4R_USAGE, "--tie is file or item, not '%s'", text);
  return 0;
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

static int has_times(const char *name) {
  for (const struct l4r_import_kind *kind = l4r_import_kinds; kind->name; kind++)
    if (!strcmp(kind->name, name)) return kind->has_times;
  return 0;
}

static int run_import(int argc, char **argv) {
  struct l4r_import_options options = {0};
  const char *tie = NULL, *split = NULL, *cut_text = NULL;
  struct l4r_cut cut;
  const struct l4r_argument arguments[] = {
      {"out", L4R_ARG_TEXT, "FOLDER", "where to write the data set", &options.out},
      {"items", L4R_ARG_TEXT, "FILE", "item texts for sequences: movies.dat or items.tsv",
       &options.items},
      {"kcore", L4R_ARG_INT, "N", "users and items keep at least N interactions (off)",
       &options.kcore},
      {"tie", L4R_ARG_TEXT, "file|item", "order of equal timestamps (item)", &tie},
      {"split", L4R_ARG_TEXT, "NAME", "leave-one-out (default) or time: a cut for all users",
       &split},
      {"cut", L4R_ARG_TEXT, "A,B", "where validation and test begin: shares or seconds (0.8,0.9)",
       &cut_text},
      {"tie-label", L4R_ARG_TEXT, "NAME", "the rule a sequence file was made with (unstated)",
       &options.tie_label},
      {"name", L4R_ARG_TEXT, "NAME", "name of the data set (the folder's)", &options.name},
      {NULL, L4R_ARG_TEXT, NULL, NULL, NULL},
  };
  char summary[512] = "Kinds and their files:";
  for (const struct l4r_import_kind *kind = l4r_import_kinds; kind->name; kind++) {
    size_t used = strlen(summary);
    l4r_text_add(summary, sizeof summary, &used, "\n  %-12s %s", kind->name, kind->files);
  }
  const char *kinds[16] = {0};
  char command[256];
  for (int k = 0; l4r_import_kinds[k].name && k < 15; k++) kinds[k] = l4r_import_kinds[k].name;
  const struct l4r_usage usage = {
      l4r_usage_command(command, sizeof command, "lite4rec data import", kinds,
                        "FILES --out FOLDER"),
      summary,
      "  lite4rec data import ml-1m ratings.dat movies.dat --kcore 5 --tie item --out data/ml-1m\n",
      arguments};
  struct l4r_argument_list positional = {0};
  int helped = 0;
  int status = l4r_arguments_parse(&usage, argc, argv, &positional, &helped);
  if (status || helped) return status;
  status = take_positionals(&positional, &options);
  if (!status) status = parse_tie(tie, &options.tie);
  if (!status) status = parse_split(split, cut_text, &cut, &options);
  if (!status && tie && !has_times(positional.value[0]))
    status = l4r_fail(L4R_USAGE,
                      "--tie needs timestamps, which %s has not; name the rule its "
                      "order was made with: --tie-label NAME",
                      positional.value[0]);
  struct l4r_import_report report;
  if (!status) status = l4r_import_run(positional.value[0], &options, &report);
  if (status) return status;
  print_report(&report, has_times(positional.value[0]));
  status = print_dataset(options.out);
  if (status || !options.cut) return status;
  struct l4r_check_report check = {0};
  status = l4r_dataset_check(options.out, &check);
  if (!status || status == L4R_CHECK) print_targets(&check);
  return status;
}

/* --- check ---------------------------------------------------------------------------------------
 */

static void print_check(const struct l4r_check_report *report) {
  printf("training      %" PRId64 " interactions; a user has %" PRId64 " to %" PRId64
         ", median %" PRId64 "\n",
         report->training, report->shortest, report->longest, report->median);
  printf("held out      %" PRId64 " validation and %" PRId64 " test items; times %s\n",
         report->validation_targets, report->test_targets, report->has_times ? "kept" : "unknown");
  print_targets(report);
  printf("without text  %" PRId64 " items\n", report->without_text);
  printf("repeats       %" PRId64 " of a user-item pair in the training part\n", report->repeats);
  printf("leaks         %" PRId64 " users with a held-out item in their training part, %" PRId64
         " with the same item held out twice\n",
         report->leaked_users, report->equal_held_out);
  printf(
      "control       the largest id of the history + 1 is the test item of %.2f %% of users; one "
      "of the ten ids above it of %.2f %% (ten at random: %.2f %%)\n",
      100 * report->next_id, 100 * report->next_ten, 100 * report->ten_chance);
  if (report->next_ten > 10 * report->ten_chance)
    printf("              these ids tell the order of first use: no model may read them as numbers "
           "(`data permute` makes ids that tell nothing)\n");
}

/* The lines of a file as paths; *content is freed with l4r_free, *paths too. */
static int read_paths(const char *list, char **content, char ***paths, int64_t *count) {
  size_t bytes = 0, capacity = 0;
  int status = l4r_read_file(list, 1, content, &bytes);
  if (status) return status;
  struct l4r_lines lines;
  char *line;
  l4r_lines_init(&lines, list, *content, bytes);
  while (!status && l4r_lines_next(&lines, &line)) {
    status = l4r_grow(paths, &capacity, (size_t)*count + 1, sizeof **paths, "paths");
    if (!status && *line) (*paths)[(*count)++] = line;
  }
  return status;
}

static int scan_reads(const char *folder, const char *list) {
  char *content = NULL, **paths = NULL;
  int64_t count = 0;
  int status = read_paths(list, &content, &paths, &count);
  if (!status) status = l4r_leak_scan(folder, (const char *const *)paths, count);
  if (!status) printf("reads         %" PRId64 " files, none of them held-out data\n", count);
  l4r_free(paths);
  l4r_free(content);
  return status;
}

static int run_check(int argc, char **argv) {
  const char *reads = NULL;
  const struct l4r_argument arguments[] = {
      {"reads", L4R_ARG_TEXT, "FILE", "a list of files a training run read, one a line, to scan",
       &reads},
      {NULL, L4R_ARG_TEXT, NULL, NULL, NULL},
  };
  const struct l4r_usage usage = {"lite4rec data check FOLDER",
                                  "Recomputes all hashes and counts and scans for leaks.",
                                  "  lite4rec data check data/ml-1m\n", arguments};
  struct l4r_argument_list positional = {0};
  int helped = 0;
  int status = l4r_arguments_parse(&usage, argc, argv, &positional, &helped);
  if (status || helped) return status;
  if (positional.count != 1)
    return l4r_fail(L4R_USAGE, "say which folder: lite4rec data check FOLDER");
  const char *folder = positional.value[0];
  struct l4r_check_report report = {0};
  const int verdict = l4r_dataset_check(folder, &report);
  if (verdict && verdict != L4R_CHECK) return verdict;
  status = print_dataset(folder);
  if (status) return status;
  print_check(&report);
  if (verdict) return verdict; /* its message still stands */
  return reads ? scan_reads(folder, reads) : 0;
}

/* --- dispatch ------------------------------------------------------------------------------------
 */

static const struct l4r_command actions[] = {
    {"import", run_import, "make a data set folder from published files"},
    {"check", run_check, "recompute hashes and counts, scan for leaks"},
    {"permute", l4r_data_permute, "the same data set under other item ids, for a control"},
    {"synth", l4r_data_synth, "draw a synthetic data set whose best possible accuracy is known"},
    {0}};

int l4r_command_data(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "--help";
  for (int i = 0; actions[i].name; i++)
    if (!strcmp(actions[i].name, name)) return actions[i].run(argc - 1, argv + 1);
  if (strcmp(name, "--help") && strcmp(name, "-h"))
    return l4r_fail(L4R_USAGE, "data has no action '%s'; lite4rec data --help lists them", name);
  l4r_actions_help("data", actions);
  return 0;
}
