/* SPDX-License-Identifier: BSD-3-Clause */
/* Engines made for tests: an honest one, and those that a harness must catch. */
#ifndef L4R_TESTS_RED_ENGINES_H
#define L4R_TESTS_RED_ENGINES_H

#include "impl/engine.h"

/* Scores items by a hash of the newest item; knows one option, cost=MICROSECONDS (20). */
extern const struct l4r_engine red_honest;
extern const struct l4r_engine red_ranker;    /* the same without score() */
extern const struct l4r_engine red_slow;      /* takes a hundred times longer */
extern const struct l4r_engine red_cache;     /* keeps answers by user */
extern const struct l4r_engine red_two_faced; /* scores rightly, recommends otherwise */
extern const struct l4r_engine red_late;      /* answers rightly only at first */
extern const struct l4r_engine red_kernel;    /* claims kernels that BLIS does not run */
extern const struct l4r_engine red_fallback;  /* says fp32 whatever precision was asked for */
extern const struct l4r_engine red_drifting;  /* describes other kernels once it has served long */
extern const struct l4r_engine red_equal;     /* one score for all */
extern const struct l4r_engine red_leak;      /* reads test.txt */
extern const struct l4r_engine red_wanderer;  /* leaves the processor it was bound to */
extern const struct l4r_engine red_crash;     /* dies after a while */
extern const struct l4r_engine red_order;     /* breaks ties its own way */
extern const struct l4r_engine red_twice;     /* ranks an item twice */
extern const struct l4r_engine red_rising;    /* ranks the worst of its best first */
extern const struct l4r_engine red_no_number; /* gives a NaN for a score */
extern const struct l4r_engine red_outside;   /* ranks an item that is not in the catalogue */
/* Knows the next item of the test's small data (a few behind the newest), and the same with its
 * scores turned round: nothing is inconsistent in it, it only ranks wrongly. */
extern const struct l4r_engine red_neighbour, red_backwards;

#endif
