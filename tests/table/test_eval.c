/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of `eval`: both conventions, controls, groups of users. */
#include "bench/table/table.h"
#include "impl/base/error.h"
#include "tests/support/golden.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void is_golden(const struct l4r_printer *printer, const char *name) {
  char *text = NULL;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  struct l4r_sheet sheet;
  json_t *rows = json_load_file("tests/golden/tables/eval.json", 0, NULL);
  cr_assert(rows && stream);
  l4r_sheet_begin(&sheet, printer, stream, "eval");
  l4r_table_accuracy(&sheet, "ml (ties by item)", rows);
  cr_assert_eq(l4r_sheet_end(&sheet, L4R_OK), L4R_OK, "%s", l4r_error_message());
  fclose(stream);
  test_golden(name, text);
  free(text);
  json_decref(rows);
}

Test(eval, its_table_in_text_and_in_markdown) {
  is_golden(&l4r_print_text, "eval.txt");
  is_golden(&l4r_print_markdown, "eval.md");
}
