/* SPDX-License-Identifier: BSD-3-Clause */
/* The peak rate: the highest rate of a server whose p99 stays under its bound, found by bisection
 * on the logarithm of the rate. */
#ifndef L4R_BENCH_RUN_PEAK_RATE_H
#define L4R_BENCH_RUN_PEAK_RATE_H

/* Stops when the lowest rate that failed is at most 5 % above the highest that passed, or after so
 * many rates. Noise of p99 near the peak rate moves it by more than a finer step would. */
enum { L4R_PEAK_RATE_TRIALS = 16 };
extern const double l4r_peak_rate_tolerance; /* 1.05 */

struct l4r_peak_rate {
  double passed, failed; /* highest rate that passed below all that failed, lowest that failed; 0:
                            none yet */
  double next;           /* to try */
  int trials;
  const char *stopped; /* why, once it has; else NULL */
};

/* `first` > 0: where to begin, e.g. .7 of what a closed loop serves. Pure. */
void l4r_peak_rate_begin(struct l4r_peak_rate *search, double first);
/* Tells how `next` went; sets the next rate (half as much again while nothing failed, half while
 * nothing passed, else the geometric mean of both ends), or why there is none. It takes p99 to rise
 * with the rate: what passes above a rate that failed is not looked for. Pure. */
void l4r_peak_rate_set(struct l4r_peak_rate *search, int passed);
/* Ends the search because no lower rate can pass. Pure. */
void l4r_peak_rate_stop(struct l4r_peak_rate *search, const char *why);

#endif
