/* SPDX-License-Identifier: BSD-3-Clause */
/* What the timed loops themselves cost. */
#ifndef L4R_BENCH_RUN_SESSION_OVERHEAD_H
#define L4R_BENCH_RUN_SESSION_OVERHEAD_H

#include "bench/run/session/serve.h"

/* What the loop itself costs: the same loop over an engine that does nothing, median of passes.
 * `every` nanoseconds a request, `inside` the part of them that a latency contains. The session's
 * ranking buffers are scratch afterwards. */
struct l4r_overhead {
  double every_ns, inside_ns;
};
int l4r_serving_overhead(const struct l4r_serving *like, int open, struct l4r_overhead *overhead);

#endif
