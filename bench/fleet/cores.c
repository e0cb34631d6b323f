/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/fleet/cores.h"

#include "bench/machine/pin_share.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/comm/processors.h"

static int divide(int host_rank, int host_ranks) {
  int cores = 0;
  const int status = l4r_pin_share(host_rank, host_ranks, &cores);
  if (!status && host_rank == 0)
    l4r_info("%d ranks on this host take %d core%s or so each; they share its caches and memory",
             host_ranks, cores, cores == 1 ? "" : "s");
  return status;
}

static int judge(const struct l4r_comm *comm, char (*mask)[L4R_PIN_MASK]) {
  const int rank = l4r_comm_rank(comm);
  int host_rank, host_ranks, equal = 0, apart = 0, other = -1;
  l4r_comm_on_host(comm, &host_rank, &host_ranks);
  for (int r = 0; r < l4r_comm_size(comm); r++) {
    if (r == rank || !l4r_comm_is_here(comm, r)) continue;
    const int shared = l4r_pin_masks_share(mask[rank], mask[r]);
    equal += shared == 1;
    apart += shared == 0;
    if (shared == 2) other = r;
  }
  if (apart == host_ranks - 1) return L4R_OK;
  if (equal == host_ranks - 1) return divide(host_rank, host_ranks);
  return l4r_fail(
      L4R_ENVIRONMENT,
      "the launcher gave this rank processors %.60s, and some of them to another too%s%.60s; "
      "ranks that measure need their own: mpirun --bind-to core, or --bind-to none to "
      "have them divided",
      mask[rank], other < 0 ? "" : ", which has ", other < 0 ? "" : mask[other]);
}

int l4r_fleet_cores(struct l4r_comm *comm) {
  const int size = l4r_comm_size(comm);
  char mine[L4R_PIN_MASK] = "";
  int host_ranks;
  l4r_comm_on_host(comm, NULL, &host_ranks);
  char(*mask)[L4R_PIN_MASK] = l4r_alloc((size_t)size, sizeof *mask, "sets of processors");
  int64_t *bytes = l4r_alloc((size_t)size, sizeof *bytes, "sets of processors");
  int status = mask && bytes ? L4R_OK : L4R_ENVIRONMENT;
  const int known = status || host_ranks == 1 ? L4R_OK : l4r_pin_mask(mine);
  for (int r = 0; r < size && !status; r++) bytes[r] = sizeof mine;
  if (!status) status = l4r_comm_share(comm, mine, bytes, mask);
  if (!status) status = known;
  if (!status && host_ranks > 1) status = judge(comm, mask);
  l4r_free(mask);
  l4r_free(bytes);
  return status;
}
