/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare/junit.h"

#include "bench/compare/print.h"
#include "bench/compare/rows.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Writes a text for an attribute or an element. XML 1.0 has no control characters but tab and the
 * ends of lines, not even escaped, and no U+FFFE and U+FFFF. */
static void put_escaped(FILE *stream, const char *text) {
  const unsigned char *at = (const unsigned char *)text;
  for (; *at; at++) {
    if (*at == '&')
      fputs("&amp;", stream);
    else if (*at == '<')
      fputs("&lt;", stream);
    else if (*at == '>')
      fputs("&gt;", stream);
    else if (*at == '"')
      fputs("&quot;", stream);
    else if (*at == '\t' || *at == '\n' || *at == '\r')
      fprintf(stream, "&#%d;", *at);
    else if (*at == 0xef && at[1] == 0xbf && (at[2] == 0xbe || at[2] == 0xbf))
      fputc('?', stream), at += 2;
    else
      fputc(*at < 32 || *at == 127 ? '?' : *at, stream);
  }
}

static void put_attribute(FILE *stream, const char *name, const char *text) {
  fprintf(stream, " %s=\"", name);
  put_escaped(stream, text);
  fputc('"', stream);
}

/* "p99: SLOWER, B / A 1.070 [1.054, 1.087], margin 3 %" */
static void say(const struct l4r_compared *row, char *out, size_t size) {
  const struct l4r_comparison *c = &row->comparison;
  l4r_text_set(out, size, "%s: %s, B / A %.3f [%.3f, %.3f], margin %g %%", row->figure->name,
               l4r_verdict(row), c->ratio, c->lo, c->hi, 100 * row->margin);
}

/* "blis@lite -> blis@other" where B's arm is another one. */
static void name_of(const struct l4r_compared *row, char *out, size_t size) {
  const char *a = l4r_text_or_none(row->record[0]->data.arm);
  const char *b = l4r_text_or_none(row->record[1]->data.arm);
  if (strcmp(a, b) != 0)
    l4r_text_set(out, size, "%.300s -> %.300s", a, b);
  else
    l4r_text_set(out, size, "%.600s", a);
}

static void put_case(FILE *stream, const struct l4r_compared *row, int strict, int is_noisy) {
  const struct l4r_record_record *data = &row->record[0]->data;
  char arm[640], name[700], class[400], what[256];
  name_of(row, arm, sizeof arm);
  say(row, what, sizeof what);
  l4r_text_set(name, sizeof name, "%s %s", arm, row->figure->name);
  l4r_text_set(class, sizeof class, "%.200s.%.100s.threads-%lld",
               l4r_text_or_none(data->dataset.name), l4r_text_or_none(data->scenario),
               data->threads == L4R_NONE ? 0LL : (long long)data->threads);
  fputs("    <testcase", stream);
  put_attribute(stream, "classname", class);
  put_attribute(stream, "name", name);
  fputs(" time=\"0\"", stream);
  const int fails = !is_noisy && l4r_gate_fails(row, strict);
  const int skipped = is_noisy || (!fails && row->change == L4R_UNDECIDED);
  if (!fails && !skipped) {
    fputs("/>\n", stream);
    return;
  }
  fprintf(stream, ">\n      <%s", fails ? "failure" : "skipped");
  put_attribute(stream, "message", is_noisy ? "the gate could not tell" : what);
  if (fails) put_attribute(stream, "type", l4r_verdict(row));
  fputs("/>\n    </testcase>\n", stream);
}

static void put_all(FILE *stream, const struct l4r_compare_table *table, int strict,
                    const char *noisy) {
  long long failures = 0, skipped = 0;
  for (int64_t r = 0; r < table->rows; r++) {
    const struct l4r_compared *row = &table->row[r];
    const int fails = !noisy && l4r_gate_fails(row, strict);
    failures += fails;
    skipped += noisy || (!fails && row->change == L4R_UNDECIDED);
  }
  fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", stream);
  fprintf(stream,
          "  <testsuite name=\"lite4rec compare\" tests=\"%lld\" failures=\"%lld\" errors=\"%d\" "
          "skipped=\"%lld\" time=\"0\">\n",
          (long long)table->rows + (noisy != NULL), failures, noisy != NULL, skipped);
  for (int64_t r = 0; r < table->rows; r++) put_case(stream, &table->row[r], strict, noisy != NULL);
  if (noisy) {
    fputs("    <testcase classname=\"lite4rec\" name=\"gate\" time=\"0\">\n      <error", stream);
    put_attribute(stream, "message", noisy);
    fputs(" type=\"noisy\"/>\n    </testcase>\n", stream);
  }
  fputs("  </testsuite>\n</testsuites>\n", stream);
}

int l4r_compare_junit(const struct l4r_compare_table *table, int strict, const char *noisy,
                      const char *path) {
  struct l4r_output output;
  const int status = l4r_output_open(&output, path);
  if (status) return l4r_fail_context(status, "--junit");
  put_all(output.stream, table, strict, noisy);
  return l4r_output_commit(&output);
}

/* As GitHub's commands want them: '%' and the ends of lines are escaped, in properties ':' and ','
 * too. */
static void put_command(FILE *stream, const char *text, int is_property) {
  for (; *text; text++) {
    const unsigned char c = (unsigned char)*text;
    if (c == '%' || c == '\n' || c == '\r' || (is_property && (c == ':' || c == ',')))
      fprintf(stream, "%%%02X", c);
    else
      fputc(c < 32 || c == 127 ? '?' : c, stream);
  }
}

static void annotate(FILE *stream, const char *command, const char *title, const char *text) {
  fprintf(stream, "::%s title=", command);
  put_command(stream, title, 1);
  fputs("::", stream);
  put_command(stream, text, 0);
  fputc('\n', stream);
}

static int append_summary(const struct l4r_compare_table *table, const struct l4r_gate *gate,
                          const char *noisy) {
  const char *path = getenv("GITHUB_STEP_SUMMARY");
  if (!path || !*path) return L4R_OK;
  FILE *stream = fopen(path, "a");
  if (!stream)
    return l4r_fail_errno(L4R_ENVIRONMENT, "cannot append to GITHUB_STEP_SUMMARY, %s", path);
  fputs("### lite4rec compare\n\n", stream);
  if (noisy) fprintf(stream, "**The gate cannot tell:** %s\n\n", noisy);
  int status = l4r_compare_print(table, noisy ? NULL : gate, &l4r_print_markdown, stream);
  if (fclose(stream) && !status)
    status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot append to GITHUB_STEP_SUMMARY, %s", path);
  return status;
}

int l4r_compare_github(const struct l4r_compare_table *table, const struct l4r_gate *gate,
                       int strict, const char *noisy, FILE *stream) {
  int said = 0;
  for (int64_t r = 0; r < table->rows && !noisy; r++) {
    const struct l4r_compared *row = &table->row[r];
    char title[700], what[256];
    const int fails = l4r_gate_fails(row, strict);
    if (!fails && row->change != L4R_UNDECIDED) continue;
    name_of(row, title, sizeof title);
    say(row, what, sizeof what);
    annotate(stream, fails ? "error" : "warning", title, what);
    said++;
  }
  if (noisy) annotate(stream, "error", "the gate cannot tell", noisy);
  if (!noisy && !said) {
    char what[80];
    l4r_text_set(what, sizeof what, "%lld rows, none is worse", (long long)table->rows);
    annotate(stream, "notice", "lite4rec compare", what);
  }
  return append_summary(table, gate, noisy);
}
