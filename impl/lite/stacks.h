/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds stacks by name. */
#ifndef L4R_LITE_STACKS_H
#define L4R_LITE_STACKS_H

#include "impl/stack.h"

/* Returns the stack "reference" or "blis"; NULL for another name. */
const struct l4r_stack_ops *l4r_stack_find(const char *name);

#endif
