/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints who measured with what and by which commands: machines, builds, files of records. */
#include "bench/report/machine.h"
#include "bench/compare/across.h"
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

/* Facts of a build, and facts that change from run to run. They do not identify a machine. */
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

static json_t *machine_of(const struct l4r_record *record) {
  json_t *machine = json_deep_copy(json_object_get(record->from.json, "manifest"));
  keep_only(machine, of_build, sizeof of_build / sizeof *of_build, 0);
  keep_only(machine, passing, sizeof passing / sizeof *passing, 0);
  json_object_del(json_object_get(machine, "system"), "steal_ticks");
  return machine;
}

static json_t *build_of(const struct l4r_record *record) {
  json_t *build = json_deep_copy(json_object_get(record->from.json, "manifest"));
  keep_only(build, of_build, sizeof of_build / sizeof *of_build, 1);
  return build;
}

/* Lists the distinct objects that `of` makes of the records as [{"what": object, "records": n}]. */
static json_t *distinct(const struct l4r_records *records,
                        json_t *(*of)(const struct l4r_record *record)) {
  json_t *list = json_array(), *entry;
  size_t at;
  for (int64_t r = 0; r < records->count; r++) {
    json_t *what = of(&records->at[r]);
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

/* Returns a text itself, another value as JSON, in memory of malloc; NULL when it is short. */
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

/* Prints a list with one line per element. */
static void put_values(FILE *page, const json_t *value) {
  size_t index;
  const json_t *element;
  if (!json_is_array(value)) put_value(page, value);
  json_array_foreach(value, index, element) {
    if (index) fputs("<br>", page);
    put_value(page, element);
  }
}

/* Prints one line per fact; members of objects have names such as "system.governor". */
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
                     json_t *(*of)(const struct l4r_record *record)) {
  json_t *list = distinct(&report->records, of), *entry;
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

/* Machines side by side, where there are several with something in common. */
static int put_across(struct l4r_report *report) {
  struct l4r_across across;
  struct l4r_sheet sheet;
  int status = l4r_across_make(&report->records, &across);
  if (status == L4R_INPUT) { /* too many for a table */
    l4r_report_warn(report, "%s", l4r_error_message());
    status = L4R_OK;
  } else if (!status && across.machines > 1 && across.rows) {
    l4r_sheet_begin(&sheet, &l4r_print_html, report->page, "across");
    l4r_across_print(&sheet, &across);
    status = l4r_sheet_end(&sheet, L4R_OK);
  }
  l4r_across_free(&across);
  return status;
}

int l4r_report_machines(struct l4r_report *report) {
  l4r_section(report, "machines", "Machines and builds");
  const int status = put_across(report);
  put_list(report, "Machine", machine_of);
  put_list(report, "Build", build_of);
  l4r_section_end(report);
  return status;
}

/* --- records -------------------------------------------------------------------------------------
 */

/* More records than this are listed folder by folder. */
enum { LINES_MAX = 60 };

/* Returns only folder and name. The page may be published, and the full path is private. */
static const char *short_path(const char *path) {
  int slashes = 0;
  const char *at = path + strlen(path);
  while (at > path && (slashes += at[-1] == '/') < 2) at--;
  return at;
}

/* Adds the warnings that follow from the record itself. */
static void warn_of(struct l4r_report *report, const struct l4r_record *record) {
  const struct l4r_record_record *data = &record->data;
  /* Older records have no warnings in them; their machine's settings tell. */
  const json_t *system = json_object_get(json_object_get(record->from.json, "manifest"), "system");
  json_t *derived = !data->warnings.is_there && system ? l4r_warnings_of_system(system) : NULL;
  const json_t *warning;
  size_t index;
  for (int64_t w = 0; w < data->warnings.count; w++)
    l4r_report_warn(report, "%s", l4r_text_or_none(data->warnings.at[w].text));
  json_array_foreach(derived, index, warning) l4r_report_warn(report, "%s", l4r_text_of(warning));
  json_decref(derived);
  if (!system) l4r_report_warn(report, "a record does not describe its machine");
  for (int64_t f = 0; f < data->failures.count; f++)
    l4r_report_warn(
        report, "round %lld of %s failed: %s",
        data->failures.at[f].round == L4R_NONE ? 1LL : (long long)data->failures.at[f].round + 1,
        l4r_text_or_none(data->arm), l4r_text_or_none(data->failures.at[f].reason));
  if (data->pinned.proven == 0)
    l4r_report_warn(report, "threads were not proven to stay where they were put (pin %s)",
                    l4r_text_or_none(data->pinned.asked));
  if (strstr(l4r_text_or_none(data->manifest.git), "-dirty"))
    l4r_report_warn(report, "measured by a build of sources that differ from their commit");
  if (!data->sha256)
    l4r_report_warn(report, "a record is not sealed: it has no hash of its own");
  else if (l4r_record_sealed(record) == L4R_INPUT)
    l4r_report_warn(report, "%s:%lld was changed after it was sealed: its hash does not fit",
                    short_path(record->from.path), (long long)record->from.line);
}

static void add_record(struct l4r_table *table, const struct l4r_record *record) {
  const struct l4r_record_record *data = &record->data;
  const struct l4r_wholes *observed = &data->pinned.observed;
  l4r_row(table);
  l4r_cell(table, L4R_CODE "%lld" L4R_CODE, (long long)record->from.line);
  l4r_cell(table, L4R_CODE "%s" L4R_CODE, l4r_text_or_none(data->arm));
  l4r_cell(table, "%s", l4r_text_or_none(data->scenario));
  l4r_cell_count(table, data->threads == L4R_NONE ? 0 : data->threads);
  l4r_cell(table, "%s", l4r_text_or_none(data->pinned.asked));
  if (observed->is_there) {
    l4r_cell_add(table, ": [");
    for (int64_t i = 0; i < observed->count; i++)
      l4r_cell_add(table, "%s%lld", i ? "," : "", (long long)observed->at[i]);
    l4r_cell_add(table, "]");
  }
  l4r_cell(table, L4R_CODE "%s" L4R_CODE, l4r_text_or_none(data->sha256));
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
  for (size_t r = first; r < end; r++) add_record(&table, &report->records.at[r]);
  l4r_sheet_table(&sheet, &table);
  return l4r_sheet_end(&sheet, L4R_OK);
}

/* Prints records of one file and one command from *at on; *at then is the place after them. */
static int put_file(struct l4r_report *report, size_t *at) {
  const size_t first = *at;
  const struct l4r_record *record = &report->records.at[first];
  const char *path = record->from.path, *command = l4r_text_or_none(record->data.command);
  size_t end = first;
  while (end < (size_t)report->records.count && !strcmp(path, report->records.at[end].from.path) &&
         !strcmp(command, l4r_text_or_none(report->records.at[end].data.command)))
    end++;
  fputs("<details><summary><code>", report->page);
  l4r_html_text(report->page, short_path(path));
  fprintf(report->page, "</code>, %zu record%s, ", end - first, end - first == 1 ? "" : "s");
  const char *time = l4r_text_or_none(record->data.manifest.time);
  l4r_html_text(report->page, *time ? time : "time unknown");
  fputs("</summary>\n<pre>", report->page);
  l4r_html_text(report->page, *command ? command : "the record names no command");
  fputs("</pre>\n", report->page);
  const int status = put_records(report, first, end);
  fputs("</details>\n", report->page);
  *at = end;
  return status;
}

/* Returns the length of a record's path without its name. */
static size_t folder_bytes(const struct l4r_record *record) {
  const char *path = record->from.path, *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) : 0;
}

/* Returns the place after the records of the folder of `first`. */
static size_t end_of_folder(const struct l4r_report *report, size_t first) {
  const struct l4r_record *record = &report->records.at[first];
  const size_t bytes = folder_bytes(record);
  size_t end = first;
  for (; end < (size_t)report->records.count; end++) {
    const struct l4r_record *next = &report->records.at[end];
    if (folder_bytes(next) != bytes || strncmp(next->from.path, record->from.path, bytes) != 0)
      break;
  }
  return end;
}

/* Prints the files of one folder as one folded line; *at as in put_file. */
static int put_folder(struct l4r_report *report, size_t *at) {
  const size_t first = *at, end = end_of_folder(report, first);
  const char *path = report->records.at[first].from.path;
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
  const size_t records = (size_t)report->records.count;
  for (size_t r = 0; r < records; r++) warn_of(report, &report->records.at[r]);
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
