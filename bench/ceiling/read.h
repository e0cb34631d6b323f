/* SPDX-License-Identifier: BSD-3-Clause */
/* The ceilings of memory: how fast a team reads from each level of it. */
#ifndef L4R_BENCH_CEILING_READ_H
#define L4R_BENCH_CEILING_READ_H

#include "impl/base/team.h"
#include "impl/base/cpu.h"

#include <stdint.h>

/* Reads `bytes` (a multiple of 1,024) at `from` (aligned to 64) once, front to back, with the
 * vectors of `isa`, and returns what all words have in common, so that no load may be left out.
 * Thread-safe. */
uint32_t l4r_read_loop(enum l4r_isa isa, const void *from, int64_t bytes);

/* Bytes a worker should read so that they come from cache `level` (1 to 3) or from memory (4):
 * caches of `cache[0..2]` bytes, each shared by so many of the team's workers. Half of a cache, but
 * twice the cache before it at least; from memory four times the largest cache, of all who share it
 * together, and 64 MB each at least. 0: there is no such level, or none of its own behind the one
 * before it. Pure. */
struct l4r_read_caches {
  int64_t bytes[3]; /* of one cache of the level; 0: there is none */
  int shared[3];    /* workers of the team that share it */
};
int64_t l4r_read_bytes(const struct l4r_read_caches *caches, int level);

/* Finds the caches of this machine as `workers` workers, one per core, use them. L4R_ENVIRONMENT
 * when hwloc cannot read the topology. */
int l4r_read_caches_find(int workers, struct l4r_read_caches *caches);

/* Every worker reads a buffer of its own of `bytes`, again and again: GB/s (10^9) of the whole
 * team, the best of several runs over at least `seconds` (0: 0.3). Buffers are touched first by
 * the worker that reads them and freed before it returns. L4R_ENVIRONMENT when memory is short. */
int l4r_ceiling_read(struct l4r_team *team, int64_t bytes, double seconds, double *gigabytes);

#endif
