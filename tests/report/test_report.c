/* SPDX-License-Identifier: BSD-3-Clause */
/* The page as a whole: well-formed, whole in itself, safe with any name, honest about what is not
 * there. */
#include "bench/report/report.h"
#include "impl/base/error.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/records.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char hostile[] = "blis@<script>alert('1')</script>|`\"&**x**<br>:a=b";

static void some_records(const char *arm) {
  const struct test_record wanted[] = {
      {arm, "small", "single-stream", 1, 400, 2e6, .3, 0, 0},
      {"blis@lite", "small", "single-stream", 2, 40, 1e6, .3, 0, 0},
      {"blis@lite", "small", "offline", 2, 400, 3e5, .3, 0, 0}};
  json_t *records[3];
  for (int r = 0; r < 3; r++) records[r] = test_record("runs", wanted[r]);
  json_object_set_new(records[1], "command", json_string("lite4rec run --arm <b>&"));
  json_object_set_new(records[1], "counters",
                      json_pack("[{s:s, s:f, s:s, s:s, s:s}, {s:s, s:n, s:s, s:s, s:s}]", "name",
                                "cpu_time", "value", 1234567., "unit", "ns/query", "source",
                                "kernel", "reason", "", "name", "cycles", "value", "unit", "events",
                                "source", "absent", "reason", "no PMU <here>"));
  test_records("runs", "a", records, 3);
}

/* Writes the page of a folder of records. */
static char *page_of_folder(const char *folder) {
  char out[512];
  snprintf(out, sizeof out, "%s", test_path("page.html"));
  const char *const paths[] = {folder};
  const struct l4r_report_options options = {.path = paths, .paths = 1, .out = out};
  setenv("TMPDIR", test_folder(), 1);
  cr_assert_eq(l4r_report_write(&options), 0, "%s", l4r_error_message());
  return test_read("page.html");
}

static char *page_of(void) {
  char runs[512];
  snprintf(runs, sizeof runs, "%s", test_path("runs"));
  return page_of_folder(runs);
}

static void has(const char *text, const char *part) {
  cr_assert_not_null(strstr(text, part), "'%s' is not on the page", part);
}

static void lacks(const char *text, const char *part) {
  const char *at = strstr(text, part);
  cr_assert_null(at, "'%s' is on the page: %.200s", part, at);
}

static int count(const char *text, const char *part) {
  int found = 0;
  for (const char *at = text; (at = strstr(at, part)); at++) found++;
  return found;
}

/* The part of a page between two texts, in memory of its own. */
static char *between(const char *html, const char *begin, const char *end) {
  const char *from = strstr(html, begin);
  cr_assert(from, "no %s", begin);
  const char *to = strstr(from, end);
  cr_assert(to, "no %s behind %s", end, begin);
  return strndup(from, (size_t)(to - from));
}

/* Whether every tag that opens is closed in order (HTML's own exceptions known), and headings do
 * not jump: a small check of our own, so that it needs no parser of another project. */
static void is_well_formed(const char *html) {
  static const char *const alone[] = {"meta", "br", "!doctype", "img"};
  char open[256][16];
  int depth = 0, level = 0, titles = 0;
  for (const char *at = html; (at = strchr(at, '<')); at++) {
    const char *end = strchr(at, '>');
    cr_assert(end, "a tag is not closed: %.80s", at);
    const int closes = at[1] == '/';
    char name[16] = "";
    for (int n = 0; n < 15 && (isalnum((unsigned char)at[1 + closes + n]) || at[1 + n] == '!'); n++)
      name[n] = (char)tolower((unsigned char)at[1 + closes + n]);
    cr_assert(*name, "no tag: %.80s", at);
    int single = end[-1] == '/';
    for (size_t a = 0; a < sizeof alone / sizeof *alone; a++) single |= !strcmp(alone[a], name);
    if (name[0] == 'h' && isdigit((unsigned char)name[1]) && !closes) {
      cr_assert_leq(name[1] - '0', level + 1, "a heading jumps: %.80s", at);
      level = name[1] - '0';
      titles += level == 1;
    }
    if (closes) {
      cr_assert(depth && !strcmp(open[depth - 1], name), "%s closes %s: %.120s", name,
                depth ? open[depth - 1] : "nothing", at);
      depth--;
    } else if (!single) {
      cr_assert_lt(depth, 255);
      strcpy(open[depth++], name);
    }
    if (!closes && (!strcmp(name, "script") || !strcmp(name, "style")))
      end = strstr(end, !strcmp(name, "script") ? "</script>" : "</style>") - 1;
    at = end;
  }
  cr_assert_eq(depth, 0, "%s is never closed", depth ? open[depth - 1] : "");
  cr_assert_eq(titles, 1);
}

/* Ids are unique, and every reference points to one. */
static void points_into_itself(const char *html) {
  for (const char *at = html; (at = strstr(at, "href=\"")); at++) {
    char id[300];
    cr_assert_eq(at[6], '#', "a reference leaves the page: %.80s", at);
    snprintf(id, sizeof id, " id=\"%.*s\"", (int)strcspn(at + 7, "\""), at + 7);
    cr_assert_not_null(strstr(html, id), "nothing has%s", id);
  }
  for (const char *at = html; (at = strstr(at, " id=\"")); at++) {
    char id[300];
    snprintf(id, sizeof id, "%.*s\"", (int)strcspn(at + 5, "\"") + 5, at);
    cr_assert_null(strstr(at + 5, id), "twice:%s", id);
  }
  lacks(html, "http:");
  lacks(html, "https:");
  lacks(html, " src=");
  lacks(html, "url(");
  lacks(html, "@import");
}

Test(report, a_page_is_whole_and_needs_no_other_program) {
  some_records("beam@p5");
  const char *html = page_of();
  is_well_formed(html);
  points_into_itself(html);
  has(html, "<html lang=\"en\">");
  has(html, "name=\"viewport\"");
  has(html, "@media print");
  has(html, "prefers-color-scheme: dark");
  has(html, "<figure><svg class=\"chart\" role=\"img\"");
  has(html, "NOT TESTABLE HERE");
  has(html, "] needs 368 distinct users");
  has(html, "<td class=\"n\" data-v=\"0.00123\">1.23 ms <small>kernel</small>");
  has(html, "] no PMU ");
}

Test(report, hostile_names_stay_text) {
  some_records(hostile);
  const char *html = page_of();
  is_well_formed(html);
  points_into_itself(html);
  lacks(html, "<script>alert");
  has(html, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;|");
  /* in a figure's tooltip, its legend and its attributes too */
  has(html, "<title>blis@&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;|`&quot;&amp;**x**");
  has(html, " data-arm=\"blis@&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;|`&quot;&amp;**x**");
  has(html, "lite4rec run --arm &lt;b&gt;&amp;");
  lacks(html, "no PMU <here>");
  has(html, "script-src 'sha256-");
}

Test(report, figures_are_drawn_here_with_a_tooltip_and_a_way_to_the_row) {
  some_records("beam@p5");
  const char *html = page_of();
  has(html, "<figcaption>Accuracy against latency, keep: small");
  has(html, "<figcaption>Latency of a request, as a distribution: small");
  /* the point of the arm, and the row to which it leads */
  char *mark = between(html, "<a href=\"#latency-0-1-r0\"><g", "</a>");
  has(mark, " data-arm=\"beam@p5\"><title>beam@p5, 1 thread: ");
  has(mark, "; HR@10 0.");
  free(mark);
  char *row = between(html, "<tbody id=\"latency-0-1-r0\">", "</tbody>");
  has(row, "<code>beam@p5</code>");
  free(row);
}

Test(report, an_arm_keeps_its_colour_on_the_whole_page) {
  some_records("beam@p5");
  const char *html = page_of();
  char *mark = between(html, "<g class=\"a", " data-arm=\"blis@lite\"");
  char look[64];
  const char *last = mark; /* the class of the first mark of that arm */
  for (const char *at = mark; (at = strstr(at, "<g class=\"a")); at++) last = at;
  snprintf(look, sizeof look, "%.*s", (int)strcspn(last + 3, ">"), last + 3);
  free(mark);
  int marks = 0;
  for (const char *at = html; (at = strstr(at, " data-arm=\"blis@lite")); at++, marks++)
    cr_expect_eq(strncmp(at - strlen("class=\"a0\""), look, strlen("class=\"a0\"")), 0, "%.60s",
                 at - 20);
  cr_expect_geq(marks, 2); /* in both conventions */
}

Test(report, records_speak_against_themselves) {
  some_records("beam@p5");
  char *text = test_read("runs/a.jsonl"), *line = strchr(text, '\n') + 1;
  json_t *record = json_loadb(line, strcspn(line, "\n"), 0, NULL);
  json_object_set_new(record, "sha256", json_string("0000"));
  json_object_set_new(record, "failures",
                      json_pack("[{s:i, s:s}]", "round", 1, "reason", "answers <differ>"));
  json_object_set_new(json_object_get(record, "pinned"), "proven", json_false());
  json_object_set_new(json_object_get(record, "manifest"), "git", json_string("abc-dirty"));
  test_records("runs", "a", &record, 1);
  char path[512];
  snprintf(path, sizeof path, "%s", test_path("runs"));
  const char *const paths[] = {path};
  struct l4r_report_options options = {.path = paths, .paths = 1, .out = test_path("page.html")};
  setenv("TMPDIR", test_folder(), 1);
  test_fails(l4r_report_write(&options), L4R_INPUT, "runs/a.jsonl:1: sha256: the record does not");
  options.unsealed = 1;
  cr_assert_eq(l4r_report_write(&options), 0, "%s", l4r_error_message());
  const char *html = test_read("page.html");
  has(html, "unsealed: 1 record was not checked");
  has(html, "runs/a.jsonl:1 was changed after it was sealed");
  has(html, "round 2 of blis@lite failed: answers &lt;differ&gt;");
  has(html, "threads were not proven to stay where they were put (pin core)");
  has(html, "sources that differ from their commit");
  is_well_formed(html);
}

/* One record measured on each of some days; the last day's is the newest. */
static void measured_again(const char *arm, int days) {
  json_t *records[8];
  for (int d = 0; d < days; d++) {
    char time[32];
    const struct test_record wanted = {arm, "small", "single-stream", 1, 400, 2e6 * (d + 1), .3,
                                       0,   0};
    records[d] = test_record("runs", wanted);
    snprintf(time, sizeof time, "2026-03-%02dT00:00:00Z", d + 1);
    json_object_set_new(json_object_get(records[d], "manifest"), "time", json_string(time));
  }
  test_records("runs", "a", records, days);
}

Test(report, of_what_was_measured_again_the_newest_stands_first_and_the_rest_is_folded) {
  measured_again("blis@lite", 3);
  const char *html = page_of();
  is_well_formed(html);
  points_into_itself(html);
  char *section = between(html, "<section id=\"latency\">", "</section>");
  char *older = strstr(section, "<details class=\"older\">");
  cr_assert(older);
  has(older, "<summary>2 older records of these arms, measured again since</summary>");
  /* medians are 2, 4 and 6 ms, less a thousandth */
  cr_expect_eq(count(older, "<code>blis@lite</code>"), 2);
  has(older, "2.00 ms");
  has(older, "4.00 ms");
  *older = '\0';
  cr_expect_eq(count(section, "<code>blis@lite</code>"), 1);
  has(section, "5.99 ms");
  has(section, "<details class=\"group\" open data-machine=\"");
  has(section, "\" data-scenario=\"single-stream\"><summary><h3>small, ");
  has(section, "<small>1 row</small>");
  free(section);
  has(html, "3 records"); /* none is left out of the list of records */
}

/* `groups` data sets of `arms` arms each, two records a folder of their own. */
static void many_groups(int groups, int arms) {
  static json_t *records[16];
  for (int g = 0; g < groups; g++) {
    char dataset[16], folder[32];
    snprintf(dataset, sizeof dataset, "d%02d", g);
    snprintf(folder, sizeof folder, "runs/f%02d", g);
    for (int a = 0; a < arms; a++) {
      char arm[32];
      snprintf(arm, sizeof arm, "blis@m%d", a);
      const struct test_record wanted = {arm, dataset, "single-stream", 1, 40, 1e6, .3, 0, 0};
      records[a] = test_record(folder, wanted);
    }
    test_records(folder, "a", records, arms);
  }
}

Test(report, groups_after_the_first_screens_are_folded) {
  mkdir(test_path("runs"), 0777);
  many_groups(9, 10);
  const char *html = page_of();
  is_well_formed(html);
  points_into_itself(html);
  char *section = between(html, "<section id=\"latency\">", "</section>");
  cr_expect_eq(count(section, "<details class=\"group\" open "), 6); /* of 10 rows: 60 */
  cr_expect_eq(count(section, "<details class=\"group\" data"), 3);
  has(section, "90 rows in 9 groups: those after the first 60 rows are folded");
  lacks(section, "class=\"older\"");
  free(section);
  section = between(html, "<section id=\"records\">", "</section>");
  cr_expect_eq(count(section, "<summary>Folder <code>"), 9);
  has(section, "<summary>Folder <code>f08</code>, 10 records</summary>");
  cr_expect_eq(count(section, "<th scope=\"row\">"), 90);
  free(section);
}

/* The campaign on MovieLens-1M has more arms with groups of users than a figure has room for. */
Test(report, arms_beyond_a_figures_room_are_said_to_be_left_out) {
  if (access("results/README.md", R_OK)) cr_skip_test("the records of results/ are not here");
  const char *users = strstr(page_of_folder("results"), "<section id=\"users\"");
  cr_assert_not_null(users);
  const char *group = strstr(users, "ml-1m, 6,040 users"),
             *more = strstr(users, "More arms of this group are not shown");
  cr_assert_not_null(group, "%.300s", users);
  cr_assert_not_null(more, "%.300s", users);
  cr_expect_lt(more, strstr(users, "</section>"));
}

Test(report, a_page_of_few_records_folds_nothing) {
  mkdir(test_path("runs"), 0777);
  many_groups(2, 10);
  const char *html = page_of();
  char *section = between(html, "<section id=\"latency\">", "</section>");
  lacks(section, "<details class=\"group\" data");
  free(section);
  lacks(html, "are folded");
  lacks(html, "<summary>Folder ");
}

Test(report, nothing_is_left_behind) {
  some_records("beam@p5");
  page_of();
  cr_assert_eq(test_entries(""), 2); /* runs, page.html: the scratch folder is gone */
  char runs[512], out[512];
  snprintf(runs, sizeof runs, "%s", test_path("runs"));
  snprintf(out, sizeof out, "%s", test_path("page.html/x.html"));
  const char *const paths[] = {runs};
  struct l4r_report_options options = {.path = paths, .paths = 1, .out = out};
  cr_assert_eq(l4r_report_write(&options), L4R_ENVIRONMENT);
  cr_assert_eq(test_entries(""), 2);
  const char *const none[] = {"no-such-folder"};
  options = (struct l4r_report_options){.path = none, .paths = 1, .out = test_path("other.html")};
  cr_assert_eq(l4r_report_write(&options), L4R_INPUT);
  const char *const log[] = {test_file("log.jsonl", "{\"loss\": 1}\n")};
  options = (struct l4r_report_options){
      .path = paths, .paths = 1, .training = log, .logs = 1, .out = test_path("other.html")};
  cr_assert_eq(l4r_report_write(&options), L4R_INPUT);
  cr_assert_eq(access(test_path("other.html"), F_OK), -1);
}
