/* SPDX-License-Identifier: BSD-3-Clause */
/* The cost of the timed loops themselves. */
#ifndef L4R_BENCH_RUN_SESSION_OVERHEAD_H
#define L4R_BENCH_RUN_SESSION_OVERHEAD_H

#include "bench/run/session/serve.h"

/* Measures the cost of the loop: it runs the same loop over an engine that does nothing and takes
 * the median of several passes. `every_ns` is the cost of a request, `inside_ns` the part of it
 * that a latency contains. The session's ranking buffers are overwritten. */
struct l4r_overhead {
  double every_ns, inside_ns;
};
int l4r_serving_overhead(const struct l4r_serving *like, int open, struct l4r_overhead *overhead);

#endif
