/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/comm/processors.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <string.h>

int l4r_comm_is_here(const struct l4r_comm *comm, int rank) {
  return !strcmp(l4r_comm_host(comm, rank), l4r_comm_host(comm, l4r_comm_rank(comm)));
}

int l4r_comm_processors(struct l4r_comm *comm, cpu_set_t *all) {
  const int ranks = l4r_comm_size(comm);
  cpu_set_t mine;
  if (sched_getaffinity(0, sizeof mine, &mine))
    return l4r_fail_errno(L4R_ENVIRONMENT, "cannot tell the processors of this process");
  int64_t *bytes = l4r_alloc((size_t)ranks, sizeof *bytes, "processors of ranks");
  if (!bytes) return L4R_ENVIRONMENT;
  for (int r = 0; r < ranks; r++) bytes[r] = (int64_t)sizeof mine;
  const int status = l4r_comm_share(comm, &mine, bytes, all);
  l4r_free(bytes);
  return status;
}
