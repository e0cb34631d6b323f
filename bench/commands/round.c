/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec round: the child's side of a measurement; see bench/run/job.h. Not for people. */
#include "bench/commands/commands.h"

#include "bench/run/child.h"
#include "impl/base/error.h"
#include "impl/base/log.h"

#include <string.h>

int l4r_command_round(int argc, char **argv) {
  if (argc != 2 && argc != 3)
    return l4r_fail(L4R_USAGE, "round is internal: only 'lite4rec run' starts it");
  l4r_log_quiet(argc == 3 && !strcmp(argv[2], "--quiet"));
  if (argc == 3) l4r_progress_take(argv[2]);
  int status = l4r_child_main(argv[1]);
  /* The parent reads the message from the result and says it once. */
  return status ? l4r_fail(status, "%s", "") : L4R_OK;
}
