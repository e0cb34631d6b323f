/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/peak_rate.h"

#include <math.h>
#include <string.h>

const double l4r_peak_rate_tolerance = 1.05;
static const double up = 1.5, down = .5;

void l4r_peak_rate_begin(struct l4r_peak_rate *search, double first) {
  memset(search, 0, sizeof *search);
  search->next = first;
}

void l4r_peak_rate_set(struct l4r_peak_rate *search, int passed) {
  if (passed)
    search->passed = search->next;
  else
    search->failed = search->next;
  search->trials++;
  if (search->passed > 0 && search->failed > 0) {
    search->next = sqrt(search->passed * search->failed);
    if (search->failed <= l4r_peak_rate_tolerance * search->passed)
      search->stopped = "within tolerance";
  } else {
    search->next *= passed ? up : down;
  }
  if (!search->stopped && search->trials >= L4R_PEAK_RATE_TRIALS)
    search->stopped = "limit of trials";
}

void l4r_peak_rate_stop(struct l4r_peak_rate *search, const char *why) {
  search->stopped = why;
}
