/* baselines/peers/train_speed.sh as a user meets it: it says what is missing, and where PyTorch is
 * installed both sides find the same loss and a ratio comes out. */
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

static int run(const char *environment) {
  char command[8192];
  snprintf(command, sizeof command, "%s WORK='%s' sh baselines/peers/train_speed.sh >'%s' 2>&1",
           environment, test_path("work"), test_path("log"));
  return WEXITSTATUS(system(command));
}

Test(train_speed, names_the_packages_it_misses) {
  cr_assert_eq(run("PYTHON=/bin/false"), 4);
  char command[4096];
  snprintf(command, sizeof command, "grep -q python3-torch '%s'", test_path("log"));
  cr_expect_eq(system(command), 0);
}

Test(train_speed, both_sides_compute_the_same_and_a_ratio_comes_out, .timeout = 240) {
  if (system("/usr/bin/python3 -c 'import torch, numpy' 2>/dev/null"))
    cr_skip_test("python3-torch is not installed");
  cr_assert_eq(run("ROUNDS=1 ROUND_SECONDS=1 ARMS='sasrec-tiny lite-id-tiny' "
                   "SYNTH='--users 200 --items 100 --shortest 10 --longest 40'"),
               0);
  json_t *record = json_load_file(test_path("work/train_speed.json"), 0, NULL), *arm;
  cr_assert_not_null(record);
  size_t i;
  const json_t *arms = json_object_get(record, "arms");
  cr_assert_eq(json_array_size(arms), 2);
  json_array_foreach(arms, i, arm) {
    const json_t *parity = json_object_get(arm, "parity"), *ratio = json_object_get(arm, "ratio");
    cr_expect_leq(json_number_value(json_object_get(parity, "difference")), 1e-4);
    cr_expect_gt(json_number_value(json_object_get(ratio, "median")), 0);
  }
  json_decref(record);
}
