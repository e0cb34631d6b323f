/* SPDX-License-Identifier: BSD-3-Clause */
/* The peak rate: the highest rate of a server whose p99 stays under its bound, found by bisection
 * on the logarithm of the rate. */
#ifndef L4R_BENCH_RUN_PEAK_RATE_H
#define L4R_BENCH_RUN_PEAK_RATE_H

/* The search stops when the lowest rate that failed is at most 5 % above the highest that passed,
 * or after this many rates. Near the peak rate p99 is so noisy that a finer step would mean
 * nothing. */
enum { L4R_PEAK_RATE_TRIALS = 16 };
extern const double l4r_peak_rate_tolerance; /* 1.05 */

struct l4r_peak_rate {
  double passed, failed; /* highest rate that passed below all that failed, lowest that failed; 0:
                            none yet */
  double next;           /* to try */
  int trials;
  const char *stopped; /* why, once it has; else NULL */
};

/* Begins a search at the rate `first` > 0, e.g. .7 of what a closed loop serves. Pure. */
void l4r_peak_rate_begin(struct l4r_peak_rate *search, double first);
/* Records whether `next` passed, and sets the next rate: one and a half times the rate while
 * nothing has failed, half of it while nothing has passed, else the geometric mean of both ends. If
 * the search is over, `stopped` says why. It assumes that p99 rises with the rate, so it does not
 * look for rates that pass above one that failed. Pure. */
void l4r_peak_rate_set(struct l4r_peak_rate *search, int passed);
/* Ends the search because no lower rate can pass. Pure. */
void l4r_peak_rate_stop(struct l4r_peak_rate *search, const char *why);

#endif
