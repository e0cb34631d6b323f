/* SPDX-License-Identifier: BSD-3-Clause */
/* The stacks by name: the one place of impl that knows them all. And what they both refuse. */
#include "impl/stack.h"

#include "impl/base/error.h"

#include <inttypes.h>
#include <string.h>

const struct l4r_stack_ops *l4r_stack_find(const char *name) {
  static const struct l4r_stack_ops *const known[] = {&l4r_stack_reference, &l4r_stack_blis};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strcmp(known[i]->name, name) == 0) return known[i];
  return NULL;
}

int l4r_decode_choices_check(const struct l4r_decode_rows *rows, int64_t vocabulary) {
  if (!rows->choice_start || !rows->choice)
    return l4r_fail(L4R_USAGE, "decode: opened restricted, so every row needs its choices");
  const int64_t *start = rows->choice_start;
  for (int64_t r = 0; r < rows->rows; r++) {
    if (start[0] || start[r + 1] < start[r])
      return l4r_fail(L4R_USAGE, "decode: choices of row %" PRId64 " are %" PRId64 " to %" PRId64,
                      r, start[r], start[r + 1]);
    for (int64_t i = start[r]; i < start[r + 1]; i++)
      if (rows->choice[i] < 0 || rows->choice[i] >= vocabulary)
        return l4r_fail(L4R_USAGE,
                        "decode: row %" PRId64 " may choose token %d, the vocabulary has %" PRId64,
                        r, rows->choice[i], vocabulary);
  }
  return L4R_OK;
}
