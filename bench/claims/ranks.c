/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/ranks.h"

#include "bench/derive/ranks.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <string.h>

int l4r_ranks_of_samples(void *context, const struct l4r_record *record, int mask, int64_t **rank,
                         int64_t *users) {
  struct l4r_bundle bundle = {0};
  const struct l4r_array *array = NULL;
  int status = l4r_ranks_read(record, &bundle);
  if (!status) status = l4r_bundle_need(&bundle, mask ? "mask" : "keep", &array);
  if (!status && !(*rank = l4r_alloc((size_t)array->count, sizeof **rank, "ranks")))
    status = L4R_ENVIRONMENT;
  if (!status) {
    memcpy(*rank, array->value, (size_t)array->count * sizeof **rank);
    *users = array->count;
  }
  l4r_bundle_free(&bundle);
  return status;
}
