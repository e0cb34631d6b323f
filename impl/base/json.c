/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/json.h"

#include "impl/base/error.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static void *(*allocate)(size_t bytes) = malloc;
static atomic_size_t missed; /* bytes of the first allocation that failed; 0: none */

enum { SPARE = 256 << 10 };
static _Atomic(void *)
    spare; /* released at the first failure, so that a text can be parsed to its end */

/* jansson's parser (2.14) ignores a failure while it copies a text, and then reads beyond its
 * buffer. So the allocation is repeated with the spare memory released; if that is not enough, the
 * process must end. */
static void *take_spare(size_t bytes) {
  static const char text[] = "lite4rec: no memory for JSON; free memory, or raise the limit "
                             "(ulimit -v)\n";
  free(atomic_exchange(&spare, NULL));
  void *pointer = malloc(bytes);
  if (pointer) return pointer;
  const ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
  (void)ignored;
  _exit(l4r_exit_code(L4R_ENVIRONMENT));
}

static void *take_noted(size_t bytes) {
  void *pointer = allocate(bytes);
  size_t none = 0;
  if (pointer) return pointer;
  atomic_compare_exchange_strong(&missed, &none, bytes ? bytes : 1);
  return take_spare(bytes);
}

void l4r_json_guard(void *(*take)(size_t bytes)) {
  allocate = take ? take : malloc;
  atomic_store(&missed, 0);
  free(atomic_exchange(&spare, malloc(SPARE)));
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
