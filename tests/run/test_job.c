/* SPDX-License-Identifier: BSD-3-Clause */
/* A job is read back as it was put, and every member of it is checked. */
#include "bench/run/job.h"
#include "bench/run/session/requests.h"
#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct l4r_bundle bundle;

static void put(void) {
  const struct l4r_job job = {.task = L4R_TASK_ROUND,
                              .scenario = L4R_SERVER,
                              .arm = "blis@m",
                              .data = "d",
                              .pin = {.asked = "core", .threads = 2, .processor = {1, 3}},
                              .k = 20,
                              .batch = 1,
                              .rate = 10,
                              .min_seconds = .5,
                              .seed = 7,
                              .counters = "none"};
  cr_assert_eq(l4r_bundle_init(&bundle), 0);
  cr_assert_eq(l4r_job_put(&job, &bundle), 0);
}

Test(job, comes_back_as_it_was) {
  struct l4r_job job;
  put();
  cr_assert_eq(l4r_job_get(&bundle, &job), 0, "%s", l4r_error_message());
  cr_assert_eq(job.pin.threads, 2);
  cr_assert_eq(job.pin.processor[1], 3);
  cr_assert_eq(job.seed, 7);
  cr_assert_float_eq(job.rate, 10, 1e-12);
  l4r_bundle_free(&bundle);
}

static void refused(const char *key, json_t *value) {
  struct l4r_job job;
  char named[64];
  put();
  if (value)
    json_object_set_new(bundle.meta, key, value);
  else
    json_object_del(bundle.meta, key);
  cr_expect_eq(l4r_job_get(&bundle, &job), L4R_INPUT, "%s", key);
  snprintf(named, sizeof named, "\"%s\"", key);
  cr_expect(strstr(l4r_error_message(), named), "%s: %s", key, l4r_error_message());
  l4r_bundle_free(&bundle);
}

Test(job, members_out_of_range_are_named) {
  json_t *many = json_array();
  for (int i = 0; i < L4R_PIN_THREADS + 1; i++) json_array_append_new(many, json_integer(i));
  refused("processors", many);
  refused("processors", json_array());
  refused("processors", json_pack("[i, s]", 1, "x"));
  refused("processors", json_pack("[i]", -1));
  refused("task", json_integer(L4R_TASKS));
  refused("task", json_integer(INT64_C(4294967296)));
  refused("scenario", json_integer(-1));
  refused("k", json_integer(0));
  refused("k", json_integer(INT64_MAX));
  refused("batch", json_integer(-4));
  refused("min_count", json_integer(-1));
  refused("min_seconds", json_real(-1));
  refused("rate", json_string("fast"));
  refused("round", json_integer(INT64_C(1) << 40));
  refused("bound", json_integer(2));
  refused("nodes", json_integer(-1));
  refused("counters", json_integer(1));
  refused("arm", NULL);
  refused("data", NULL);
  refused("seed", NULL);
  refused("shuffle", json_integer(2));
  refused("rankings", json_true());
  char *long_text = calloc(301, 1);
  memset(long_text, 'x', 300);
  refused("asked", json_string(long_text));
  free(long_text);
}

/* Two requests of one item each, one value changed. */
static int requests(const char *name, int64_t at, int64_t value) {
  static const char *const names[] = {"user", "role", "start", "item"};
  static const int64_t good[][3] = {{0, 1}, {0, 1}, {0, 1, 2}, {5, 6}};
  struct l4r_requests read;
  cr_assert_eq(l4r_bundle_init(&bundle), 0);
  for (int n = 0; n < 4; n++) {
    int64_t *array = l4r_bundle_add(&bundle, names[n], n == 2 ? 3 : 2);
    memcpy(array, good[n], (n == 2 ? 3 : 2) * sizeof *array);
    if (name && !strcmp(name, names[n])) array[at] = value;
  }
  const int status = l4r_requests_read(&bundle, &read);
  if (!status) l4r_requests_free(&read);
  l4r_bundle_free(&bundle);
  return status;
}

Test(job, requests_that_point_outside_are_refused) {
  cr_expect_eq(requests(NULL, 0, 0), L4R_OK, "%s", l4r_error_message());
  cr_expect_eq(requests("user", 0, -1), L4R_INPUT);
  cr_expect_eq(requests("role", 0, -5), L4R_INPUT);
  cr_expect_eq(requests("role", 1, L4R_ROLES), L4R_INPUT);
  cr_expect_eq(requests("start", 0, 1), L4R_INPUT);
  cr_expect_eq(requests("start", 1, 9), L4R_INPUT);
  cr_expect_eq(requests("start", 2, 3), L4R_INPUT);
  cr_expect_eq(requests("item", 0, 0), L4R_INPUT);
  cr_expect_eq(requests("item", 1, INT64_C(1) << 40), L4R_INPUT);
}
