/* SPDX-License-Identifier: BSD-3-Clause */
/* baselines/peers/train_speed.sh: refuses cleanly without PyTorch; with it, a race at tiny size for
 * a fraction of a second ends in a ratio, after both sides computed the same loss. Speeds are never
 * asserted. */
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const char *program(void) {
  const char *named = getenv("LITE4REC");
  return named ? named : "./lite4rec";
}

/* Runs the script with variables before it; its exit status, output in the file "out". */
static int race(const char *variables) {
  char command[4096];
  snprintf(command, sizeof command,
           "LITE4REC='%s' WORK='%s' %s sh baselines/peers/train_speed.sh >'%s' 2>&1", program(),
           test_path("work"), variables, test_path("out"));
  int status = system(command);
  cr_assert(WIFEXITED(status));
  return WEXITSTATUS(status);
}

Test(train_speed, refuses_without_torch_naming_the_package) {
  cr_assert_eq(race("PYTHON=/bin/false"), 4);
  const char *output = test_read("out");
  cr_assert(strstr(output, "python3-torch"), "%s", output);
  cr_assert_eq(test_entries("work"), -1, "nothing is written");
}

Test(train_speed, a_race_at_tiny_size_ends_in_a_ratio) {
  if (system("/usr/bin/python3 -c 'import torch, numpy' >/dev/null 2>&1"))
    cr_skip_test("python3-torch is not installed");
  /* The libblas that the system chose: trying all of them takes longer than the race. */
  int status = race("PYTHON=/usr/bin/python3 BLAS=/usr/lib ARMS='sasrec-tiny lite-id-tiny' "
                    "THREADS=1 ROUNDS=1 ROUND_SECONDS=0.3 DATA= "
                    "SYNTH='--users 200 --items 120 --shortest 8 --longest 20'");
  const char *output = test_read("out");
  cr_assert_eq(status, 0, "exit %d: %s", status, output);
  cr_assert(strstr(output, "| sasrec-tiny | 128 |"), "%s", output);
  const char *record = test_read("work/train_speed.json");
  const char *ratio = strstr(record, "\"ratio\": ");
  cr_assert(ratio && strtod(ratio + strlen("\"ratio\": "), NULL) > 0, "%s", record);
  cr_assert(strstr(record, "\"sha256\": "), "%s", record);
}
