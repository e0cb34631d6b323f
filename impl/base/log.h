/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages to a person on stderr while work goes on. Results go to stdout, never through here. */
#ifndef L4R_BASE_LOG_H
#define L4R_BASE_LOG_H

#include <stdint.h>

void l4r_log_quiet(int quiet); /* 1: only warnings */
int l4r_log_is_quiet(void);
void l4r_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void l4r_warn(const char *format, ...) __attribute__((format(printf, 1, 2))); /* "warning: ..." */
/* Hands every warning to `listener` too, without "warning: "; NULL ends that. Main thread only. */
void l4r_on_warning(void (*listener)(void *context, const char *text), void *context);

/* Shows a progress line: on a terminal it is redrawn in place, elsewhere at most one plain line is
 * printed every ten seconds. `done` of `total` units are finished. The clock starts at the first
 * call with done 0, and a call with done == total ends the line. `note` may be "". Main thread
 * only. */
void l4r_progress(const char *what, int64_t done, int64_t total, const char *note);

int64_t l4r_now_ns(void); /* CLOCK_MONOTONIC */
/* The calling thread's own time: what others do to the machine meanwhile counts as little as it
 * can.
 */
int64_t l4r_thread_ns(void); /* CLOCK_THREAD_CPUTIME_ID */

#endif
