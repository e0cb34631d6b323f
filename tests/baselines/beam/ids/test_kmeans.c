/* SPDX-License-Identifier: BSD-3-Clause */
/* k-means against tests/oracle/semantic.py, and that the number of threads changes nothing. */
#include "baselines/beam/ids/kmeans.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

static json_t *read_oracle(void) {
  json_error_t error;
  json_t *root = json_load_file("tests/golden/semantic.json", 0, &error);
  cr_assert(root, "tests/golden/semantic.json: %s", error.text);
  return root;
}

static int64_t whole(const json_t *object, const char *key) {
  return json_integer_value(json_object_get(object, key));
}

struct clusters {
  double *point, *centre;
  int32_t *label;
  int64_t count, width, made;
};

static void make(const json_t *on, struct l4r_team *team, struct clusters *of) {
  const json_t *rows = json_object_get(on, "point");
  of->count = (int64_t)json_array_size(rows);
  of->width = (int64_t)json_array_size(json_array_get(rows, 0));
  of->point = l4r_alloc((size_t)(of->count * of->width), sizeof(double), "test");
  of->centre = l4r_alloc((size_t)(whole(on, "clusters") * of->width), sizeof(double), "test");
  of->label = l4r_alloc((size_t)of->count, sizeof *of->label, "test");
  for (int64_t i = 0; i < of->count * of->width; i++)
    of->point[i] = json_number_value(
        json_array_get(json_array_get(rows, (size_t)(i / of->width)), (size_t)(i % of->width)));
  const struct l4r_kmeans_spec spec = {.count = of->count,
                                       .width = of->width,
                                       .point = of->point,
                                       .clusters = whole(on, "clusters"),
                                       .team = team};
  struct l4r_random random;
  l4r_random_stream(&random, (uint64_t)whole(on, "seed"), (uint64_t)whole(on, "stream"), 0);
  cr_assert_eq(l4r_kmeans(&spec, &random, of->centre, of->label, &of->made), L4R_OK, "%s",
               l4r_error_message());
}

static void release(struct clusters *of) {
  l4r_free(of->point);
  l4r_free(of->centre);
  l4r_free(of->label);
}

Test(kmeans, equals_the_oracle_also_where_clusters_empty_and_points_are_few) {
  json_t *root = read_oracle();
  size_t c;
  json_t *on;
  json_array_foreach(json_object_get(root, "kmeans"), c, on) {
    const char *name = json_string_value(json_object_get(on, "name"));
    const json_t *labels = json_object_get(on, "label"), *centres = json_object_get(on, "centre");
    struct clusters got;
    make(on, NULL, &got);
    cr_assert_eq(got.made, (int64_t)json_array_size(centres), "%s", name);
    for (int64_t i = 0; i < got.count; i++)
      cr_assert_eq(got.label[i], json_integer_value(json_array_get(labels, (size_t)i)),
                   "%s, point %d", name, (int)i);
    for (int64_t i = 0; i < got.made * got.width; i++) {
      const json_t *row = json_array_get(centres, (size_t)(i / got.width));
      const double want = json_number_value(json_array_get(row, (size_t)(i % got.width)));
      cr_assert_float_eq(got.centre[i], want, 1e-12 * (1 + fabs(want)), "%s, centre %d", name,
                         (int)(i / got.width));
    }
    release(&got);
  }
  cr_expect_eq(c, 3);
  json_decref(root);
}

Test(kmeans, is_the_same_bit_for_bit_on_any_number_of_threads) {
  json_t *root = read_oracle();
  const json_t *on = json_array_get(json_object_get(root, "kmeans"), 1);
  struct clusters alone;
  make(on, NULL, &alone);
  for (int threads = 2; threads <= 5; threads += 3) {
    struct l4r_team *team;
    struct clusters shared;
    cr_assert_eq(l4r_team_create(threads, NULL, &team), L4R_OK);
    make(on, team, &shared);
    cr_expect_eq(shared.made, alone.made);
    cr_expect_eq(memcmp(shared.label, alone.label, (size_t)alone.count * sizeof *alone.label), 0);
    cr_expect_eq(memcmp(shared.centre, alone.centre,
                        (size_t)(alone.made * alone.width) * sizeof *alone.centre),
                 0);
    l4r_team_free(team);
    release(&shared);
  }
  release(&alone);
  json_decref(root);
}

Test(kmeans, one_cluster_is_the_mean_and_equal_points_are_one) {
  const double point[] = {1, 2, 3, 4, 5, 9};
  const double equal[] = {7, 7, 7};
  double centre[4];
  int32_t label[3];
  int64_t made;
  struct l4r_random random;
  l4r_random_stream(&random, 1, 2, 3);
  struct l4r_kmeans_spec spec = {.count = 3, .width = 2, .point = point, .clusters = 1};
  cr_assert_eq(l4r_kmeans(&spec, &random, centre, label, &made), L4R_OK);
  cr_expect_eq(made, 1);
  cr_expect_float_eq(centre[0], 3, 1e-15);
  cr_expect_float_eq(centre[1], 5, 1e-15);
  spec = (struct l4r_kmeans_spec){.count = 3, .width = 1, .point = equal, .clusters = 3};
  cr_assert_eq(l4r_kmeans(&spec, &random, centre, label, &made), L4R_OK);
  cr_expect_eq(made, 1);
  cr_expect(centre[0] >= 7 && centre[0] <= 7);
  for (int i = 0; i < 3; i++) cr_expect_eq(label[i], 0);
}
