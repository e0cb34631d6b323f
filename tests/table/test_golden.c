/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of the committed records, as tests/golden/tables/cases names them. */
#include "bench/commands/commands.h"
#include "impl/base/file.h"
#include "impl/base/lines.h"
#include "impl/base/log.h"
#include "tests/support/command.h"
#include "tests/support/every.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

#include <stdio.h>

static const struct {
  const char *name;
  test_main *command;
} commands[] = {{"claims", l4r_command_claims},
                {"compare", l4r_command_compare},
                {"export", l4r_command_export},
                {"history", l4r_command_history}};

/* "NAME COMMAND WORD..." */
static void one_case(char *line) {
  char *word[12] = {NULL}, *rest = line;
  for (int w = 0; w < 11 && rest; w++) word[w] = strsep(&rest, " ");
  cr_assert(!rest && word[2], "a case of more words than there is room for: %s", word[0]);
  for (size_t c = 0; c < sizeof commands / sizeof *commands; c++) {
    if (strcmp(word[1], commands[c].name) != 0) continue;
    const int status = test_run(commands[c].command, word[1], word[2], word[3], word[4], word[5],
                                word[6], word[7], word[8], word[9], word[10], NULL);
    cr_assert(status == L4R_OK || status == L4R_CHECK, "%s: %s", word[0], l4r_error_message());
    test_golden(word[0], test_read("out"));
    return;
  }
  cr_assert_fail("no command %s", word[1]);
}

Test(golden, tables_of_committed_records, .timeout = 120) {
  char *text = NULL, *line;
  size_t bytes;
  struct l4r_lines lines;
  l4r_log_quiet(1);
  OK(l4r_read_file("tests/golden/tables/cases", 0, &text, &bytes));
  l4r_lines_init(&lines, "cases", text, bytes);
  while (l4r_lines_next(&lines, &line))
    if (lines.number % test_every() == 0) one_case(line);
  cr_assert_gt(lines.number, 10);
}

/* A folder of tables for figures: each of its files in turn. */
static void is_folder(const char *prefix, const char *const *files) {
  for (; *files; files++) {
    char name[64], file[64];
    snprintf(file, sizeof file, "figures/%s", *files);
    snprintf(name, sizeof name, "%s-%s", prefix, *files);
    test_golden(name, test_read(file));
  }
}

Test(golden, tables_for_figures) {
  static const char *const tables[] = {
      "arms.tsv", "accuracy_latency.tsv", "stages.tsv", "latency_quantiles.tsv",
      "load.tsv", "groups.tsv",           NULL};
  static const char *const curves[] = {"curves.tsv", "best.tsv", "models.tsv", NULL};
  static const char *const history[] = {"history.tsv", "history-arms.tsv", "history-groups.tsv",
                                        NULL};
  static const char *const growth[] = {"growth.tsv", NULL};
  l4r_log_quiet(1);
  OK(test_run(l4r_command_export, "export", "tables",
              "results/zen4-2core-latency/20261126T045512Z-15448778b992.jsonl",
              "results/zen4-2core-server", "--out", test_path("figures"), NULL));
  is_folder("tables", tables);
  OK(test_run(l4r_command_export, "export", "growth", "results/zen4-2core-growth", "--out",
              test_path("figures"), NULL));
  is_folder("growth", growth);
  OK(test_run(l4r_command_export, "export", "curves",
              test_file("a.jsonl",
                        "{\"epoch\":1,\"loss\":2.5,\"hr10\":0.1,\"ndcg10\":0.05,\"best\":true,"
                        "\"seconds\":61}\n{\"epoch\":2,\"loss\":1e300,\"users\":123456789012}\n"),
              "--out", test_path("figures"), NULL));
  is_folder("curves", curves);
  OK(test_run(l4r_command_history, "history", "results/zen4-2core-server", "--out",
              test_path("drawn"), NULL));
  for (int f = 0; history[f]; f++) {
    char file[64];
    snprintf(file, sizeof file, "drawn/%s", history[f]);
    test_golden(history[f], test_read(file));
  }
}
