/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of an arm that say how a stack computes, which all engines on a stack have alike. */
#ifndef L4R_STACK_OPTIONS_H
#define L4R_STACK_OPTIONS_H

#include "impl/engine.h"
#include "impl/stack.h"

/* The keys, for an engine's list of options that it knows. */
#define L4R_STACK_OPTION_KEYS "precision", "fallback", "isa", "kernel"

/* Reads an option with two values, of which the first is the default: *second is 1 when it is the
 * other one. L4R_USAGE for a third value. Thread-safe. */
int l4r_option_choice(const struct l4r_open_options *options, const char *key, const char *first,
                      const char *other, int *second);

/* Sets precision, fallback, isa and kernel of *compute, texts borrowed from the options; the stack
 * checks them when it is opened. L4R_USAGE for a fallback that is neither off nor on. Thread-safe.
 */
int l4r_stack_options_read(const struct l4r_open_options *options,
                           struct l4r_stack_options *compute);

#endif
