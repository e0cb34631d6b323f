/* SPDX-License-Identifier: BSD-3-Clause */
/* The stacks by name. No other file of impl knows all of them. */
#include "impl/lite/stacks.h"

#include <string.h>

const struct l4r_stack_ops *l4r_stack_find(const char *name) {
  static const struct l4r_stack_ops *const known[] = {&l4r_stack_reference, &l4r_stack_blis};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strcmp(known[i]->name, name) == 0) return known[i];
  return NULL;
}
