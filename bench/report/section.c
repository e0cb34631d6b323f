/* SPDX-License-Identifier: BSD-3-Clause */
/* Parts of every section of the page, and the list of warnings to which all sections add. */
#include "bench/report/section.h"
#include "bench/report/inner.h"

#include "bench/table/html.h"
#include "impl/base/error.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void l4r_report_warn(struct l4r_report *report, const char *format, ...) {
  char text[2048];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  char *end = text; /* marks of code have no meaning here */
  for (const char *c = text; *c; c++)
    if (*c != '`') *end++ = *c;
  *end = '\0';
  json_t *count = json_object_get(report->warnings, text);
  if (count)
    json_integer_set(count, json_integer_value(count) + 1);
  else
    json_object_set_new(report->warnings, text, json_integer(1));
}

void l4r_section(struct l4r_report *report, const char *id, const char *title) {
  fprintf(report->page, "<section id=\"%s\">\n<h2>%s</h2>\n", id, title);
}

void l4r_section_end(struct l4r_report *report) {
  fputs("</section>\n", report->page);
}

void l4r_lead(struct l4r_report *report, const char *format, ...) {
  char text[2048];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  fputs("<p class=\"lead\">", report->page);
  l4r_html_text(report->page, text);
  fputs("</p>\n", report->page);
}
