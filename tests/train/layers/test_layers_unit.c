/* SPDX-License-Identifier: BSD-3-Clause */
/* Unit rows in double: lengths, and the way back against central finite differences. */
#define L4R_DOUBLE
#include "impl/train/layers/unit.h"

#include <criterion/criterion.h>
#include <math.h>

enum { ROWS = 3, WIDTH = 19 };

struct problem {
  double x[ROWS * WIDTH], unit[ROWS * WIDTH], inverse[ROWS], d[ROWS * WIDTH], d_x[ROWS * WIDTH];
};

/* The middle row is zero. */
static void make(struct problem *p) {
  *p = (struct problem){0};
  for (int i = 0; i < ROWS * WIDTH; i++) {
    p->x[i] = i / WIDTH == 1 ? 0 : sin(3 * i + 1);
    p->d[i] = cos(5 * i);
  }
}

static double value(struct problem *p) {
  double sum = 0;
  l4r_unit_rows(ROWS, WIDTH, p->x, p->unit, p->inverse);
  for (int i = 0; i < ROWS * WIDTH; i++) sum += p->d[i] * p->unit[i];
  return sum;
}

Test(layers_unit, rows_have_length_one_and_zeros_stay) {
  struct problem p;
  make(&p);
  value(&p);
  for (int row = 0; row < ROWS; row++) {
    double squares = 0;
    for (int i = 0; i < WIDTH; i++) squares += p.unit[row * WIDTH + i] * p.unit[row * WIDTH + i];
    cr_expect_float_eq(squares, row != 1, 1e-14);
  }
  cr_expect_eq(p.inverse[1], 0);
}

Test(layers_unit, gradients_agree_with_finite_differences) {
  struct problem p;
  make(&p);
  value(&p);
  l4r_unit_rows_back(ROWS, WIDTH, p.unit, p.inverse, p.d, 0, p.d_x);
  for (int i = 0; i < ROWS * WIDTH; i++) {
    const double kept = p.x[i], step = 1e-6;
    if (i / WIDTH == 1) {
      cr_expect_eq(p.d_x[i], 0, "a row of zeros has no gradient");
      continue;
    }
    p.x[i] = kept + step;
    const double up = value(&p);
    p.x[i] = kept - step;
    cr_expect_float_eq(p.d_x[i], (up - value(&p)) / (2 * step), 1e-8);
    p.x[i] = kept;
  }
  value(&p);
  double twice[ROWS * WIDTH];
  for (int i = 0; i < ROWS * WIDTH; i++) twice[i] = 2 * p.d_x[i];
  l4r_unit_rows_back(ROWS, WIDTH, p.unit, p.inverse, p.d, 1, p.d_x);
  cr_expect_arr_eq(p.d_x, twice, sizeof twice, "added");
  l4r_unit_rows_back(ROWS, WIDTH, p.unit, p.inverse, p.d, 0, p.d);
  for (int i = 0; i < ROWS * WIDTH; i++) cr_expect_eq(2 * p.d[i], twice[i], "in place");
}
