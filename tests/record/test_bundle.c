/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/bundle.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "tests/support/files.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct l4r_bundle sample(void) {
  struct l4r_bundle bundle;
  cr_assert_eq(l4r_bundle_init(&bundle), 0);
  json_object_set_new(bundle.meta, "name", json_string("\xc3\xa4"));
  int64_t *ns = l4r_bundle_add(&bundle, "ns", 3);
  ns[0] = INT64_MIN;
  ns[1] = -1;
  ns[2] = INT64_MAX;
  cr_assert(l4r_bundle_add(&bundle, "nothing", 0));
  return bundle;
}

static void same(const struct l4r_bundle *a, const struct l4r_bundle *b) {
  cr_assert(json_equal(a->meta, b->meta));
  cr_assert_eq(a->arrays, b->arrays);
  for (int i = 0; i < a->arrays; i++) {
    cr_assert_str_eq(a->array[i].name, b->array[i].name);
    cr_assert_eq(a->array[i].count, b->array[i].count);
    cr_assert_eq(memcmp(a->array[i].value, b->array[i].value, 8 * (size_t)a->array[i].count), 0);
  }
}

Test(bundle, comes_back_plain_and_stored) {
  struct l4r_bundle out, in = sample();
  cr_assert_eq(l4r_bundle_write(&in, test_path("plain")), 0);
  cr_assert_eq(l4r_bundle_read(test_path("plain"), &out), 0, "%s", l4r_error_message());
  same(&in, &out);
  l4r_bundle_free(&out);
  char name[80], hash[65];
  cr_assert_eq(l4r_bundle_store(&in, test_folder(), name), 0);
  cr_assert_eq(l4r_sha256_file(test_path(name), hash), 0);
  cr_assert_eq(strncmp(name, hash, 64), 0);
  cr_assert_str_eq(name + 64, ".samples.gz");
  cr_assert_eq(l4r_bundle_read(test_path(name), &out), 0, "%s", l4r_error_message());
  same(&in, &out);
  cr_assert_null(l4r_bundle_find(&out, "none"));
  const struct l4r_array *array;
  test_fails(l4r_bundle_need(&out, "none", &array), L4R_INPUT, "'none'");
  cr_assert_eq(l4r_bits_float(l4r_float_bits(-1.5e-42f)), -1.5e-42f);
}

Test(bundle, damage_is_named) {
  struct l4r_bundle out = {0}, in = sample();
  cr_assert_eq(l4r_bundle_write(&in, test_path("plain")), 0);
  char *content;
  size_t bytes;
  cr_assert_eq(l4r_read_file(test_path("plain"), 0, &content, &bytes), 0);
  test_fails(l4r_bundle_read(test_bytes("cut", content, bytes - 5), &out), L4R_INPUT,
             "'ns' is cut short");
  char *longer = l4r_alloc(bytes + 8, 1, "test");
  memcpy(longer, content, bytes);
  test_fails(l4r_bundle_read(test_bytes("long", longer, bytes + 8), &out), L4R_INPUT,
             "8 bytes too long");
  test_fails(l4r_bundle_read(test_bytes("other", "{}\n", 3), &out), L4R_INPUT,
             "is not a file of samples");
  test_fails(l4r_bundle_read(test_bytes("schema", "L4RB {\"schema\":2,\"meta\":{}}\n", 29), &out),
             L4R_INPUT, "schema 1");
  test_fails(
      l4r_bundle_read(test_file("negative", "L4RB {\"schema\":1,\"meta\":{},\"arrays\":[{\"name\":"
                                            "\"a\",\"count\":-4}]}\n"),
                      &out),
      L4R_INPUT, "damaged");
  test_fails(l4r_bundle_read(test_path("absent"), &out), L4R_INPUT, "absent");
}
