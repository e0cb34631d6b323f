/* SPDX-License-Identifier: BSD-3-Clause */
/* Who measured, with what, and by which commands: machines, builds, files of records. */
#include "bench/report/machine.h"
#include "bench/record/text.h"
#include "bench/machine/warnings.h"
#include "bench/record/write.h"
#include "bench/table/html.h"
#include "bench/report/inner.h"
#include "bench/report/section.h"
#include "bench/table/sheet.h"
#include "impl/base/error.h"

#include <stdlib.h>
#include <string.h>

/* Facts of a build, and those that change from run to run: no part of what a machine is. */
static const char *const of_build[] = {"git",           "compiler",       "flags",    "blis",
                                       "sentencepiece", "program_sha256", "libraries"};
static const char *const passing[] = {"time"};

static void keep_only(json_t *object, const char *const *names, size_t count, int keep) {
  void *next;
  const char *key;
  json_t *value;
  json_object_foreach_safe(object, next, key, value) {
    int named = 0;
    for (size_t n = 0; n < count; n++) named |= !strcmp(names[n], key);
    if (named != keep) json_object_del(object, key);
  }
}

static json_t *machine_of(const json_t *record) {
  json_t *machine = json_deep_copy(json_object_get(record, "manifest"));
  keep_only(machine, of_build, sizeof of_build / sizeof *of_build, 0);
  keep_only(machine, passing, sizeof passing / sizeof *passing, 0);
  json_object_del(json_object_get(machine, "system"), "steal_ticks");
  return machine;
}

static json_t *build_of(const json_t *record) {
  json_t *build = json_deep_copy(json_object_get(record, "manifest"));
  keep_only(build, of_build, sizeof of_build / sizeof *of_build, 1);
  return build;
}

/* [{"what": object, "records": n}] of the different objects that `of` makes of the records. */
static json_t *distinct(const json_t *records, json_t *(*of)(const json_t *record)) {
  json_t *list = json_array(), *entry;
  size_t index, at;
  const json_t *record;
  json_array_foreach(records, index, record) {
    json_t *what = of(record);
    json_t *found = NULL;
    json_array_foreach(list, at, entry)
      if (json_equal(json_object_get(entry, "what"), what)) {
        found = json_object_get(entry, "records");
        break;
      }
    if (found)
      json_integer_set(found, json_integer_value(found) + 1);
    else
      json_array_append_new(
          list, json_pack("{s:O, s:i}", "what", what ? what : json_null(), "records", 1));
    json_decref(what);
  }
  return list;
}

/* A text itself, another value as JSON; in memory of malloc, NULL when it is short. */
static char *value_text(const json_t *value) {
  return json_is_string(value)
             ? strdup(json_string_value(value))
             : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(12));
}

static void put_value(FILE *page, const json_t *value) {
  if (json_is_null(value)) {
    fputs("<i>the machine does not say</i>", page);
    return;
  }
  char *text = value_text(value);
  l4r_html_text(page, text ? text : "");
  free(text);
}

/* A list has a line an element. */
static void put_values(FILE *page, const json_t *value) {
  size_t index;
  const json_t *element;
  if (!json_is_array(value)) put_value(page, value);
  json_array_foreach(value, index, element) {
    if (index) fputs("<br>", page);
    put_value(page, element);
  }
}

/* A line a fact; objects are walked, "system.governor". */
static void put_facts(FILE *page, const json_t *object, const char *before) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)object, key, value) {
    char path[160];
    snprintf(path, sizeof path, "%s%s%.100s", before, *before ? "." : "", key);
    if (json_is_object(value)) {
      put_facts(page, value, path);
      continue;
    }
    fputs("<div><dt>", page);
    l4r_html_text(page, path);
    fputs("</dt><dd>", page);
    put_values(page, value);
    fputs("</dd></div>\n", page);
  }
}

static void put_list(struct l4r_report *report, const char *title,
                     json_t *(*of)(const json_t *record)) {
  json_t *list = distinct(report->records, of), *entry;
  size_t index;
  json_array_foreach(list, index, entry) {
    const long long records = json_integer_value(json_object_get(entry, "records"));
    fprintf(report->page, "<details%s><summary>%s %zu of %zu: %lld record%s</summary>\n<dl>\n",
            index ? "" : " open", title, index + 1, json_array_size(list), records,
            records == 1 ? "" : "s");
    put_facts(report->page, json_object_get(entry, "what"), "");
    fputs("</dl></details>\n", report->page);
  }
  json_decref(list);
}

int l4r_report_machines(struct l4r_report *report) {
  l4r_section(report, "machines", "Machines and builds");
  put_list(report, "Machine", machine_of);
  put_list(report, "Build", build_of);
  l4r_section_end(report);
  return L4R_OK;
}

/* --- records -------------------------------------------------------------------------------------
 */

/* More records than this are listed folder by folder. */
enum { LINES_MAX = 60 };

/* Folder and name alone: the page goes where the maker's paths are nobody's business. */
static const char *short_path(const char *path) {
  int slashes = 0;
  const char *at = path + strlen(path);
  while (at > path && (slashes += at[-1] == '/') < 2) at--;
  return at;
}

/* What a record itself says against its figures. */
static void warn_of(struct l4r_report *report, const json_t *record) {
  const json_t *manifest = json_object_get(record, "manifest"), *failure, *warning;
  const json_t *system = json_object_get(manifest, "system");
  const json_t *pinned = json_object_get(record, "pinned");
  char hash[65];
  size_t index;
  /* A record of before there were warnings in it: what its machine says of itself. */
  const json_t *own = json_object_get(record, "warnings");
  json_t *derived = !own && system ? l4r_warnings_of_system(system) : NULL;
  json_array_foreach(own ? own : derived, index, warning)
    l4r_report_warn(report, "%s", l4r_warning_text(warning));
  json_decref(derived);
  if (!system) l4r_report_warn(report, "a record does not describe its machine");
  json_array_foreach(json_object_get(record, "failures"), index, failure)
    l4r_report_warn(report, "round %lld of %s failed: %s",
                    (long long)json_integer_value(json_object_get(failure, "round")) + 1,
                    l4r_text_at(record, "arm"), l4r_text_at(failure, "reason"));
  if (json_is_false(json_object_get(pinned, "proven")))
    l4r_report_warn(report, "threads were not proven to stay where they were put (pin %s)",
                    l4r_text_at(pinned, "asked"));
  if (strstr(l4r_text_at(manifest, "git"), "-dirty"))
    l4r_report_warn(report, "measured by a build of sources that differ from their commit");
  if (!*l4r_text_at(record, "sha256"))
    l4r_report_warn(report, "a record is not sealed: it has no hash of its own");
  else if (!l4r_record_hash(record, hash) && strcmp(hash, l4r_text_at(record, "sha256")))
    l4r_report_warn(report, "%s:%lld was changed after it was sealed: its hash does not fit",
                    short_path(l4r_text_at(record, "_path")),
                    (long long)json_integer_value(json_object_get(record, "_line")));
}

static void add_record(struct l4r_table *table, const json_t *record) {
  const json_t *pinned = json_object_get(record, "pinned");
  const json_t *observed = json_object_get(pinned, "observed");
  l4r_row(table);
  l4r_cell(table, L4R_CODE "%lld" L4R_CODE,
           (long long)json_integer_value(json_object_get(record, "_line")));
  l4r_cell(table, L4R_CODE "%s" L4R_CODE, l4r_text_at(record, "arm"));
  l4r_cell(table, "%s", l4r_text_at(record, "scenario"));
  l4r_cell_count(table, json_integer_value(json_object_get(record, "threads")));
  l4r_cell(table, "%s", l4r_text_at(pinned, "asked"));
  if (observed) {
    char *text = value_text(observed);
    if (!text) table->status = l4r_fail(L4R_ENVIRONMENT, "no memory for a table");
    l4r_cell_add(table, ": %s", text ? text : "");
    free(text);
  }
  l4r_cell(table, L4R_CODE "%s" L4R_CODE, l4r_text_at(record, "sha256"));
}

static int put_records(struct l4r_report *report, size_t first, size_t end) {
  static const struct l4r_column columns[] = {
      {"line", "line", .align = L4R_LEFT},
      {"arm", "arm", .align = L4R_LEFT},
      {"scenario", "scenario", .align = L4R_LEFT},
      {"threads", "threads", .align = L4R_RIGHT},
      {"pinned", "pinned", .align = L4R_LEFT},
      {"sha256", "SHA-256 of the record", .align = L4R_LEFT}};
  struct l4r_table table = {.layout = {.gap = 2}};
  struct l4r_sheet sheet;
  l4r_sheet_begin(&sheet, &l4r_print_html, report->page, "records");
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  for (size_t r = first; r < end; r++) add_record(&table, json_array_get(report->records, r));
  l4r_sheet_table(&sheet, &table);
  return l4r_sheet_end(&sheet, L4R_OK);
}

/* Records of one file and one command, from *at, which then is the place behind them. */
static int put_file(struct l4r_report *report, size_t *at) {
  const size_t first = *at;
  const json_t *record = json_array_get(report->records, first);
  const char *path = l4r_text_at(record, "_path"), *command = l4r_text_at(record, "command");
  size_t end = first;
  while (end < json_array_size(report->records) &&
         !strcmp(path, l4r_text_at(json_array_get(report->records, end), "_path")) &&
         !strcmp(command, l4r_text_at(json_array_get(report->records, end), "command")))
    end++;
  fputs("<details><summary><code>", report->page);
  l4r_html_text(report->page, short_path(path));
  fprintf(report->page, "</code>, %zu record%s, ", end - first, end - first == 1 ? "" : "s");
  const char *time = l4r_text_at(json_object_get(record, "manifest"), "time");
  l4r_html_text(report->page, *time ? time : "time unknown");
  fputs("</summary>\n<pre>", report->page);
  l4r_html_text(report->page, *command ? command : "the record names no command");
  fputs("</pre>\n", report->page);
  const int status = put_records(report, first, end);
  fputs("</details>\n", report->page);
  *at = end;
  return status;
}

/* Bytes of a record's path without its name. */
static size_t folder_bytes(const json_t *record) {
  const char *path = l4r_text_at(record, "_path"), *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) : 0;
}

/* The place behind the records of the folder of `first`. */
static size_t end_of_folder(const struct l4r_report *report, size_t first) {
  const json_t *record = json_array_get(report->records, first);
  const size_t bytes = folder_bytes(record);
  size_t end = first;
  for (const json_t *next; (next = json_array_get(report->records, end)); end++)
    if (folder_bytes(next) != bytes ||
        strncmp(l4r_text_at(next, "_path"), l4r_text_at(record, "_path"), bytes) != 0)
      break;
  return end;
}

/* Files of one folder behind one line, as put_file. */
static int put_folder(struct l4r_report *report, size_t *at) {
  const size_t first = *at, end = end_of_folder(report, first);
  const char *path = l4r_text_at(json_array_get(report->records, first), "_path");
  int status = L4R_OK;
  const char *name = short_path(path), *slash = strrchr(name, '/');
  char folder[256];
  snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - name) : 1, slash ? name : ".");
  fputs("<details><summary>Folder <code>", report->page);
  l4r_html_text(report->page, folder);
  fprintf(report->page, "</code>, %zu record%s</summary>\n<div class=\"inner\">\n", end - first,
          end - first == 1 ? "" : "s");
  while (*at < end && !status) status = put_file(report, at);
  fputs("</div></details>\n", report->page);
  return status;
}

int l4r_report_provenance(struct l4r_report *report) {
  size_t index;
  const json_t *record;
  const size_t records = json_array_size(report->records);
  json_array_foreach(report->records, index, record) warn_of(report, record);
  l4r_section(report, "records", "Records and commands");
  l4r_lead(report, "lite4rec verify recomputes every figure of these records from the raw samples "
                   "beside them; it finds accidents, not forgery.");
  const int by_folder = records > LINES_MAX && end_of_folder(report, 0) < records;
  int status = L4R_OK;
  for (size_t r = 0; r < records && !status;)
    status = by_folder ? put_folder(report, &r) : put_file(report, &r);
  l4r_section_end(report);
  return status;
}
