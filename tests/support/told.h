/* SPDX-License-Identifier: BSD-3-Clause */
/* What an engine says of itself, all at once. */
#ifndef L4R_TESTS_SUPPORT_TOLD_H
#define L4R_TESTS_SUPPORT_TOLD_H

#include "impl/engine.h"

struct told {
  struct l4r_about about;
  struct l4r_cost cost; /* of a history of the length asked for */
  struct l4r_timers timers;
};

/* Asserts that each is told; what an engine does not have stays zero. */
struct told test_told(const struct l4r_engine *engine, void *handle, int64_t length);

#endif
