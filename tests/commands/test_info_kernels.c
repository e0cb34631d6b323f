/* SPDX-License-Identifier: BSD-3-Clause */
/* `lite4rec info MODEL`: by which kernels a model is served here. */
#include "bench/commands/info/kernels.h"

#include "bench/commands/commands.h"
#include "impl/base/error.h"
#include "impl/blis/choice.h"
#include "tests/support/command.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define info(...) test_run(l4r_command_info, "info", __VA_ARGS__)

static const char *lite_model(void) {
  setenv("XDG_CACHE_HOME", test_path("cache"), 1);
  struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", 9, 160);
  return test_model("lite", &config, 1);
}

static json_t *asked(const char *model) {
  cr_assert_eq(info(model, "--json", NULL), L4R_OK, "%s", l4r_error_message());
  json_error_t error;
  json_t *root = json_loads(test_read("out"), 0, &error);
  cr_assert(root, "%s", error.text);
  json_t *kernels = json_incref(json_object_get(root, "kernels"));
  cr_assert(kernels, "%s", test_read("out"));
  json_decref(root);
  return kernels;
}

static const char *text_of(const json_t *object, const char *key) {
  return json_string_value(json_object_get(object, key));
}

/* What an arm of that precision would take, in a process that comes after. */
Test(info_kernels, says_what_an_arm_takes_and_from_which_figures) {
  const char *model = lite_model();
  json_t *root = asked(model), *choice;
  size_t i;
  cr_expect_gt(json_array_size(json_object_get(root, "products")), 2);
  cr_assert_eq(json_array_size(json_object_get(root, "choices")), L4R_PRECISIONS);
  json_array_foreach(json_object_get(root, "choices"), i, choice) {
    cr_expect_str_eq(text_of(choice, "precision"), l4r_precision_name((enum l4r_precision)i));
    if (json_object_get(choice, "absent")) continue;
    const json_t *measured = json_object_get(choice, "measured");
    size_t m, found = 0;
    json_t *one;
    json_array_foreach(measured, m, one) {
      found += !strcmp(text_of(one, "kernel"), text_of(choice, "kernel"));
      cr_expect_geq(json_number_value(json_object_get(one, "ns")), 0);
    }
    if (json_array_size(measured))
      cr_expect_eq(found, 1, "%s", text_of(choice, "kernel"));
    else
      cr_expect_str_eq(text_of(choice, "chosen"), "only");
  }
  l4r_choice_forget(); /* as another process would: from the cache folder */
  json_t *later = asked(model);
  json_array_foreach(json_object_get(later, "choices"), i, choice) {
    const json_t *before = json_array_get(json_object_get(root, "choices"), i);
    if (json_object_get(choice, "absent")) continue;
    cr_expect_str_eq(text_of(choice, "kernel"), text_of(before, "kernel"));
    if (json_array_size(json_object_get(choice, "measured")))
      cr_expect_str_eq(text_of(choice, "chosen"), "remembered");
  }
  json_decref(root);
  json_decref(later);
}

Test(info_kernels, are_told_on_the_page) {
  json_error_t error;
  json_t *root = json_loads(
      "{\"cache\": \"/home/a/.cache/lite4rec/\", \"products\": [{}, {}, {}], \"choices\": ["
      "{\"precision\": \"fp32\", \"isa\": \"avx512\", \"kernel\": \"avx-512-multiply-adds\", "
      "\"chosen\": \"measured\", \"measured\": [{\"kernel\": \"avx-512-multiply-adds\", \"ns\": "
      "123456.0}, {\"kernel\": \"avx2-multiply-adds\", \"ns\": 234567.0}, {\"kernel\": "
      "\"portable-multiply-adds\", \"ns\": 0.0}]},"
      "{\"precision\": \"bf16\", \"isa\": \"avx512\", \"kernel\": \"avx512-bf16\", \"chosen\": "
      "\"remembered\", \"measured\": [{\"kernel\": \"avx512-bf16\", \"ns\": 61234.0}]},"
      "{\"precision\": \"int8\", \"isa\": \"avx512\", \"kernel\": \"avx512-vnni\", \"chosen\": "
      "\"only\", \"measured\": []},"
      "{\"precision\": \"bf16x3\", \"absent\": \"precision=bf16x3: no instructions\"}]}",
      0, &error);
  cr_assert(root, "%s", error.text);
  char *text;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  l4r_info_kernels_print(stream, root);
  fclose(stream);
  test_golden("info-kernels.txt", text);
  free(text);
  json_decref(root);
}
