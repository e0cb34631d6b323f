/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of ceilings: what info writes is read; what is damaged, of another kind or of another
 * version is refused with what to do. */
#include "bench/ceiling/file.h"
#include "impl/base/error.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <string.h>

#define ROW(threads, fp32, l3)                                                                     \
  "{\"threads\": " #threads ", \"best\": {\"fp32\": {\"gops\": " #fp32                             \
  ", \"instructions\": \"AVX-512\"}, \"bf16\": {\"gops\": 900, \"instructions\": \"AMX-BF16\"}},"  \
  " \"read\": [{\"from\": \"L3\", \"gb_per_s\": " #l3 "}]}"
#define FILE_OF(version, rows)                                                                     \
  "{\"format\": \"lite4rec ceilings\", \"version\": " #version                                     \
  ", \"manifest\": {\"cpu\": \"Some Xeon\", \"machine_key\": \"ab\"}, \"ceilings\": [" rows "]}"

static int read_text(const char *text, struct l4r_ceilings *ceilings) {
  return l4r_ceilings_read(test_file("ceilings.json", text), ceilings);
}

Test(ceilings_file, is_read_and_reaches_between_its_thread_counts) {
  struct l4r_ceilings c;
  double value;
  cr_assert_eq(read_text(FILE_OF(2, ROW(8, 800, 80) "," ROW(1, 150, 20)), &c), 0, "%s",
               l4r_error_message());
  cr_expect_str_eq(c.cpu, "Some Xeon");
  cr_expect_str_eq(c.machine_key, "ab");
  cr_assert_eq(c.count, 2);
  cr_assert_eq(l4r_ceilings_peak(&c, L4R_PEAK_FP32, 1, &value), 0);
  cr_expect_eq(value, 150);
  cr_assert_eq(l4r_ceilings_peak(&c, L4R_PEAK_FP32, 8, &value), 0);
  cr_expect_eq(value, 800);
  cr_assert_eq(l4r_ceilings_peak(&c, L4R_PEAK_FP32, 4, &value), 0);
  cr_expect_float_eq(value, 150 + 3. / 7 * 650, 1e-9);
  cr_assert_eq(l4r_ceilings_reading(&c, 2, 8, &value), 0);
  cr_expect_eq(value, 80);
  cr_assert_eq(l4r_ceilings_reading(&c, 0, 8, &value), 0);
  cr_expect_eq(value, 0, "no first level in the file");
  cr_expect_eq(l4r_ceilings_peak(&c, L4R_PEAK_FP32, 9, &value), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "1 to 8 threads"), "%s", l4r_error_message());
  cr_expect_eq(l4r_ceilings_peak(&c, L4R_PEAK_INT8, 1, &value), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "no ceiling of int8"), "%s", l4r_error_message());
}

/* Those under results/ of before there were versions. */
Test(ceilings_file, of_before_there_were_versions_is_understood) {
  struct l4r_ceilings c;
  cr_assert_eq(
      read_text("{\"blis\": \"skx\", \"ceilings\": [{\"threads\": 2, \"sgemm_gflops\": 90, "
                "\"fma_gflops\": 100, \"bf16_gflops\": 80, \"int8_gops\": null}]}",
                &c),
      0, "%s", l4r_error_message());
  cr_expect_eq(c.at[0].gops[L4R_PEAK_FP32], 100);
  cr_expect_eq(c.at[0].gops[L4R_PEAK_BF16], 100, "fp32 instructions were faster");
  cr_expect_eq(c.at[0].gops[L4R_PEAK_INT8], 100);
  cr_expect_eq(c.at[0].gops[L4R_PEAK_BF16X3], 0);
}

Test(ceilings_file, what_is_none_is_refused_with_what_to_do) {
  static const struct {
    const char *text, *says;
  } cases[] = {
      {"", "not JSON"},
      {"{\"format\": \"lite4rec ceil", "the file is damaged"},
      {"[]", "holds no ceilings"},
      {"{}", "holds no ceilings"},
      {"{\"format\": \"something\", \"version\": 2}", "holds no ceilings"},
      {FILE_OF(3, ROW(1, 1, 1)), "version 3, and this program reads version 2"},
      {FILE_OF("two", ROW(1, 1, 1)), "version 0"},
      {FILE_OF(2, ""), "one to 8 rows"},
      {FILE_OF(2, ROW(0, 1, 1)), "names no number of threads"},
      {FILE_OF(2, ROW(-3, 1, 1)), "names no number of threads"},
      {FILE_OF(2, ROW(1, -5, 1)), "fp32 is no speed above 0"},
      {FILE_OF(2, ROW(1, "fast", 1)), "fp32 is no speed above 0"},
      {FILE_OF(2, ROW(1, 0, 1)), "fp32 is no speed above 0"},
      {FILE_OF(2, ROW(1, 1, 0)), "L3 is no speed above 0"},
      {FILE_OF(2, ROW(2, 1, 1) "," ROW(2, 1, 1)), "two rows of 2 threads"},
      {FILE_OF(2, "7"), "names no number of threads"},
  };
  struct l4r_ceilings c;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect_eq(read_text(cases[i].text, &c), L4R_INPUT, "%zu", i);
    cr_expect(strstr(l4r_error_message(), cases[i].says), "%zu: %s", i, l4r_error_message());
    cr_expect(strstr(l4r_error_message(), "info --ceilings --json"), "%zu: %s", i,
              l4r_error_message());
  }
  cr_expect_eq(l4r_ceilings_read(test_path("nowhere.json"), &c), L4R_INPUT);
}
