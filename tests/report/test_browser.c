/* SPDX-License-Identifier: BSD-3-Clause */
/* The page in a browser: it renders, sorts, and fits a phone. A page beside it holds it in a frame
 * of 390 and of 1280 pixels, clicks, looks, and writes down what it saw; so the page is tried as it
 * is, its policy included. Skipped where no Chromium is installed. */
#include "bench/report/report.h"
#include "impl/base/error.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char looker[] =
    "<!DOCTYPE html><meta charset=utf-8><body>"
    "<iframe id=f src=page.html style='width:%dpx;height:800px;border:0'></iframe><script>\n"
    "f.onload = function () {\n"
    "  var w = f.contentWindow, d = f.contentDocument, e = d.documentElement, said = [];\n"
    "  function all(what) { return Array.prototype.slice.call(d.querySelectorAll(what)); }\n"
    "  var t = d.querySelector('#latency table'), h = t.tHead.rows[0].cells;\n"
    "  function arms() { return Array.prototype.map.call(t.tBodies, function (b) {\n"
    "    return b.rows[0].cells[0].textContent; }).join(' '); }\n"
    "  var p50 = Array.prototype.findIndex.call(h, function (c) {\n"
    "    return c.textContent === 'p50'; });\n"
    "  said.push('was: ' + arms());\n"
    "  h[p50].firstChild.click(); said.push('up: ' + arms() + ' ' + h[p50].ariaSort);\n"
    "  h[p50].firstChild.click(); said.push('down: ' + arms() + ' ' + h[p50].ariaSort);\n"
    "  h[p50].firstChild.click(); said.push('back: ' + arms() + ' ' + h[p50].ariaSort);\n"
    "  h[0].firstChild.click(); said.push('names: ' + arms());\n"
    "  said.push('width: ' + e.scrollWidth + ' of ' + e.clientWidth);\n"
    "  said.push('outside: ' + all('body *').filter(function (x) {\n"
    "    return !x.closest('.box') && !x.closest('.skip') && x.getClientRects().length &&\n"
    "      x.getBoundingClientRect().right > e.clientWidth + 1; }).length);\n"
    "  said.push('figures: ' + all('svg.chart').every(function (s) {\n"
    "    var r = s.getBoundingClientRect(); return r.width > 250 && r.height > 150; }));\n"
    "  said.push('texts: ' + all('svg.chart').every(function (s) {\n"
    "    var v = s.getBoundingClientRect();\n"
    "    return Array.prototype.every.call(s.querySelectorAll('text'), function (x) {\n"
    "      var r = x.getBoundingClientRect();\n"
    "      return r.left >= v.left - 2 && r.right <= v.right + 2 && r.bottom <= v.bottom + 2; });\n"
    "  }));\n"
    "  said.push('height: ' + (d.querySelector('h1').getBoundingClientRect().height > 10));\n"
    "  said.push('scripts: ' + d.scripts.length);\n"
    "  var bar = d.getElementById('filter'), pick = bar.querySelectorAll('select');\n"
    "  function shown() { return all('#latency tbody').filter(function (b) {\n"
    "    return b.getClientRects().length; }).length; }\n"
    "  function choose(select, value) { select.value = value;\n"
    "    select.dispatchEvent(new w.Event('change')); }\n"
    "  choose(pick[0], 'heuristic@pop');\n"
    "  said.push('arm: ' + shown() + ' ' + (all('#latency .away').length > 0));\n"
    "  choose(pick[0], ''); choose(pick[2], 'offline'); said.push('scenario: ' + shown());\n"
    "  choose(pick[2], ''); said.push('again: ' + shown());\n"
    "  var s = bar.querySelector('input'); s.value = 'TRIE=off';\n"
    "  s.dispatchEvent(new w.Event('input')); said.push('search: ' + shown());\n"
    "  s.value = ''; s.dispatchEvent(new w.Event('input'));\n"
    "  var point = d.querySelector('#latency svg.chart a[href$=\"-r1\"]');\n"
    "  said.push('tooltip: ' + point.querySelector('title').textContent);\n"
    "  all('details').forEach(function (x) { x.open = false; });\n"
    "  point.dispatchEvent(new w.MouseEvent('click', {bubbles: true, cancelable: true, view: "
    "w}));\n"
    "  setTimeout(function () {\n"
    "    var row = d.querySelector('tbody:target');\n"
    "    said.push('row: ' + (row && row.rows[0].cells[0].textContent) + ' ' +\n"
    "      (row && row.getClientRects().length > 0));\n"
    "    var out = document.createElement('pre'); out.textContent = said.join('\\n') + '\\nend';\n"
    "    document.body.appendChild(out);\n"
    "  }, 300);\n"
    "};</script>";

static const char *browser(void) {
  static char name[512];
  const char *found;
  if (test_shell(&found, "command -v \"${LITE4REC_BROWSER:-chromium}\" chromium-browser "
                         "google-chrome 2>/dev/null | head -1") ||
      !*found)
    cr_skip_test("no Chromium is installed (LITE4REC_BROWSER names one)");
  snprintf(name, sizeof name, "%.*s", (int)strcspn(found, "\n"), found);
  return name;
}

static const char *dump(const char *chromium, const char *file) {
  const char *dom;
  test_shell(&dom,
             "HOME=%s timeout 200 %s --headless=new --no-sandbox --disable-gpu --hide-scrollbars "
             "--user-data-dir=%s --allow-file-access-from-files --virtual-time-budget=9000 "
             "--enable-logging=stderr --dump-dom 'file://%s' 2>%s",
             test_folder(), chromium, test_path("profile"), test_path(file), test_path("log"));
  return dom;
}

/* The browser, which starts here; else the test is skipped. */
static const char *working_browser(void) {
  const char *chromium = browser();
  test_file("ok.html", "<!DOCTYPE html><p>it starts</p>");
  if (!strstr(dump(chromium, "ok.html"), "it starts"))
    cr_skip_test("%s does not start here: %.200s", chromium, test_read("log"));
  return chromium;
}

static void write_page(const char *records) {
  char out[512];
  snprintf(out, sizeof out, "%s", test_path("page.html"));
  const char *const paths[] = {records};
  const struct l4r_report_options options = {.path = paths, .paths = 1, .out = out};
  cr_assert_eq(l4r_report_write(&options), 0, "%s", l4r_error_message());
}

/* each with the mark of the footnote that says how far its record was checked */
#define S "blis@&lt;script&gt;alert(1)&lt;/script&gt; [1]"
#define B "beam@p5:beams=20,trie=off [1]"
#define H "heuristic@pop [1]"
static const char *const expected[] = {
    "was: " S " " B " " H "\n",
    "up: " H " " S " " B " ascending\n",
    "down: " B " " S " " H " descending\n",
    "back: " S " " B " " H " none\n",
    "names: " B " " S " " H "\n",
    "outside: 0\n",
    "figures: true\n",
    "texts: true\n",
    "height: true\n",
    "scripts: 1\n",
    "arm: 1 true\n",
    "scenario: 1\n",
    "again: 4\n",
    "search: 1\n",
    "tooltip: beam@p5:beams=20,trie=off, 1 thread: 89.91 ms (88.11 ms to 91.8 ms); HR@10 0.1000 (",
    "row: " B " true\nend"};

static void look_at(const char *chromium, int width) {
  char text[sizeof looker + 16], line[64];
  snprintf(text, sizeof text, looker, width);
  test_file("look.html", text);
  const char *seen = dump(chromium, "look.html");
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    cr_expect_not_null(strstr(seen, expected[i]), "%d pixels: '%s' is not in: %s", width,
                       expected[i], strstr(seen, "<pre>"));
  snprintf(line, sizeof line, "width: %d of %d\n", width, width);
  cr_expect_not_null(strstr(seen, line), "%s is not in: %s", line, strstr(seen, "<pre>"));
  const char *log = test_read("log");
  cr_assert_null(strstr(log, "CONSOLE"), "the console has: %s", strstr(log, "CONSOLE"));
}

Test(browser, the_page_renders_sorts_filters_and_fits_a_phone_and_a_desk, .timeout = 600) {
  const char *chromium = working_browser();
  const struct test_record wanted[] = {
      {"blis@<script>alert(1)</script>", "small", "single-stream", 1, 400, 2e6, .3, 0, 0},
      {"beam@p5:beams=20,trie=off", "small", "single-stream", 1, 400, 9e7, .2, 0, 0},
      {"heuristic@pop", "small", "single-stream", 1, 400, 9e4, .15, 0, 0},
      {"heuristic@markov", "small", "offline", 1, 400, 9e4, .15, 0, 0}};
  json_t *records[4];
  char runs[512];
  for (int r = 0; r < 4; r++) records[r] = test_record("runs", wanted[r]);
  test_records("runs", "a", records, 4);
  snprintf(runs, sizeof runs, "%s", test_path("runs"));
  write_page(runs);
  look_at(chromium, 390);
  look_at(chromium, 1280);
}

/* The page of all records of this project: it fits both widths, and a printer. */
Test(browser, the_page_of_results_fits_a_phone_a_desk_and_a_printer, .timeout = 900) {
  static const char looks[] =
      "<!DOCTYPE html><body><script>\n"
      "var said = [];\n"
      "function look(widths) {\n"
      "  var f = document.createElement('iframe'), w = widths.shift();\n"
      "  if (!w) { document.body.textContent = said.join(';'); return; }\n"
      "  f.style = 'border:0;height:800px;width:' + w + 'px'; f.src = 'page.html';\n"
      "  f.onload = function () {\n"
      "    var d = f.contentDocument, e = d.documentElement;\n"
      "    d.querySelectorAll('details').forEach(function (x) { x.open = true; });\n"
      "    said.push(w + ': ' + e.scrollWidth + ' of ' + e.clientWidth);\n"
      "    f.remove(); look(widths);\n"
      "  };\n"
      "  document.body.appendChild(f);\n"
      "}\n"
      "look([390, 1280]);</script>";
  const char *said, *chromium = working_browser();
  if (access("results/README.md", R_OK)) cr_skip_test("the records of results/ are not here");
  write_page("results");
  test_file("looks.html", looks);
  const char *seen = dump(chromium, "looks.html");
  cr_expect_not_null(strstr(seen, "390: 390 of 390;1280: 1280 of 1280"), "%.400s", seen);
  test_shell(&said,
             "HOME=%s timeout 300 %s --headless=new --no-sandbox --disable-gpu "
             "--user-data-dir=%s --print-to-pdf=%s --no-pdf-header-footer 'file://%s' 2>&1 "
             ">/dev/null | cat >%s; "
             "grep -a -E -c '/Type */Page([^s]|$)' %s",
             test_folder(), chromium, test_path("profile"), test_path("page.pdf"),
             test_path("page.html"), test_path("printed"), test_path("page.pdf"));
  const int pages = atoi(said);
  cr_expect(pages > 3 && pages < 20, "%d pages: %s", pages, test_read("printed"));
}
