/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/stack_options.h"

#include <string.h>

int l4r_option_choice(const struct l4r_open_options *options, const char *key, const char *first,
                      const char *other, int *second) {
  const char *value = l4r_option_get(options, key);
  *second = value && strcmp(value, other) == 0;
  if (!value || *second || strcmp(value, first) == 0) return L4R_OK;
  return l4r_fail(L4R_USAGE, "option %s=%s: the values are %s and %s", key, value, first, other);
}

int l4r_stack_options_read(const struct l4r_open_options *options,
                           struct l4r_stack_options *compute) {
  compute->precision = l4r_option_get(options, "precision");
  compute->isa = l4r_option_get(options, "isa");
  compute->kernel = l4r_option_get(options, "kernel");
  return l4r_option_choice(options, "fallback", "off", "on", &compute->fallback);
}
