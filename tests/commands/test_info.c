/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of `info` from figures that no machine need measure. */
#include "bench/commands/info/ceilings_print.h"
#include "bench/commands/info/counters.h"
#include "bench/commands/info/gemm.h"
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
    " \"sha256\": null, \"note\": \"\"},"
    "{\"name\": \"MKL\", \"absent\": \"libmkl_rt.so.2 is not installed: pip install mkl, or give "
    "its "
    "path in LITE4REC_MKL\"}]";
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

static const char ceilings[] =
    "{\"history\": 50, \"items\": 3416, \"rounds\": 5, \"load_average\": [0.25, 0, 0],"
    " \"machine\": {\"others_share\": 0.02}, \"ceilings\": ["
    "{\"threads\": 1, \"units\": ["
    "{\"precision\": \"fp32\", \"instructions\": \"AVX-512\", \"gops\": 165.25},"
    "{\"precision\": \"bf16\", \"instructions\": \"AVX512-BF16\", \"gops\": 86.5},"
    "{\"precision\": \"bf16\", \"instructions\": \"AMX-BF16\", \"absent\": \"this processor has no "
    "AMX-BF16\"}],"
    " \"best\": {\"fp32\": {\"gops\": 165.25, \"instructions\": \"AVX-512\"},"
    " \"bf16\": {\"gops\": 165.25, \"instructions\": \"AVX-512\"}},"
    " \"rivals\": [{\"name\": \"BLIS\", \"gflops\": 139.0, \"version\": \"0.9.0, kernels skx\","
    " \"note\": \"\"}, {\"name\": \"MKL\", \"absent\": \"libmkl_rt.so.2 is not installed\"}],"
    " \"read\": [{\"from\": \"L1\", \"bytes_a_worker\": 16000, \"gb_per_s\": 230.4}]},"
    "{\"threads\": 2, \"units\": ["
    "{\"precision\": \"fp32\", \"instructions\": \"AVX-512\", \"gops\": 330.5},"
    "{\"precision\": \"bf16\", \"instructions\": \"AVX512-BF16\", \"gops\": 173.0},"
    "{\"precision\": \"bf16\", \"instructions\": \"AMX-BF16\", \"absent\": \"this processor has no "
    "AMX-BF16\"}],"
    " \"best\": {\"fp32\": {\"gops\": 330.5, \"instructions\": \"AVX-512\"},"
    " \"bf16\": {\"gops\": 330.5, \"instructions\": \"AVX-512\"}},"
    " \"rivals\": [{\"name\": \"BLIS\", \"gflops\": 270.0, \"version\": \"0.9.0, kernels skx\","
    " \"note\": \"\"}, {\"name\": \"MKL\", \"absent\": \"libmkl_rt.so.2 is not installed\"}],"
    " \"read\": [{\"from\": \"DRAM\", \"bytes_a_worker\": 256000000, \"gb_per_s\": 21.0}]}],"
    " \"streams\": [{\"what\": \"one-row product\", \"precision\": \"fp32\", \"threads\": 2,"
    " \"from\": \"DRAM\", \"bytes\": 256000000, \"gb_per_s\": 20.0, \"share\": 0.952},"
    "{\"what\": \"head with top 70\", \"precision\": \"bf16\", \"threads\": 2, \"from\": \"L3\","
    " \"absent\": \"memory is short\"}],"
    " \"lite\": [{\"size\": \"t5-small\", \"precision\": \"fp32\", \"batch\": 64, \"threads\": 2,"
    " \"users_per_second\": 38.25, \"gflops\": 180.5, \"instructions\": \"AVX-512\", \"share\":"
    " 0.5461}, {\"size\": \"t5-small\", \"precision\": \"bf16\", \"batch\": 1, \"threads\": 2,"
    " \"users_per_second\": 99.5, \"gflops\": 470.5, \"instructions\": \"AVX-512\", \"share\":"
    " 1.4236}, {\"size\": \"t5-small\", \"precision\": \"bf16x3\", \"batch\": 1, \"threads\": 2,"
    " \"absent\": \"no such precision here\"}]}";

/* A share above what can be is no figure, and absent instructions say why. */
Test(info, ceilings_and_what_is_reached_of_them) {
  json_t *root = json(ceilings);
  struct l4r_sheet sheet = begin(&l4r_print_text);
  l4r_info_ceilings_print(&sheet, root);
  is_golden(&sheet, "ceilings.txt");
  sheet = begin(&l4r_print_markdown);
  l4r_info_ceilings_print(&sheet, root);
  is_golden(&sheet, "ceilings.md");
  json_decref(root);
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
