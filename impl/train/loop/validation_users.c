/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/loop/validation_users.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

enum { STREAM_USERS = 0x76616c69 };

int l4r_validation_users(const struct l4r_dataset *dataset, uint64_t seed, int64_t asked,
                         int64_t **user, int64_t *count) {
  *count = 0;
  *user = l4r_alloc((size_t)dataset->users, sizeof **user, "validation users");
  if (!*user) return L4R_ENVIRONMENT;
  for (int64_t u = 0; u < dataset->users; u++)
    if (dataset->validation[u]) (*user)[(*count)++] = u;
  if (asked <= 0 || asked >= *count) return L4R_OK;
  struct l4r_random random;
  l4r_random_stream(&random, seed, STREAM_USERS, 0);
  l4r_random_shuffle(&random, *user, (size_t)*count);
  *count = asked;
  return L4R_OK;
}
