/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/loop/ranks.h"

#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"

#include <stdio.h>

struct l4r_train_ranks l4r_train_ranks_of(struct l4r_comm *comm, enum l4r_wire wire,
                                          const struct l4r_team *team) {
  const int size = l4r_comm_size(comm), rank = l4r_comm_rank(comm), workers = l4r_team_size(team);
  return (struct l4r_train_ranks){.comm = size > 1 ? comm : NULL,
                                  .wire = wire,
                                  .rank = rank,
                                  .size = size,
                                  .first = rank * workers,
                                  .workers = size * workers};
}

int l4r_ranks_sum(const struct l4r_train_ranks *ranks, float *values, int64_t count) {
  return ranks->comm ? l4r_comm_sum(ranks->comm, values, count, ranks->wire) : 0;
}

int l4r_ranks_sum_double(const struct l4r_train_ranks *ranks, double *values, int64_t count) {
  return ranks->comm ? l4r_comm_sum_double(ranks->comm, values, count) : 0;
}

int l4r_ranks_broadcast(const struct l4r_train_ranks *ranks, void *data, int64_t bytes) {
  return ranks->comm ? l4r_comm_broadcast(ranks->comm, 0, data, bytes) : 0;
}

int l4r_ranks_advance(const struct l4r_train_ranks *ranks) {
  return ranks->comm ? l4r_comm_sum_advance(ranks->comm) : 0;
}

int l4r_ranks_after_first_begin(const struct l4r_train_ranks *ranks) {
  return ranks->comm && ranks->rank > 0 ? l4r_comm_barrier(ranks->comm) : 0;
}

int l4r_ranks_after_first_end(const struct l4r_train_ranks *ranks) {
  return ranks->comm && ranks->rank == 0 ? l4r_comm_barrier(ranks->comm) : 0;
}

/* 62 bits of the SHA-256, never negative. */
static int64_t short_hash(const void *content, size_t bytes) {
  char hex[65];
  unsigned long long bits = 0;
  l4r_sha256(content, bytes, hex);
  sscanf(hex, "%16llx", &bits);
  return (int64_t)(bits >> 2);
}

int l4r_ranks_compare(const struct l4r_train_ranks *ranks, const void *content, size_t bytes,
                      int *other) {
  *other = -1;
  if (!ranks->comm) return L4R_OK;
  int64_t *all = l4r_alloc((size_t)ranks->size, sizeof *all, "hashes of ranks");
  if (!all) return L4R_ENVIRONMENT;
  const int status = l4r_comm_share_int(ranks->comm, short_hash(content, bytes), all);
  for (int r = ranks->size - 1; !status && r > 0; r--)
    if (all[r] != all[0]) *other = r;
  l4r_free(all);
  return status;
}
