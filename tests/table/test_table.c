/* SPDX-License-Identifier: BSD-3-Clause */
/* One table through every printer: names that mean something to each format among its texts. */
#include "bench/table/marks.h"
#include "bench/table/html.h"
#include "bench/table/sheet.h"
#include "bench/table/units.h"
#include "impl/base/error.h"
#include "tests/support/golden.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static void has(const char *text, const char *part) {
  cr_assert_not_null(strstr(text, part), "'%s' is not in:\n%s", part, text);
}

static void lacks(const char *text, const char *part) {
  cr_assert_null(strstr(text, part), "'%s' is in:\n%s", part, text);
}

static const struct l4r_column columns[] = {
    {"arm", "arm", "", .align = L4R_LEFT},
    {"threads", "threads", "", .align = L4R_RIGHT},
    {"p50", "p50", "ns", .align = L4R_FIGURE, .interval = 1},
    {"size", "size", "bytes", .align = L4R_FIGURE},
    {"text", "what", "", .align = L4R_LEFT},
};

static void row(struct l4r_table *table, const char *arm, struct l4r_shown ns, double bytes,
                const char *text) {
  l4r_row(table);
  if (*arm)
    l4r_cell(table, L4R_CODE "%s" L4R_CODE, arm);
  else
    l4r_cell(table, "%s", arm);
  l4r_cell_count(table, 12);
  l4r_cell_time(table, ns, L4R_UNDER);
  if (isnan(bytes))
    l4r_cell_absent(table, "too few");
  else
    l4r_cell_bytes(table, bytes);
  l4r_cell(table, "%s", text);
}

/* A table with everything in it. */
static void build(struct l4r_table *table) {
  const struct l4r_shown none = {NAN, NAN, NAN};
  *table = (struct l4r_table){.layout = {.gap = 2}};
  l4r_table_title(table, L4R_STRONG "%s" L4R_STRONG " on a machine", "title");
  l4r_table_columns(table, columns, 5);
  row(table, "a|b", (struct l4r_shown){1.5e6, 1.2e6, 1.8e6}, 3e6, "=1+1");
  l4r_cell_interval(table, 1, L4R_BRACKET "1, 2]");
  row(table, "c`d\\|e", (struct l4r_shown){20e3, NAN, NAN}, NAN, "*x* [1] <b> \"q\", & 'r'");
  l4r_row_remark(table, "warning: %s", "a browser <took> it");
  l4r_row_across(table, "... 3 rows");
  row(table, "", none, 950, "a\nb\tc\x1b[2J");
  row(table, "µµ", (struct l4r_shown){-12.25, NAN, NAN}, 1e15, "");
  l4r_cell_note(table, "too few");
  l4r_cell_note(table, "another");
  l4r_table_foot(table, "below it");
  l4r_table_foot(table, "and on");
}

static char *printed(const char *format) {
  char *text = NULL;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  struct l4r_sheet sheet;
  struct l4r_table table;
  l4r_sheet_begin(&sheet, l4r_printer_named(format), stream, "t");
  l4r_sheet_text(&sheet, "Before %s.", "it");
  build(&table);
  l4r_sheet_table(&sheet, &table);
  l4r_sheet_item(&sheet, "one");
  l4r_sheet_item(&sheet, "two");
  build(&table);
  l4r_sheet_table(&sheet, &table);
  cr_assert_eq(l4r_sheet_end(&sheet, L4R_OK), L4R_OK, "%s", l4r_error_message());
  fclose(stream);
  return text;
}

Test(table, every_format_is_as_it_was) {
  for (int p = 0; l4r_printers[p]; p++) {
    char name[32], *text = printed(l4r_printers[p]->name);
    snprintf(name, sizeof name, "model.%s", l4r_printers[p]->name);
    test_golden(name, text);
    free(text);
  }
  cr_assert_null(l4r_printer_named("no such format"));
}

Test(table, text_pads_characters_not_bytes) {
  char *text = printed("text");
  has(text, "\na|b          12  1.50 ms 1.2");
  has(text, "\nµµ           12  -12.2 ns");
  has(text, "    warning: a browser <took> it\n");
  lacks(text, "\x1b");
  free(text);
}

/* Every row has as many cells as the head. */
Test(table, markdown_keeps_rows_whole) {
  char *text = printed("markdown"), *rest = text, *line;
  while ((line = strsep(&rest, "\n"))) {
    int bars = 0;
    if (*line != '|') continue;
    for (const char *at = line; *at; at++) bars += *at == '|' && (at == line || at[-1] != '\\');
    cr_assert_eq(bars, 6, "%s", line);
    lacks(line, "<b>");
    lacks(line, "*x*");
  }
  free(text);
}

/* As verdicts of claims and series of history have them; a sentence may go on in the next line. */
Test(table, details_of_a_paragraph_are_a_list_in_markdown) {
  char *text = NULL;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  struct l4r_sheet sheet;
  l4r_sheet_begin(&sheet, &l4r_print_markdown, stream, "t");
  l4r_sheet_text(&sheet, "A claim" L4R_LINE "of ours" L4R_LINE "  paper  3 %%" L4R_LINE
                         "         at most" L4R_LINE "  ours   2 %%");
  cr_assert_eq(l4r_sheet_end(&sheet, L4R_OK), L4R_OK, "%s", l4r_error_message());
  fclose(stream);
  cr_assert_str_eq(text, "A claim\nof ours\n- paper  3 %\n         at most\n- ours   2 %\n");
  free(text);
}

Test(table, html_has_caption_keys_intervals_and_notes) {
  char *html = printed("html");
  has(html, "<caption><strong>title</strong> on a machine</caption>");
  has(html, "<th scope=\"col\" class=\"n\">p50</th>");
  has(html, "<td class=\"n\" data-v=\"0.0015\">1.50 ms <small>1.20–1.80</small></td>");
  has(html, "<td class=\"n\" data-v=\"2e-05\">20.0 µs</td>");
  has(html, "data-v=\"3000000\">3.00 MB</td>");
  has(html, "<code>a|b</code>");
  has(html, "<td class=\"n\">- <a href=\"#t-1-1\">[1]</a></td>");
  has(html, "<li id=\"t-1-1\">[1] too few</li>");
  has(html, "<li id=\"t-1-2\">[2] another</li>");
  has(html, "<li id=\"t-2-1\">[1] too few</li>");
  has(html, "<p>below it<br>and on</p>");
  has(html, "<td>*x* [1] &lt;b&gt; &quot;q&quot;, &amp; &#39;r&#39;</td>");
  lacks(html, "\x1b");
  free(html);
}

Test(table, rows_without_a_name_belong_to_the_row_above) {
  char *html = printed("html");
  int bodies = 0;
  for (const char *at = html; (at = strstr(at, "<tbody>")); at++) bodies++;
  cr_assert_eq(bodies, 2 * 4, "%s", html);
  has(html, "<tr><td colspan=\"5\">... 3 rows</td></tr>\n<tr><td></td>");
  free(html);
}

Test(table, csv_quotes_and_holds_formulas_back) {
  char *text = printed("csv");
  has(text, "arm,threads,p50,p50_lo,p50_hi,size,text\r\n");
  has(text, "a|b,12,1500000,1200000,1800000,3000000,'=1+1\r\n");
  has(text, ",\"*x* [1] <b> \"\"q\"\", & 'r'\"\r\n");
  has(text, "µµ,12,-12.25,,,1e+15,");
  free(text);
  text = printed("tsv");
  has(text, "a|b\t12\t1500000\t1200000\t1800000\t3000000\t=1+1\n");
  has(text, "-\t12\t-\t-\t-\t950\ta b c [2J\n");
  free(text);
}

Test(table, json_is_read_back) {
  char *text = printed("json");
  json_t *root = json_loads(text, 0, NULL);
  cr_assert_eq(json_array_size(root), 5, "%s", text);
  json_t *first = json_array_get(root, 1), *rows = json_object_get(first, "rows");
  cr_assert_eq(json_array_size(rows), 4);
  cr_assert_str_eq(json_string_value(json_object_get(first, "title")), "title on a machine");
  json_t *cell = json_object_get(json_array_get(rows, 0), "p50");
  cr_assert_float_eq(json_number_value(json_object_get(cell, "hi")), 1.8e6, 1e-6);
  cell = json_object_get(json_array_get(rows, 1), "size");
  cr_assert(json_is_null(json_object_get(cell, "value")));
  cr_assert_str_eq(json_string_value(json_array_get(json_object_get(cell, "notes"), 0)), "too few");
  cr_assert_str_eq(json_string_value(json_object_get(json_array_get(rows, 1), "arm")), "c`d\\|e");
  json_decref(root);
  free(text);
}

/* Names are anybody's. */
Test(table, nothing_in_a_name_becomes_markup) {
  static const char hostile[] =
      "**<img src=x onerror=a>** <br><script>x</script> [a](javascript:x)";
  for (int p = 0; l4r_printers[p]; p++) {
    char *text = NULL;
    size_t bytes;
    FILE *stream = open_memstream(&text, &bytes);
    struct l4r_sheet sheet;
    struct l4r_table table = {.layout = {.gap = 2}};
    l4r_sheet_begin(&sheet, l4r_printers[p], stream, "t");
    l4r_table_title(&table, "%s", hostile);
    l4r_table_column(&table, (struct l4r_column){"a", hostile, .align = L4R_LEFT});
    l4r_row(&table);
    l4r_cell(&table, L4R_CODE "<br>**x**[1]" L4R_CODE);
    l4r_cell_interval(&table, 0, "%s", hostile);
    l4r_cell_note(&table, hostile);
    l4r_row_remark(&table, "%s", hostile);
    l4r_table_foot(&table, "%s", hostile);
    l4r_sheet_table(&sheet, &table);
    l4r_sheet_item(&sheet, "%s", hostile);
    cr_assert_eq(l4r_sheet_end(&sheet, L4R_OK), L4R_OK);
    fclose(stream);
    if (sheet.printer == &l4r_print_html) has(text, "<code>&lt;br&gt;**x**[1]</code>");
    if (sheet.printer == &l4r_print_markdown) {
      has(text, "`<br>**x**[1]`");
      lacks(text, "[a]");
      lacks(text, "**<img");
      lacks(text, "** <br>");
    }
    if (sheet.printer->document) {
      lacks(text, "<img");
      lacks(text, "<script");
    }
    free(text);
  }
}

/* A row with a cell too many, or without memory, is an error and no table. */
Test(table, what_cannot_be_whole_is_not_printed) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  cr_skip_test("a sanitizer's allocator has memory that the limit does not bound");
#endif
  char *text = NULL;
  size_t bytes;
  FILE *stream = open_memstream(&text, &bytes);
  struct l4r_sheet sheet;
  struct l4r_table table;
  l4r_sheet_begin(&sheet, l4r_printer_named("text"), stream, "t");
  build(&table);
  l4r_cell(&table, "one more");
  l4r_sheet_table(&sheet, &table);
  build(&table);
  const struct rlimit limit = {1, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY};
  char *much = malloc(1 << 20);
  cr_assert(much);
  memset(much, 'x', (1 << 20) - 1);
  much[(1 << 20) - 1] = '\0';
  cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
  void *beyond = malloc(1 << 28);
  if (beyond) cr_skip_test("no limit of memory holds here (qemu's user mode has none)");
  for (int i = 0; i < 64 && !table.status; i++) l4r_row_remark(&table, "%s", much);
  const int status = table.status;
  l4r_row(&table);
  l4r_cell(&table, "goes on");
  setrlimit(RLIMIT_AS, &all);
  cr_assert_eq(status, L4R_ENVIRONMENT);
  l4r_sheet_table(&sheet, &table);
  cr_assert_eq(l4r_sheet_end(&sheet, L4R_OK), L4R_ENVIRONMENT);
  cr_assert_eq(l4r_sheet_end(&sheet, L4R_CHECK), L4R_CHECK, "an error of before stays");
  fclose(stream);
  cr_assert_str_eq(text, "");
  free(much);
  free(text);
}

/* Parts, and footnotes between them. */
Test(table, a_text_grows_part_by_part) {
  struct l4r_table table = {.status = L4R_OK};
  const char *text = l4r_table_text(&table, "begin");
  size_t length = 5;
  for (int part = 0; part < 5000; part++) {
    if (part % 100 == 0) l4r_table_note(&table, l4r_table_text(&table, "note %d", part));
    text = l4r_table_more(&table, text, ",%04d", part);
    cr_assert_eq(strlen(text), length += 5);
  }
  has(text, "begin,0000,0001,");
  cr_assert_str_eq(text + length - 10, ",4998,4999");
  has(table.note[1], "note 100");
  l4r_table_free(&table);
}

Test(table, of_too_many_notes_the_last_says_so) {
  struct l4r_table table = {.status = L4R_OK};
  for (int n = 0; n < 5000; n++)
    cr_assert_eq(l4r_table_note(&table, l4r_table_text(&table, "note %d", n)),
                 n < 4096 ? n + 1 : 4096);
  cr_assert_eq(l4r_table_note(&table, "note 7"), 8);
  has(table.note[4095], "more notes than numbers");
  l4r_table_free(&table);
}

Test(table, units_and_digits) {
  char text[32];
  cr_assert_str_eq(l4r_time_text(text, 12345), "12.3 µs");
  cr_assert_str_eq(l4r_time_text(text, 999.6), "1000 ns");
  cr_assert_str_eq(l4r_time_text(text, .5), "0.50 ns");
  cr_assert_str_eq(l4r_time_text(text, 6e10), "60.0 s");
  cr_assert_str_eq(l4r_digits(text, .12345, 3), "0.123");
  cr_assert_str_eq(l4r_digits(text, -123.4, 3), "-123");
  cr_assert_eq(l4r_text_width("µs"), 2);
  cr_assert_eq(l4r_marked_width(L4R_STRONG "µ" L4R_STRONG L4R_BRACKET "1]"), 4);
}

Test(html, text_is_escaped_and_kept_whole) {
  char *page = NULL;
  size_t bytes;
  FILE *stream = open_memstream(&page, &bytes);
  l4r_html_text(stream, "<b a=\"x\" b='y'>&µ\x01\xff\xc3(");
  fclose(stream);
  cr_assert_str_eq(page, "&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;µ\xef\xbf\xbd\xef\xbf\xbd"
                         "\xef\xbf\xbd(");
  free(page);
}
