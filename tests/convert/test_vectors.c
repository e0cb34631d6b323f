/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec export vectors: what is refused. tests/people holds the vectors' products against the
 * reference engine by numpy. */
#include "bench/commands/commands.h"
#include "tests/support/command.h"
#include "tests/support/files.h"

#include <unistd.h>

#define run(...) test_run(l4r_command_export, "export", __VA_ARGS__)

Test(export_vectors, wrong_words_and_models_are_refused) {
  FAILS(run("vectors", "m", "--out", "o", NULL), L4R_USAGE, "wants --data FOLDER");
  FAILS(run("vectors", "m", "--data", "d", NULL), L4R_USAGE, "wants --out PATH");
  FAILS(run("vectors", "m", "n", "--data", "d", "--out", "o", NULL), L4R_USAGE, "one model folder");
  FAILS(run("vectors", "m", "--data", "d", "--out", "o", "--format", "csv", NULL), L4R_USAGE,
        "npy or safetensors, not 'csv'");
  FAILS(run("vectors", "/nowhere", "--data", "d", "--out", test_path("o"), NULL), L4R_INPUT,
        "/nowhere");
  cr_expect_neq(access(test_path("o"), F_OK), 0);
}
