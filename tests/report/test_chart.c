/* SPDX-License-Identifier: BSD-3-Clause */
/* The page's drawing: ticks that can be read, places that are right, text that stays text. */
#include "bench/report/chart.h"
#include "bench/report/columns.h"
#include "bench/report/users.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct l4r_shown alone(double value) {
  return (struct l4r_shown){value, NAN, NAN};
}

Test(chart, every_axis_has_at_least_three_ticks_within_it) {
  static const double low[] = {1e-9, 3e-5, 1, 17, 999, 2e6};
  for (size_t i = 0; i < sizeof low / sizeof *low; i++)
    for (double span = 1.000001; span < 1e13; span *= 1.37)
      for (int kind = 0; kind < 4; kind++) {
        struct l4r_axis_ticks ticks;
        struct l4r_axis axis = {.logarithmic = kind & 1,
                                .kind = kind & 2 ? L4R_AXIS_SECONDS : L4R_AXIS_PLAIN,
                                .lo = low[i],
                                .hi = low[i] * span};
        l4r_axis_ticks(&axis, &ticks);
        cr_assert_geq(ticks.count, 3, "%g to %g, kind %d", axis.lo, axis.hi, kind);
        cr_assert(axis.lo < low[i] && axis.hi > low[i] * span);
        for (int t = 0; t < ticks.count; t++) {
          cr_assert(ticks.at[t] >= axis.lo * .999999 && ticks.at[t] <= axis.hi * 1.000001);
          if (t) cr_assert_gt(ticks.at[t], ticks.at[t - 1]);
        }
      }
}

Test(chart, one_value_alone_and_an_axis_from_zero) {
  struct l4r_axis_ticks ticks;
  struct l4r_axis axis = {.from_zero = 1, .lo = .3, .hi = .3};
  l4r_axis_ticks(&axis, &ticks);
  cr_assert_geq(ticks.count, 3);
  cr_assert_eq(axis.lo, 0);
  axis = (struct l4r_axis){.from_zero = 1, .lo = 0, .hi = 0};
  l4r_axis_ticks(&axis, &ticks);
  cr_assert_geq(ticks.count, 3);
}

static void says(enum l4r_axis_kind kind, double value, const char *text) {
  char label[24];
  l4r_axis_label(kind, value, label, sizeof label);
  cr_expect_str_eq(label, text);
}

Test(chart, labels_have_the_unit_that_suits) {
  says(L4R_AXIS_SECONDS, 2e-4, "200 \xc2\xb5s");
  says(L4R_AXIS_SECONDS, 1e-3, "1 ms");
  says(L4R_AXIS_SECONDS, 1.5, "1.5 s");
  says(L4R_AXIS_RATE, 2e10, "20 G");
  says(L4R_AXIS_PLAIN, .05, "0.05");
  says(L4R_AXIS_PLAIN, 1e7, "10 M");
  says(L4R_AXIS_PLAIN, -20, "-20");
}

/* What a chart writes, in memory of its own. */
static char *written(struct l4r_chart *chart, const char *caption, int *drawn) {
  char *text = NULL;
  size_t bytes;
  FILE *page = open_memstream(&text, &bytes);
  *drawn = l4r_chart_put(chart, page, caption);
  fclose(page);
  return text;
}

Test(chart, text_stays_text_wherever_it_gets_in) {
  static const char bad[] = "\"><script>alert(1)</script><a href='x' onload=y>&";
  struct l4r_chart chart = {.x = {.title = bad}, .y = {.title = bad}};
  const int series = l4r_chart_series(&chart, 3, L4R_LINE_SOLID, "%s", bad);
  for (int i = 0; i < 3; i++) {
    struct l4r_mark *mark = l4r_chart_mark(&chart, series, alone(i), alone(i * i));
    strcpy(mark->says, bad);
    strcpy(mark->row, "a\"b");
  }
  int drawn;
  char *svg = written(&chart, bad, &drawn);
  cr_assert(drawn);
  cr_assert_null(strstr(svg, "<script"), "%s", svg);
  cr_assert_null(strstr(svg, "<a href='"));
  cr_assert_null(strstr(svg, "\"b\""));
  cr_assert_not_null(strstr(svg, "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
  cr_assert_not_null(strstr(svg, "<a href=\"#a&quot;b\">"));
  free(svg);
}

Test(chart, what_has_no_place_is_left_out) {
  struct l4r_chart chart = {.x = {.title = "x", .logarithmic = 1}, .y = {.title = "y"}};
  const int series = l4r_chart_series(&chart, 0, L4R_LINE_NONE, "s");
  int drawn;
  cr_assert_null(l4r_chart_mark(&chart, series, alone(0), alone(1)));
  cr_assert_null(l4r_chart_mark(&chart, series, alone(-1), alone(1)));
  cr_assert_null(l4r_chart_mark(&chart, series, alone(NAN), alone(1)));
  cr_assert_null(l4r_chart_mark(&chart, series, alone(1), alone(INFINITY)));
  char *svg = written(&chart, "nothing", &drawn);
  cr_assert(!drawn && !*svg);
  free(svg);
}

/* Three points on a logarithmic axis whose values have equal ratios stand at equal distances. */
Test(chart, places_follow_the_axis) {
  struct l4r_chart chart = {.x = {.title = "x", .logarithmic = 1}, .y = {.title = "y"}};
  const int series = l4r_chart_series(&chart, 0, L4R_LINE_NONE, "s");
  double x[3], y[3];
  for (int i = 0; i < 3; i++)
    strcpy(l4r_chart_mark(&chart, series, alone(pow(10, i)), alone(7 - 2 * i))->says, "here");
  int drawn;
  char *svg = written(&chart, "c", &drawn), *at = svg;
  for (int i = 0; i < 3; i++) {
    at = strstr(at, "<circle ");
    cr_assert(at);
    cr_assert_eq(sscanf(at, "<circle cx=\"%lf\" cy=\"%lf\"", &x[i], &y[i]), 2);
    at++;
  }
  cr_expect_float_eq(x[1] - x[0], x[2] - x[1], .11);
  cr_expect_float_eq(y[1] - y[0], y[2] - y[1], .11);
  cr_expect(x[0] < x[1] && y[0] < y[1], "the axis of y goes up");
  free(svg);
}

Test(columns, cells_are_found_by_key) {
  struct l4r_tsv_rows table;
  test_file("t.tsv", "a\tb\tc\n1\tx y\t-\n2\n3\tz\t1e-3\n");
  cr_assert_eq(l4r_columns_read(&table, test_folder(), "t.tsv"), 0);
  cr_assert_eq(table.rows, 2); /* a row of fewer cells is left out */
  cr_expect_str_eq(l4r_columns_text(&table, 0, "b"), "x y");
  cr_expect_str_eq(l4r_columns_text(&table, 1, "b"), "z");
  cr_expect(isnan(l4r_columns_number(&table, 0, "c")));
  cr_expect_eq(l4r_columns_number(&table, 1, "c"), 1e-3);
  cr_expect_str_eq(l4r_columns_text(&table, 1, "none"), "");
  cr_expect_str_eq(l4r_columns_text(&table, 2, "a"), "");
  l4r_columns_free(&table);
  cr_assert_eq(l4r_columns_read(&table, test_folder(), "nowhere.tsv"), 0);
  cr_assert_eq(table.rows, 0);
  l4r_columns_free(&table);
}

/* By hand: of 40 users A hits 30, B 20, both 15: 15 gain, 5 lose; mean .25; the variance of the
 * differences is (20 - 40 / 16) / 39 = .448718, its root over 40 users .105915. */
Test(users, a_gain_is_a_mean_of_paired_differences) {
  int64_t a[40], b[40], place[40];
  for (int u = 0; u < 40; u++) {
    a[u] = u < 30 ? 10 : 11;
    b[u] = u >= 15 && u < 35 ? 1 : 0;
    place[u] = u < 35;
  }
  struct l4r_shown all = l4r_gain_of(a, b, place, 40, -1);
  cr_expect_float_eq(all.value, 25, 1e-9);
  cr_expect_float_eq(all.lo, 25 - 1.959964 * 10.5915, 1e-2);
  cr_expect_float_eq(all.hi, 25 + 1.959964 * 10.5915, 1e-2);
  struct l4r_shown few = l4r_gain_of(a, b, place, 40, 0);
  cr_expect_eq(few.value, 0); /* the last five: neither hits */
  cr_expect(isnan(few.lo));
  cr_expect(isnan(l4r_gain_of(a, b, place, 40, 7).value));
}
