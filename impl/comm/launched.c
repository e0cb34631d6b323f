/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/comm/launched.h"

#include "impl/base/number.h"

#include <stdint.h>
#include <stdlib.h>

enum { RANKS_MOST = 1 << 24 };

static int number_of(const char *word) {
  const char *text = getenv(word);
  int64_t value = 0;
  return text && !l4r_parse_int(text, &value) && value > 0 && value <= RANKS_MOST ? (int)value : 0;
}

void l4r_launched(struct l4r_launched *launched) {
  static const struct {
    const char *word, *by;
  } sizes[] = {{"OMPI_COMM_WORLD_SIZE", "mpirun of Open MPI"},
               {"PMI_SIZE", "mpiexec or srun (PMI)"},
               {"SMPI_GLOBAL_SIZE", "smpirun of SimGrid"}};
  for (int i = 0; i < 3; i++)
    if (getenv(sizes[i].word)) {
      *launched = (struct l4r_launched){number_of(sizes[i].word), sizes[i].by, sizes[i].word, 1};
      return;
    }
  const int tasks = number_of("SLURM_STEP_NUM_TASKS");
  if (getenv("PMIX_RANK"))
    *launched = (struct l4r_launched){tasks, "a launcher with PMIx", "PMIX_RANK", 1};
  else if (tasks > 1 && getenv("SLURM_PROCID"))
    *launched = (struct l4r_launched){tasks, "srun", "SLURM_STEP_NUM_TASKS", 0};
  else
    *launched = (struct l4r_launched){.ranks = 1};
}
