/* SPDX-License-Identifier: BSD-3-Clause */
/* An engine's description of itself, which is checked for what is possible before it is passed on.
 */
#ifndef L4R_BENCH_RUN_SESSION_DESCRIBE_H
#define L4R_BENCH_RUN_SESSION_DESCRIBE_H

#include "bench/run/session/session.h"

#include <jansson.h>

/* What ran, what the mean request costs and what was counted, as JSON (numbers and texts under the
 * contract's field names). Costs are averaged over requests of the lengths given (count >= 1); of
 * equal lengths that follow each other the engine is asked once. L4R_CHECK for figures that cannot
 * be, texts without an end, and stages that differ from length to length. */
int l4r_session_describe(struct l4r_session *session, const int64_t *length, int64_t count,
                         json_t **description);

/* Writes the engine's stage timers so far and returns how many there are (0: it times no stages, or
 * cannot say). */
int l4r_session_timers(struct l4r_session *session, struct l4r_timer timer[L4R_TIMERS_MAX]);

/* Where the engine's time has gone so far; no parts where it does not say, or says nonsense. */
void l4r_session_budget(struct l4r_session *session, struct l4r_budget *budget);

#endif
