/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of `info` from figures that no machine need measure. */
#include "bench/commands/info_ceilings.h"
#include "bench/commands/info_counters.h"
#include "bench/commands/info_gemm.h"
#include "impl/base/error.h"
#include "tests/support/golden.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>

static char *text;
static size_t bytes;

static struct l4r_sheet begin(const struct l4r_printer *printer) {
  struct l4r_sheet sheet;
  FILE *stream = open_memstream(&text, &bytes);
  cr_assert(stream);
  l4r_sheet_begin(&sheet, printer, stream, "info");
  return sheet;
}

static void is_golden(struct l4r_sheet *sheet, const char *name) {
  cr_assert_eq(l4r_sheet_end(sheet, L4R_OK), L4R_OK, "%s", l4r_error_message());
  fclose(sheet->stream);
  test_golden(name, text);
  free(text);
}

static json_t *json(const char *content) {
  json_error_t error;
  json_t *value = json_loads(content, 0, &error);
  cr_assert(value, "%s", error.text);
  return value;
}

static const char libraries[] =
    "[{\"name\": \"BLIS\", \"version\": \"0.9.0\", \"path\": \"/usr/lib/libblis.so.4\", \"sha256\":"
    " \"0123456789abcdef0123456789abcdef\", \"note\": \"one thread: install libblis4-pthread\"},"
    "{\"name\": \"OpenBLAS\", \"version\": \"0.3.21\", \"path\": \"/usr/lib/libopenblas.so.0\","
    " \"sha256\": null, \"note\": \"\"}]";
static const char products[] =
    "[{\"weights\": \"q, k, v\", \"threads\": 1, \"m\": 1, \"n\": 192, \"k\": 64, \"gflops\": "
    "12.34,"
    " \"differs\": 1e-7, \"libraries\": [{\"name\": \"BLIS\", \"gflops\": 4.5, \"ratio\": 2.742},"
    " {\"name\": \"OpenBLAS\", \"gflops\": 9.96, \"ratio\": 1.239}]},"
    "{\"weights\": \"head\", \"threads\": 2, \"m\": 64, \"n\": 3416, \"k\": 64, \"gflops\": 212.0,"
    " \"differs\": 2.5e-7, \"libraries\": [{\"name\": \"BLIS\", \"gflops\": 100.0, \"ratio\": "
    "2.12},"
    " {\"name\": \"OpenBLAS\", \"gflops\": 180.0, \"ratio\": 1.178}]}]";

Test(info, products_stand_beside_those_of_the_libraries) {
  json_t *list = json(libraries), *rows = json(products);
  struct l4r_sheet sheet = begin(&l4r_print_markdown);
  l4r_info_gemm_print(&sheet, list, rows);
  is_golden(&sheet, "gemm.md");
  sheet = begin(&l4r_print_text);
  l4r_info_gemm_print(&sheet, list, rows);
  is_golden(&sheet, "gemm.txt");
  json_decref(list);
  json_decref(rows);
}

Test(info, ceilings_and_what_is_reached_of_them) {
  json_t *ceilings = json(
      "[{\"threads\": 1, \"sgemm_gflops\": 106.25, \"fma_gflops\": 115.5, \"bf16_gflops\": null,"
      " \"int8_gops\": 451.0, \"read\": [{\"from\": \"L1\", \"bytes_a_worker\": 16000, "
      "\"gb_per_s\":"
      " 230.4}, {\"from\": \"DRAM\", \"bytes_a_worker\": 256000000, \"gb_per_s\": 21.0}]}]");
  json_t *shares = json(
      "[{\"size\": \"t5-small\", \"batch\": 64, \"threads\": 2, \"users_per_second\":"
      " 38.25, \"gflops\": 180.5, \"sgemm_gflops\": 212.0, \"share\": 0.8514}]");
  const char *const lacks[3] = {NULL, "no bf16", NULL};
  struct l4r_sheet sheet = begin(&l4r_print_text);
  l4r_info_ceilings_print(&sheet, "zen", lacks, ceilings, shares);
  is_golden(&sheet, "ceilings.txt");
  sheet = begin(&l4r_print_markdown);
  l4r_info_ceilings_print(&sheet, "zen", lacks, ceilings, shares);
  is_golden(&sheet, "ceilings.md");
  json_decref(ceilings);
  json_decref(shares);
}

Test(info, groups_of_counters) {
  json_t *group = json(
      "{\"name\": \"cache\", \"about\": \"where fills come from\", \"family\": \"zen5\", \"cpus\":"
      " \"AuthenticAMD 26\", \"explanation\": \"as zen4\\nand so on\\n\", \"passes\": 2,"
      " \"events\": [{\"name\": \"cycles\", \"counts\": true, \"source\": \"hardware\", \"event\":"
      " \"PAPI_TOT_CYC\", \"reason\": null}, {\"name\": \"fills\", \"counts\": false, \"source\":"
      " \"absent\", \"event\": null, \"reason\": \"no PMU\"}], \"metrics\": [{\"name\": \"IPC\","
      " \"formula\": \"instructions / cycles\", \"unit\": \"1\", \"counts\": false, \"reason\":"
      " \"x\"}, {\"name\": \"CPI\", \"formula\": \"cycles / 2\", \"unit\": \"cycles\", \"counts\":"
      " true, \"reason\": null}]}");
  struct l4r_sheet sheet = begin(&l4r_print_text);
  l4r_info_group_print(&sheet, group);
  is_golden(&sheet, "counters.txt");
  sheet = begin(&l4r_print_markdown);
  l4r_info_group_print(&sheet, group);
  is_golden(&sheet, "counters.md");
  json_decref(group);
}
