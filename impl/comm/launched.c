/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/comm/launched.h"

#include "impl/base/number.h"

#include <stdint.h>
#include <stdlib.h>

enum { RANKS_MOST = 1 << 24 };

/* The variable's number, from `least` on; 0 where it is none. */
static int number_of(const char *word, int least) {
  const char *text = getenv(word);
  int64_t value = 0;
  return text && !l4r_parse_int(text, &value) && value >= least && value <= RANKS_MOST ? (int)value
                                                                                       : 0;
}

void l4r_launched(struct l4r_launched *launched) {
  static const struct {
    const char *size, *rank, *by;
  } words[] = {{"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "mpirun of Open MPI"},
               {"PMI_SIZE", "PMI_RANK", "mpiexec or srun (PMI)"},
               {"SMPI_GLOBAL_SIZE", "PMI_RANK", "smpirun of SimGrid"}};
  const int tasks = number_of("SLURM_STEP_NUM_TASKS", 1);
  *launched = (struct l4r_launched){.ranks = 1, .joinable = 1};
  for (int i = 0; i < 3; i++)
    if (getenv(words[i].size)) {
      *launched = (struct l4r_launched){.ranks = number_of(words[i].size, 1),
                                        .by = words[i].by,
                                        .word = words[i].size,
                                        .rank = number_of(words[i].rank, 0),
                                        .joinable = 1};
      return;
    }
  if (getenv("PMIX_RANK"))
    *launched = (struct l4r_launched){.ranks = tasks,
                                      .by = "a launcher with PMIx",
                                      .word = "PMIX_RANK",
                                      .rank = number_of("PMIX_RANK", 0),
                                      .joinable = 1};
  else if (tasks > 1 && getenv("SLURM_PROCID"))
    *launched = (struct l4r_launched){.ranks = tasks,
                                      .by = "srun",
                                      .word = "SLURM_STEP_NUM_TASKS",
                                      .rank = number_of("SLURM_PROCID", 0)};
}
