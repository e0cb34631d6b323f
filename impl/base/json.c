/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/json.h"

#include "impl/base/error.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>

static void *(*allocate)(size_t bytes) = malloc;
static atomic_size_t missed; /* bytes of the first allocation that failed; 0: none did */

static void *take_noted(size_t bytes) {
  void *pointer = allocate(bytes);
  size_t none = 0;
  if (!pointer) atomic_compare_exchange_strong(&missed, &none, bytes ? bytes : 1);
  return pointer;
}

void l4r_json_guard(void *(*take)(size_t bytes)) {
  allocate = take ? take : malloc;
  atomic_store(&missed, 0);
  json_set_alloc_funcs(take_noted, free);
}

int l4r_json_whole(const char *what) {
  const size_t bytes = atomic_load(&missed);
  if (!bytes) return L4R_OK;
  return l4r_fail(
      L4R_ENVIRONMENT,
      "no memory for %s: %zu bytes were refused while it was put together, and it would "
      "have holes; free memory, or raise the limit (ulimit -v)",
      what, bytes);
}
