/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages to a person on stderr while work goes on. Results go to stdout, never through here. */
#ifndef L4R_BASE_LOG_H
#define L4R_BASE_LOG_H

#include <stdint.h>

void l4r_log_quiet(int quiet); /* 1: nothing but errors, which the program prints */
int l4r_log_is_quiet(void);
void l4r_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void l4r_warn(const char *format, ...) __attribute__((format(printf, 1, 2))); /* "warning: ..." */
/* Hands every warning to `listener` too, without "warning: ", also when quiet; NULL ends that. Main
 * thread only. */
void l4r_on_warning(void (*listener)(void *context, const char *text), void *context);

/* Shows how far work is: on a terminal one line that is redrawn in place and cut to its width (as
 * it is then, so that it may be resized), elsewhere a plain line every 30 seconds. `done` of
 * `total` units are finished; the clock starts at the first call with done 0, and a call with done
 * == total ends the line. `note` may be "". What matters most comes first: the share that is done
 * and the time left. Main thread only. */
void l4r_progress(const char *what, int64_t done, int64_t total, const char *note);
/* The same for work of which `done` of `total` is a part, where the caller knows what the whole has
 * taken and how many seconds are left of it; negative: nobody does. The part's end does not end the
 * line: the next message does. */
struct l4r_progress_whole {
  double taken, left;
};
void l4r_progress_within(const char *what, int64_t done, int64_t total,
                         struct l4r_progress_whole whole, const char *note);

/* Work of several parts, some of them in other processes, with one time left for all of it. Between
 * begin and end, l4r_progress shows the share of the whole. All numbers are seconds as expected
 * beforehand; the time left follows from how long it has really taken so far. */
void l4r_progress_begin(double total);
/* The part that comes now: it begins when `from` seconds are done, and takes `seconds`. */
void l4r_progress_part(double from, double seconds);
void l4r_progress_end(void); /* the line disappears */
/* Hands the whole over to another process: as a word, "" where there is none; and takes it there. A
 * word that is none changes nothing. */
enum { L4R_PROGRESS_WORD = 96 };
const char *l4r_progress_word(char out[L4R_PROGRESS_WORD]);
void l4r_progress_take(const char *word);

/* Writes "12 s", "1:20 min" or "3:05 h" into out[16]; returns `out`. */
const char *l4r_duration_text(char out[16], double seconds);

int64_t l4r_now_ns(void); /* CLOCK_MONOTONIC */
/* The calling thread's own time: what others do to the machine meanwhile counts as little as it
 * can.
 */
int64_t l4r_thread_ns(void); /* CLOCK_THREAD_CPUTIME_ID */

#endif
