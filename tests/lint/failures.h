/* SPDX-License-Identifier: BSD-3-Clause */
/* What the static analyser of `make lint` cannot know, because it looks at one file at a time: the
 * code of a failure is never 0. Without that it follows calls that fail and yet return L4R_OK, and
 * says that their results are uninitialised. It is included before each file that is analysed, and
 * never compiled. An expression and not a function, which would not be followed deep in calls. */
#ifndef L4R_LINT_FAILURES_H
#define L4R_LINT_FAILURES_H
#include "impl/base/error.h"

#define l4r_lint_code(call)                                                                        \
  ({                                                                                               \
    const int l4r_lint_failed = call;                                                              \
    if (!l4r_lint_failed) __builtin_unreachable();                                                 \
    l4r_lint_failed;                                                                               \
  })
#define l4r_fail(...)         l4r_lint_code(l4r_fail(__VA_ARGS__))
#define l4r_fail_context(...) l4r_lint_code(l4r_fail_context(__VA_ARGS__))
#define l4r_fail_errno(...)   l4r_lint_code(l4r_fail_errno(__VA_ARGS__))

#endif
