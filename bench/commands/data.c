/* lite4rec data: import other people's files, check a data set folder. */
#include "bench/commands/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/commands/options.h"
#include "bench/import/import.h"
#include "impl/base/error.h"

static void print_dataset(const struct l4r_dataset *dataset) {
  printf("data set      %s (split %s, tie rule %s%s%s)\n", dataset->name, dataset->split,
         dataset->tie, *dataset->filters ? ", " : "", dataset->filters);
  printf("              %" PRId64 " users, %" PRId64 " items, %" PRId64 " interactions\n",
         dataset->users, dataset->items, dataset->interactions);
  printf("sha256        %s\n", dataset->sha256);
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
  if (has_times)
    printf("equal times   %" PRId64 " interactions, ordered by the tie rule\n",
           report->equal_times);
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
  const char *tie = NULL;
  const struct l4r_argument arguments[] = {
      {"out", L4R_ARG_TEXT, "FOLDER", "where to write the data set", &options.out},
      {"items", L4R_ARG_TEXT, "FILE", "item texts for sequences: movies.dat or items.tsv",
       &options.items},
      {"kcore", L4R_ARG_INT, "N", "users and items keep at least N interactions (off)",
       &options.kcore},
      {"tie", L4R_ARG_TEXT, "file|item", "order of equal timestamps (item)", &tie},
      {"tie-label", L4R_ARG_TEXT, "NAME", "the rule a sequence file was made with (unstated)",
       &options.tie_label},
      {"name", L4R_ARG_TEXT, "NAME", "name of the data set (the folder's)", &options.name},
      {NULL, L4R_ARG_TEXT, NULL, NULL, NULL},
  };
  char summary[512] = "Kinds and their files:";
  for (const struct l4r_import_kind *kind = l4r_import_kinds; kind->name; kind++) {
    const size_t used = strlen(summary);
    snprintf(summary + used, sizeof summary - used, "\n  %-12s %s", kind->name, kind->files);
  }
  const struct l4r_usage usage = {
      "lite4rec data import KIND FILES --out FOLDER", summary,
      "  lite4rec data import ml-1m ratings.dat movies.dat --kcore 5 --tie item --out data/ml-1m\n",
      arguments};
  struct l4r_argument_list positional = {0};
  int helped = 0;
  int status = l4r_arguments_parse(&usage, argc, argv, &positional, &helped);
  if (status || helped) return status;
  status = take_positionals(&positional, &options);
  if (!status) status = parse_tie(tie, &options.tie);
  if (!status && tie && !has_times(positional.value[0]))
    status = l4r_fail(L4R_USAGE,
                      "--tie needs timestamps, which %s has not; name the rule its "
                      "order was made with: --tie-label NAME",
                      positional.value[0]);
  struct l4r_import_report report;
  if (!status) status = l4r_import_run(positional.value[0], &options, &report);
  struct l4r_dataset *dataset = NULL;
  if (!status) status = l4r_dataset_open(options.out, 0, &dataset);
  if (status) return status;
  print_report(&report, has_times(positional.value[0]));
  print_dataset(dataset);
  l4r_dataset_close(dataset);
  return 0;
}

/* --- dispatch ------------------------------------------------------------------------------------
 */

static const struct {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *about;
} actions[] = {
    {"import", run_import, "make a data set folder from published files"},
};
enum { ACTIONS = sizeof actions / sizeof *actions };

int l4r_command_data(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "--help";
  for (int i = 0; i < ACTIONS; i++)
    if (!strcmp(actions[i].name, name)) return actions[i].run(argc - 1, argv + 1);
  if (strcmp(name, "--help") && strcmp(name, "-h"))
    return l4r_fail(L4R_USAGE, "data has no action '%s'; lite4rec data --help lists them", name);
  printf("usage: lite4rec data ACTION [options]\n\n");
  for (int i = 0; i < ACTIONS; i++) printf("  %-8s %s\n", actions[i].name, actions[i].about);
  return 0;
}
