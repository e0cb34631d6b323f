/* SPDX-License-Identifier: BSD-3-Clause */
/* Describes a Lite engine and the cost of a request. */
#ifndef L4R_LITE_DESCRIBE_H
#define L4R_LITE_DESCRIBE_H

#include "impl/engine.h"

/* Implement the functions of these names in struct l4r_engine. */
int l4r_lite_about(void *handle, struct l4r_about *about);
int l4r_lite_cost(void *handle, int64_t length, struct l4r_cost *cost);
int l4r_lite_timers(void *handle, struct l4r_timers *timers);
int l4r_lite_budget(void *handle, struct l4r_budget *budget);

#endif
