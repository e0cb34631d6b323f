/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs of registered engines on a small data set drawn for the test. Everything asserts. */
#ifndef L4R_TESTS_SUPPORT_RUNS_H
#define L4R_TESTS_SUPPORT_RUNS_H

#include "bench/run/run.h"

enum { TEST_USERS = 400, TEST_ITEMS = 80 };

/* Writes a data set of TEST_USERS users over TEST_ITEMS items into the scratch folder; its path. */
const char *test_small_data(void);
/* The same, and beside it a trained `pop` in "model": the scratch folder's path, made once a test.
 */
const char *test_small_model(void);

/* Options of a short run (2 rounds, 1 thread, unpinned, 60 users) over the engines given, which end
 * with NULL; they are registered, and arms are named ENGINE@model and their model folders do not
 * exist. */
struct l4r_run_options test_run_options(struct l4r_arm *arms, ...);

#endif
