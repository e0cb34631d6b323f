/* SPDX-License-Identifier: BSD-3-Clause */
/* The page in a browser: it renders, sorts, and fits a phone. A page beside it holds it in a frame
 * of 390 pixels, clicks, looks, and writes down what it saw; so the page is tried as it is, its
 * policy included. Skipped where no Chromium is installed. */
#include "bench/report/report.h"
#include "impl/base/error.h"
#include "tests/support/files.h"
#include "tests/support/records.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char looker[] =
    "<!DOCTYPE html><meta charset=utf-8><body>"
    "<iframe id=f src=page.html style='width:390px;height:800px;border:0'></iframe><script>\n"
    "f.onload = function () {\n"
    "  var d = f.contentDocument, e = d.documentElement, said = [];\n"
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
    "  said.push('inner: ' + (t.parentNode.scrollWidth > t.parentNode.clientWidth));\n"
    "  said.push('height: ' + (d.querySelector('h1').getBoundingClientRect().height > 10));\n"
    "  said.push('scripts: ' + d.scripts.length);\n"
    "  said.push('images: ' + Array.prototype.every.call(d.images, function (i) {\n"
    "    return i.complete && i.naturalWidth > 0; }));\n"
    "  var out = document.createElement('pre'); out.textContent = said.join('\\n');\n"
    "  document.body.appendChild(out);\n"
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
             "--user-data-dir=%s --allow-file-access-from-files --virtual-time-budget=5000 "
             "--enable-logging=stderr --dump-dom 'file://%s' 2>%s",
             test_folder(), chromium, test_path("profile"), test_path(file), test_path("log"));
  return dom;
}

Test(browser, the_page_renders_sorts_and_fits_a_phone) {
  const char *chromium = browser();
  test_file("ok.html", "<!DOCTYPE html><p>it starts</p>");
  if (!strstr(dump(chromium, "ok.html"), "it starts"))
    cr_skip_test("%s does not start here: %.200s", chromium, test_read("log"));
  const struct test_record wanted[] = {
      {"blis@<script>alert(1)</script>", "small", "single-stream", 1, 400, 2e6, .3, 0, 0},
      {"beam@p5:beams=20,trie=off", "small", "single-stream", 1, 400, 9e7, .2, 0, 0},
      {"heuristic@pop", "small", "single-stream", 1, 400, 9e4, .15, 0, 0}};
  json_t *records[3];
  for (int r = 0; r < 3; r++) records[r] = test_record("runs", wanted[r]);
  test_records("runs", "a", records, 3);
  char runs[512], out[512];
  snprintf(runs, sizeof runs, "%s", test_path("runs"));
  snprintf(out, sizeof out, "%s", test_path("page.html"));
  const char *const paths[] = {runs};
  const struct l4r_report_options options = {.path = paths, .paths = 1, .out = out};
  cr_assert_eq(l4r_report_write(&options), 0, "%s", l4r_error_message());
  test_file("look.html", looker);
  const char *seen = dump(chromium, "look.html");
  /* each with the mark of the footnote that says how far its record was checked */
#define S "blis@&lt;script&gt;alert(1)&lt;/script&gt; [1]"
#define B "beam@p5:beams=20,trie=off [1]"
#define H "heuristic@pop [1]"
  static const char *const expected[] = {"was: " S " " B " " H "\n",
                                         "up: " H " " S " " B " ascending\n",
                                         "down: " B " " S " " H " descending\n",
                                         "back: " S " " B " " H " none\n",
                                         "names: " B " " S " " H "\n",
                                         "width: 390 of 390\n",
                                         "inner: true\n",
                                         "height: true\n",
                                         "scripts: 1\n",
                                         "images: true"};
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    cr_assert_not_null(strstr(seen, expected[i]), "'%s' is not in: %s", expected[i], seen);
  const char *log = test_read("log");
  cr_assert_null(strstr(log, "CONSOLE"), "the console has: %s", strstr(log, "CONSOLE"));
}
