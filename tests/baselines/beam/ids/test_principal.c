/* SPDX-License-Identifier: BSD-3-Clause */
/* Principal components of points whose directions are known. */
#include "baselines/beam/ids/principal.h"

#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { COUNT = 40, WIDTH = 6 };

/* Two directions with variances of 9 and 4 to 1, in six numbers, and a mean far away. */
static void make_points(float *point, double (*plane)[2]) {
  static const double first[WIDTH] = {.6, 0, .8, 0, 0, 0}, second[WIDTH] = {0, .6, 0, 0, 0, -.8};
  struct l4r_random random;
  l4r_random_stream(&random, 1, 2, 3);
  for (int i = 0; i < COUNT; i++) {
    plane[i][0] = 3 * l4r_random_normal(&random);
    plane[i][1] = 2 * l4r_random_normal(&random);
    for (int d = 0; d < WIDTH; d++)
      point[i * WIDTH + d] = (float)(100 + plane[i][0] * first[d] + plane[i][1] * second[d]);
  }
}

static double apart(const double *a, const double *b, int width) {
  double sum = 0;
  for (int d = 0; d < width; d++) sum += (a[d] - b[d]) * (a[d] - b[d]);
  return sqrt(sum);
}

Test(principal, distances_in_the_plane_of_all_points_are_theirs) {
  float point[COUNT * WIDTH];
  double plane[COUNT][2], two[COUNT * 2], four[COUNT * 4];
  struct l4r_random random;
  make_points(point, plane);
  struct l4r_principal_spec spec = {.count = COUNT, .width = WIDTH, .point = point, .kept = 2};
  l4r_random_stream(&random, 7, 0, 0);
  cr_assert_eq(l4r_principal(&spec, &random, two), L4R_OK);
  spec.kept = 4; /* two more than the points have, but for the rounding of floats */
  l4r_random_stream(&random, 8, 0, 0);
  cr_assert_eq(l4r_principal(&spec, &random, four), L4R_OK);
  for (int a = 0; a < COUNT; a++)
    for (int b = 0; b < a; b++) {
      const double want = apart(plane[a], plane[b], 2);
      cr_assert_float_eq(apart(two + 2 * a, two + 2 * b, 2), want, 1e-4, "%d, %d", a, b);
      cr_assert_float_eq(apart(four + 4 * a, four + 4 * b, 4), want, 1e-4, "%d, %d", a, b);
    }
}

Test(principal, one_component_is_the_widest_and_threads_change_no_bit) {
  float point[COUNT * WIDTH];
  double plane[COUNT][2], one[COUNT], other[COUNT], along = 0, both = 0, square = 0, mean = 0;
  struct l4r_random random;
  struct l4r_team *team;
  make_points(point, plane);
  struct l4r_principal_spec spec = {.count = COUNT, .width = WIDTH, .point = point, .kept = 1};
  l4r_random_stream(&random, 7, 0, 0);
  cr_assert_eq(l4r_principal(&spec, &random, one), L4R_OK);
  cr_assert_eq(l4r_team_create(3, NULL, &team), L4R_OK);
  spec.team = team;
  l4r_random_stream(&random, 7, 0, 0);
  cr_assert_eq(l4r_principal(&spec, &random, other), L4R_OK);
  cr_expect_eq(memcmp(one, other, sizeof one), 0);
  for (int i = 0; i < COUNT; i++) mean += plane[i][0] / COUNT;
  for (int i = 0; i < COUNT; i++) {
    along += one[i] * (plane[i][0] - mean);
    square += (plane[i][0] - mean) * (plane[i][0] - mean);
    both += one[i] * one[i];
  }
  cr_expect_gt(fabs(along), .95 * sqrt(square * both), "it points along the wider direction");
  cr_expect_geq(both, square * (1 - 1e-6), "no direction has a larger variance");
  l4r_team_free(team);
}

Test(principal, equal_points_have_no_direction) {
  const float point[] = {3, 1, 3, 1, 3, 1};
  double out[3] = {5, 5, 5};
  struct l4r_random random;
  l4r_random_stream(&random, 1, 1, 1);
  const struct l4r_principal_spec spec = {.count = 3, .width = 2, .point = point, .kept = 1};
  cr_assert_eq(l4r_principal(&spec, &random, out), L4R_OK);
  for (int i = 0; i < 3; i++) cr_expect(out[i] >= 0 && out[i] <= 0, "%g", out[i]);
}
