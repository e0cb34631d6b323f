/* SPDX-License-Identifier: BSD-3-Clause */
/* What a Lite engine is and what a request costs it. */
#ifndef L4R_LITE_DESCRIBE_H
#define L4R_LITE_DESCRIBE_H

#include "impl/engine.h"

/* As struct l4r_engine's functions of these names. */
int l4r_lite_about(void *handle, struct l4r_about *about);
int l4r_lite_cost(void *handle, int64_t length, struct l4r_cost *cost);
int l4r_lite_timers(void *handle, struct l4r_timers *timers);

#endif
