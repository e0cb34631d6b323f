/* SPDX-License-Identifier: BSD-3-Clause */
/* How far the figures of hosts lie apart, and which of them is off. */
#ifndef L4R_BENCH_FLEET_SPREAD_H
#define L4R_BENCH_FLEET_SPREAD_H

/* The median absolute deviation, times 1.4826, estimates the standard deviation of normal figures,
 * and half of them may be wrong without moving it (Leys et al., Detecting outliers: do not use
 * standard deviation around the mean, use absolute deviation around the median, 2013, whose cut of
 * 3 this is). Two figures have none that is off. */
enum { L4R_SPREAD_HOSTS = 3 }; /* from so many on a host can be off */
#define L4R_SPREAD_CUT 3.

struct l4r_spread {
  int measured;  /* figures that are there */
  double median; /* NaN without any */
  double range;  /* (largest - smallest) / median */
  double sigma;  /* 1.4826 times the median absolute deviation; NaN below L4R_SPREAD_HOSTS */
  int typical;   /* the place of the figure nearest to the median, the first of equals; -1: none */
};

/* Of value[count], positive, NaN where a host has none. L4R_ENVIRONMENT without memory. */
int l4r_spread_of(const double *value, int count, struct l4r_spread *spread);

/* How many sigmas a figure is above the median; 0 where it is the median, infinite where the others
 * do not differ at all; NaN where there is no sigma or no figure. Pure. */
double l4r_spread_sigmas(const struct l4r_spread *spread, double value);

/* 1 when a figure is off: by more than L4R_SPREAD_CUT sigmas, and its interval beside the typical
 * host's, a ratio [lo, hi] of the two, leaves out equality. Of three
 * good hosts with normal figures the cut alone calls each off in 11 of 100 cases, because three say
 * little of how they vary; rounds that do not tell it from the typical one acquit it, and without
 * an interval (NaN) nobody is off. Pure. */
int l4r_spread_is_off(const struct l4r_spread *spread, double value, double lo, double hi);

#endif
