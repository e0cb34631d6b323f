/* SPDX-License-Identifier: BSD-3-Clause */
/* The script that tries settings on validation: what it tells, that it does nothing twice, and what
 * it refuses. Runs the built program ($LITE4REC, else ./lite4rec). */
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const char *program(void) {
  const char *given = getenv("LITE4REC");
  return given ? given : "./lite4rec";
}

static char output[1 << 16];

/* Runs the script on the scratch folder's data sets; what it says is in `output`. */
static int search(const char *environment) {
  char command[4096];
  snprintf(command, sizeof command,
           "LITE4REC=%s TABLE=%s DATASETS=%s OUT=%s TRAIN='--size tiny --threads 1' %s sh "
           "bench/experiments/search.sh >%s 2>&1",
           program(), test_path("table"), test_path("sets"), test_path("out"), environment,
           test_path("log"));
  const int status = system(command);
  snprintf(output, sizeof output, "%s", test_read("log"));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void synth(void) {
  char command[1024];
  snprintf(command, sizeof command,
           "%s data synth --users 60 --items 40 --clusters 4 --longest 12 --out %s >/dev/null 2>&1",
           program(), test_path("sets/small"));
  cr_assert_eq(system(command), 0);
}

static void has(const char *text, const char *part) {
  cr_assert_not_null(strstr(text, part), "'%s' is not in:\n%s", part, text);
}

static int lines(const char *text) {
  int count = 0;
  for (; *text; text++) count += *text == '\n';
  return count;
}

Test(search_script, settings_are_tried_once_and_told) {
  synth();
  test_file("table", "# comment\n"
                     "dot small lite --items id --tied --epochs 2\n"
                     "cos small lite --items id --tied --scores cosine --epochs 3\n");
  cr_assert_eq(search(""), 0, "%s", output);
  has(output, "2 settings tried, judged by validation alone");
  const char *summary = test_read("out/search.tsv");
  cr_assert_eq(lines(summary), 3, "%s", summary);
  has(summary, "dot\tsmall\tlite\t2\t");
  has(summary, "cos\tsmall\tlite\t3\t");
  has(summary, "\tyes\t--items id --tied --scores cosine --epochs 3");
  cr_assert_eq(lines(test_read("out/curves.tsv")), 6, "%s", test_read("out/curves.tsv"));
  cr_assert_eq(search("ONLY=cos"), 0, "%s", output);
  cr_assert_null(strstr(output, "leak scan"), "trained again: %s", output);
  has(output, "1 settings tried");
}

/* The best epoch is that of the log, and no figure is of test items. */
Test(search_script, what_is_told_is_the_logs_best_epoch) {
  synth();
  test_file("table", "one small sasrec --epochs 4\n");
  cr_assert_eq(search(""), 0, "%s", output);
  char *log = test_read("out/models/one/training.jsonl"), *at = log;
  double best = 0, hr = 0;
  while ((at = strstr(at, "\"hr10\": "))) {
    const double hr10 = strtod(at + 8, NULL);
    const double ndcg10 = strtod(strstr(at, "\"ndcg10\": ") + 10, NULL);
    if (ndcg10 > best) best = ndcg10, hr = hr10;
    at++;
  }
  char want[64];
  snprintf(want, sizeof want, "\t%.4f\t%.4f\t", hr, best);
  cr_assert_gt(best, 0);
  has(test_read("out/search.tsv"), want);
}

Test(search_script, what_does_not_fit_is_refused) {
  synth();
  test_file("table", "one small pop\n");
  cr_assert_eq(search("TABLE=nowhere"), 2, "%s", output);
  has(output, "no table of settings nowhere");
  cr_assert_eq(search("ONLY=two"), 2, "%s", output);
  has(output, "names no setting");
  test_file("table", "one nowhere lite --epochs 1\n");
  cr_assert_eq(search(""), 1, "%s", output);
  has(output, "no data set");
  test_file("table", "one small lite --items id --epochs 1\n");
  cr_assert_eq(search(""), 0, "%s", output);
  test_file("table", "one small lite --items id --epochs 1 --lr 1\n");
  cr_assert_eq(search(""), 1, "%s", output);
  has(output, "was trained with other settings");
  test_file("table", "bad small lite --scores angle\n");
  cr_assert_eq(search(""), 1, "%s", output);
  has(output, "dot, cosine");
  has(output, "not done: bad");
}
