/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec data: import other people's files, check a data set folder, draw synthetic data.
 */
#include "bench/commands/data.h"

#include "bench/cli/help.h"
#include "bench/commands/commands.h"
#include "bench/import/check.h"
#include "bench/import/leak.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/lines.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/data/dataset_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- check ---------------------------------------------------------------------------------------
 */

/* What sequences look like whose order is not that of time; with times it is known to be. */
static void print_order_of_time(const struct l4r_check_report *report) {
  const int64_t up = report->ascending, down = report->descending, most = up > down ? up : down;
  if (report->has_times) return;
  if (10 * most >= 9 * report->users)
    printf(
        "warning       %.0f %% of the users have their items in %s order of ids: is that an order "
        "of time? If not, the last item is no test item, and results mean nothing\n",
        100.0 * (double)most / (double)report->users, up > down ? "ascending" : "descending");
  char words[L4R_ORDER_WORDS];
  if (l4r_looks_newest_first(report, words, sizeof words)) printf("warning       %s\n", words);
}

static void print_check(const struct l4r_check_report *report) {
  printf("training      %" PRId64 " interactions; a user has %" PRId64 " to %" PRId64
         ", median %" PRId64 "\n",
         report->training, report->shortest, report->longest, report->median);
  printf("held out      %" PRId64 " validation and %" PRId64 " test items; times %s\n",
         report->validation_targets, report->test_targets, report->has_times ? "kept" : "unknown");
  l4r_print_targets(report);
  printf("without text  %" PRId64 " items\n", report->without_text);
  printf("repeats       %" PRId64 " of a user-item pair in the training part\n", report->repeats);
  if (report->repeats_stay)
    printf("              repeats were kept: a test item may stand in its own history (%" PRId64
           " users); `mask` removes seen items and never finds it, `keep` may\n",
           report->leaked_users);
  printf("leaks         %" PRId64 " users with a held-out item in their training part, %" PRId64
         " with the same item held out twice\n",
         report->leaked_users, report->equal_held_out);
  printf(
      "control       the largest id of the history + 1 is the test item of %.2f %% of users; one "
      "of the ten ids above it of %.2f %% (ten at random: %.2f %%)\n",
      100 * report->next_id, 100 * report->next_ten, 100 * report->ten_chance);
  print_order_of_time(report);
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

struct cli_args {
  const char *reads;
};
static const struct l4r_argument arguments[] = {
    {"reads", L4R_ARG_TEXT, "FILE",
     "list of files that a training run read, one a line, to scan for held-out items",
     .offset = offsetof(struct cli_args, reads)},
    {0}};
static const struct l4r_usage usage_check = {
    .command = "data check",
    .positional = "FOLDER",
    .summary = "Recomputes all hashes and counts of a data set and scans it for leaks.",
    .examples = "  lite4rec data check data/ml-1m\n",
    .arguments = arguments};

static int run_check(int argc, char **argv) {
  struct cli_args args = {.reads = NULL};
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&usage_check, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  if (parsed.words.count != 1)
    return l4r_fail(L4R_USAGE, "say which folder: lite4rec data check FOLDER");
  const char *folder = parsed.words.value[0];
  struct l4r_check_report report = {0};
  const int verdict = l4r_dataset_check(folder, &report);
  if (verdict && verdict != L4R_CHECK) return verdict;
  status = l4r_print_dataset(folder);
  if (status) return status;
  print_check(&report);
  if (verdict) return verdict; /* its message still stands */
  return args.reads ? scan_reads(folder, args.reads) : 0;
}

/* --- dispatch ------------------------------------------------------------------------------------
 */

const struct l4r_command l4r_data_actions[] = {
    {"import", "make a data set folder from published files", l4r_data_import,
     &l4r_usage_data_import, NULL},
    {"check", "recompute hashes and counts, scan for leaks", run_check, &usage_check, NULL},
    {"permute", "write the same data set under other item ids, for a control", l4r_data_permute,
     &l4r_usage_data_permute, NULL},
    {"synth", "draw a synthetic data set whose best possible accuracy is known", l4r_data_synth,
     &l4r_usage_data_synth, NULL},
    {0}};

int l4r_command_data(int argc, char **argv) {
  return l4r_actions_run("data", l4r_data_actions, argc, argv);
}
