/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/knee.h"

#include <math.h>
#include <string.h>

const double l4r_knee_tolerance = 1.05;
static const double up = 1.5, down = .5;

void l4r_knee_begin(struct l4r_knee *knee, double first) {
  memset(knee, 0, sizeof *knee);
  knee->next = first;
}

void l4r_knee_tell(struct l4r_knee *knee, int passed) {
  if (passed)
    knee->passed = knee->next;
  else
    knee->failed = knee->next;
  knee->trials++;
  if (knee->passed > 0 && knee->failed > 0) {
    knee->next = sqrt(knee->passed * knee->failed);
    if (knee->failed <= l4r_knee_tolerance * knee->passed) knee->stopped = "within tolerance";
  } else {
    knee->next *= passed ? up : down;
  }
  if (!knee->stopped && knee->trials >= L4R_KNEE_TRIALS) knee->stopped = "limit of trials";
}

void l4r_knee_give_up(struct l4r_knee *knee, const char *why) {
  knee->stopped = why;
}
