/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of the committed records, as tests/golden/tables/cases names them. */
#include "bench/commands/commands.h"
#include "impl/base/file.h"
#include "impl/base/log.h"
#include "tests/support/command.h"
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

static int run(test_main *command, const char *name, const char *word, ...) {
  va_list words;
  va_start(words, word);
  const int status = test_command(command, name, word, words);
  va_end(words);
  return status;
}

/* "NAME COMMAND WORD..." */
static void one_case(char *line) {
  char *word[12] = {NULL}, *rest = line;
  for (int w = 0; w < 11 && rest; w++) word[w] = strsep(&rest, " ");
  cr_assert(!rest && word[2], "a case of more words than there is room for: %s", word[0]);
  for (size_t c = 0; c < sizeof commands / sizeof *commands; c++) {
    if (strcmp(word[1], commands[c].name) != 0) continue;
    const int status = run(commands[c].command, word[1], word[2], word[3], word[4], word[5],
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
  while (l4r_lines_next(&lines, &line)) one_case(line);
  cr_assert_gt(lines.number, 10);
}
