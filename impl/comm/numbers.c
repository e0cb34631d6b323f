/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/comm/numbers.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/comm/comm.h"

#include <string.h>

typedef void fold(void *values, const void *next, int64_t count);

static void add_ints(void *values, const void *next, int64_t count) {
  uint64_t *to = values;
  for (int64_t i = 0; i < count; i++) to[i] += ((const uint64_t *)next)[i];
}

static void add_doubles(void *values, const void *next, int64_t count) {
  double *to = values;
  for (int64_t i = 0; i < count; i++) to[i] += ((const double *)next)[i];
}

static void keep_largest(void *values, const void *next, int64_t count) {
  const int64_t *from = next;
  int64_t *to = values;
  for (int64_t i = 0; i < count; i++) to[i] = from[i] > to[i] ? from[i] : to[i];
}

static int share_equally(struct l4r_comm *comm, const void *mine, int64_t bytes, void *all) {
  const int size = l4r_comm_size(comm);
  int64_t *sizes = l4r_alloc((size_t)size, sizeof *sizes, "sizes of messages");
  if (!sizes) return L4R_ENVIRONMENT;
  for (int r = 0; r < size; r++) sizes[r] = bytes;
  const int status = l4r_comm_share(comm, mine, sizes, all);
  l4r_free(sizes);
  return status;
}

/* Of values of eight bytes. */
static int fold_over_ranks(struct l4r_comm *comm, void *values, int64_t count, fold *with) {
  const int size = l4r_comm_size(comm);
  if (size == 1 || !count) return L4R_OK;
  char *all = l4r_alloc((size_t)size * (size_t)count, 8, "numbers of all ranks");
  if (!all) return L4R_ENVIRONMENT;
  const int status = share_equally(comm, values, 8 * count, all);
  if (!status) {
    for (int r = 1; r < size; r++) with(all, all + (size_t)r * (size_t)count * 8, count);
    memcpy(values, all, (size_t)count * 8);
  }
  l4r_free(all);
  return status;
}

int l4r_comm_share_int(struct l4r_comm *comm, int64_t mine, int64_t *all) {
  return share_equally(comm, &mine, sizeof mine, all);
}

int l4r_comm_sum_int(struct l4r_comm *comm, int64_t *values, int64_t count) {
  return fold_over_ranks(comm, values, count, add_ints);
}

int l4r_comm_sum_double(struct l4r_comm *comm, double *values, int64_t count) {
  return fold_over_ranks(comm, values, count, add_doubles);
}

int l4r_comm_max_int(struct l4r_comm *comm, int64_t *values, int64_t count) {
  return fold_over_ranks(comm, values, count, keep_largest);
}
