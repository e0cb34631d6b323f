/* SPDX-License-Identifier: BSD-3-Clause */
/* What becomes of text and of our Markdown on a page, hostile ones among them. */
#include "bench/report/html.h"
#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *page;
static size_t bytes;

static FILE *begin(void) {
  FILE *stream = open_memstream(&page, &bytes);
  cr_assert(stream);
  return stream;
}

static const char *markdown(const char *text) {
  char *copy = strdup(text);
  FILE *stream = begin();
  l4r_html_markdown(stream, copy, "t");
  fclose(stream);
  free(copy);
  return page;
}

static void has(const char *text, const char *part) {
  cr_assert_not_null(strstr(text, part), "'%s' is not in:\n%s", part, text);
}

static void lacks(const char *text, const char *part) {
  cr_assert_null(strstr(text, part), "'%s' is in:\n%s", part, text);
}

Test(html, a_table_has_caption_keys_intervals_and_notes) {
  const char *html = markdown("**title** on a machine.\n\n| arm | p50 | size |\n|---|--:|--:|\n"
                              "| `a|b` | 1.5 ms<br>1.2–1.8 | - [1] |\n"
                              "| `c\\|d` | 20.0 µs | 3 MB |\n\n[1] too few<br>\n[2] none\n");
  has(html, "<caption><strong>title</strong> on a machine.</caption>");
  has(html, "<th scope=\"col\" class=\"n\">p50</th>");
  has(html, "<td class=\"n\" data-v=\"2e-05\">20.0 µs</td>");
  has(html, "<code>c|d</code>");
  has(html, "data-v=\"3000000\"");
  has(html, "<li id=\"t-1-1\">[1] too few</li>");
  has(html, "<li id=\"t-1-2\">[2] none</li>");
}

/* A table ends a paragraph without a blank line, and so begins the next one. */
Test(html, text_may_stand_right_before_and_after_a_table) {
  const char *html = markdown(
      "title\n| a |\n|---|\n| 1 |\nbelow it\nand on\n| b |\n|---|\n| 2 |\nend\n");
  has(html, "<caption>title</caption>");
  has(html, "<caption>below it and on</caption>");
  has(html, "<p>end</p>");
}

Test(html, an_interval_is_small_and_a_missing_figure_points_to_its_reason) {
  const char *html = markdown("| a | b | c |\n|---|--:|--:|\n| x | 1.5 ms<br>1.2–1.8 | - [1] |\n"
                              "\n[1] why\n");
  has(html, "<td class=\"n\" data-v=\"0.0015\">1.5 ms <small>1.2–1.8</small></td>");
  has(html, "<td class=\"n\">- <a href=\"#t-1-1\">[1]</a></td>");
}

Test(html, rows_without_a_name_belong_to_the_row_above) {
  const char *html = markdown("| arm | of |\n|---|---|\n| x | user |\n| | head |\n| y | user |\n");
  int bodies = 0;
  for (const char *at = html; (at = strstr(at, "<tbody>")); at++) bodies++;
  cr_assert_eq(bodies, 2, "%s", html);
  has(html, "<td>user</td></tr>\n<tr><td></td><td>head</td></tr>\n</tbody>");
}

Test(html, nothing_in_a_name_becomes_markup) {
  const char *html = markdown(
      "**<img src=x onerror=a>** <br><script>x</script>\n\n| arm |\n|---|\n"
      "| `<script>alert(1)</script>` |\n| <a href=\"javascript:x\"> |\n| `<br>**x**[1]` |\n");
  lacks(html, "<script");
  lacks(html, "<img");
  lacks(html, "<a ");
  has(html, "<code>&lt;br&gt;**x**[1]</code>");
}

/* A line that a name broke in two is no row of the table: it begins a paragraph of its own. */
Test(html, a_table_that_ends_in_the_middle_of_a_row) {
  const char *html = markdown("title\n\n| a | b |\n|---|---|\n| `x\ny` | 2 |\n| z | 3 |\n");
  has(html, "<caption>y` | 2 |</caption>");
  has(html, "<table");
  has(markdown("text\n| a |\n|---|\n| b |\nmore\nand more\n"), "<p>more and more</p>");
  lacks(markdown("| a |\nx\n"), "(null)");
}
