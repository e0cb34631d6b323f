/* SPDX-License-Identifier: BSD-3-Clause */
/* Every command that reads records refuses one that does not hold, and says so everywhere where it
 * was told to take it. */
#include "bench/commands/commands.h"
#include "bench/record/read.h"
#include "bench/record/write.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/rounds.h"

#include <stdlib.h>

static const struct {
  const char *name;
  test_main *command;
  const char *word[4];
  const char *file; /* that is written; NULL: the standard output */
  int seal_alone;   /* samples are not opened */
  const char *says;
} consumers[] = {
    {"claims", l4r_command_claims, {NULL}, NULL, 0, "unsealed: 1 record was not checked"},
    {"report",
     l4r_command_report,
     {"--out", "page.html"},
     "page.html",
     0,
     "unsealed: 1 record was not checked"},
    {"compare", l4r_command_compare, {"again"}, NULL, 0, "unsealed: 1 record was not checked"},
    {"compare",
     l4r_command_compare,
     {"again", "--markdown"},
     NULL,
     0,
     "unsealed: 1 record was not checked"},
    {"compare",
     l4r_command_compare,
     {"again", "--json"},
     NULL,
     0,
     "unsealed: 1 record was not checked"},
    {"history", l4r_command_history, {NULL}, NULL, 1, "unsealed: 1 record was not checked"},
    {"history", l4r_command_history, {"--markdown"}, NULL, 1, "unsealed: 1 record was not checked"},
    {"history", l4r_command_history, {"--json"}, NULL, 1, "\"unsealed\": 1"},
    {"history",
     l4r_command_history,
     {"--out", "drawn"},
     "drawn/history-groups.tsv",
     1,
     "; unsealed: 1 not checked"},
    {"export", l4r_command_export, {"csv"}, NULL, 0, ",unsealed,"},
    {"export", l4r_command_export, {"table"}, NULL, 0, "unsealed: 1 record was not checked"},
    {"export", l4r_command_export, {"table", "--markdown"}, NULL, 0, "[1] unsealed"},
    {"export", l4r_command_export, {"accuracy"}, NULL, 0, "unsealed: 1 record was not checked"},
    {"export",
     l4r_command_export,
     {"accuracy", "--markdown"},
     NULL,
     0,
     "unsealed: 1 record was not checked"},
    {"export",
     l4r_command_export,
     {"google-benchmark"},
     NULL,
     0,
     "\"checked\": \"unsealed: 1 record was not checked"},
    {"export",
     l4r_command_export,
     {"tables", "--out", "tables"},
     "tables/groups.tsv",
     0,
     "; unsealed: 1 not checked"},
};
enum { CONSUMERS = sizeof consumers / sizeof *consumers };

static int run(const char *word, ...) {
  va_list more;
  static int at;
  static test_main *command;
  static const char *name;
  if (!word) return at;
  va_start(more, word);
  if (!strcmp(word, "=")) { /* which one */
    at = va_arg(more, int);
    command = consumers[at].command;
    name = consumers[at].name;
    va_end(more);
    return 0;
  }
  const int status = test_command(command, name, word, more);
  va_end(more);
  return status;
}

/* Runs consumer c on the records of a folder, with or without --unsealed. */
static int consume(int c, const char *folder, int unsealed) {
  static char path[4][512];
  const char *words[8] = {NULL};
  int n = 0;
  const int is_export = !strcmp(consumers[c].name, "export");
  if (is_export) words[n++] = consumers[c].word[0];
  snprintf(path[0], 512, "%s", test_path(folder));
  words[n++] = path[0];
  for (int w = is_export; w < 4 && consumers[c].word[w]; w++) {
    const char *word = consumers[c].word[w];
    const int is_place = strncmp(word, "--", 2) != 0;
    if (is_place) snprintf(path[w + (w < 3)], 512, "%s", test_path(word));
    words[n++] = is_place ? path[w + (w < 3)] : word;
  }
  if (unsealed) words[n++] = "--unsealed";
  run("=", c);
  return run(words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7], NULL);
}

/* What it wrote. */
static void says(int c, const char *text) {
  const char *all = test_read(consumers[c].file ? consumers[c].file : "out");
  cr_assert(strstr(all, text), "%s %s: '%s' is not in:\n%s", consumers[c].name,
            consumers[c].word[0] ? consumers[c].word[0] : "", text, all);
}

static const struct test_rounds base = {
    .rounds = 10, .ns = {1e6, 1.01e6, .99e6, 1e6, 1.02e6, 1e6, 1.01e6, .98e6, 1e6, 1.01e6}};

/* Folders: "whole" and "again" hold a record that holds; "edited" one whose third round was made a
 * hundred times faster, "forged" the same, sealed anew. */
static void make_records(void) {
  test_rounds_file("whole", "a", &base);
  test_rounds_file("again", "a", &base);
  for (int sealed = 0; sealed < 2; sealed++) {
    const char *folder = sealed ? "forged" : "edited";
    json_t *record = test_rounds_record(folder, &base);
    json_t *round = json_array_get(json_object_get(record, "rounds"), 2);
    json_object_set_new(round, "mean_ns", json_real(1e4));
    if (sealed) OK(l4r_record_seal(record));
    test_records(folder, "a", &record, 1);
  }
}

Test(unsealed, every_command_takes_a_record_that_holds, .timeout = 240) {
  make_records();
  setenv("GNUPLOT", "no-such-gnuplot", 1);
  for (int c = 0; c < CONSUMERS; c++) OK(consume(c, "whole", 0));
}

Test(unsealed, every_command_refuses_an_edited_record_by_file_line_and_field, .timeout = 240) {
  make_records();
  setenv("GNUPLOT", "no-such-gnuplot", 1);
  for (int c = 0; c < CONSUMERS; c++) {
    FAILS(consume(c, "edited", 0), L4R_INPUT,
          "/edited/a.jsonl:1: sha256: the record does not have the hash it states");
    if (consumers[c].seal_alone) continue;
    cr_assert(strstr(l4r_error_message(), "rounds[2].mean_ns: the record says 10000.0"), "%s",
              l4r_error_message());
    FAILS(consume(c, "forged", 0), L4R_INPUT,
          "/forged/a.jsonl:1: rounds[2].mean_ns: the record says 10000.0");
  }
}

Test(unsealed, every_output_says_what_was_not_checked, .timeout = 240) {
  make_records();
  setenv("GNUPLOT", "no-such-gnuplot", 1);
  for (int c = 0; c < CONSUMERS; c++) {
    OK(consume(c, "edited", 1));
    says(c, consumers[c].says);
  }
}
