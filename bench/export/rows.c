/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/export/rows.h"

#include "bench/derive/door.h"
#include "bench/record/distinct.h"
#include "bench/record/machine.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL = 256 }; /* bytes of an arm's name without its suffix */

const char *const l4r_convention_names[L4R_CONVENTIONS] = {"keep", "mask"};

static struct l4r_member_value value_at(const struct l4r_record *record, const char *path) {
  return l4r_member_at(l4r_shape_record(), &record->data, path);
}

const char *l4r_row_text(const struct l4r_row *row, const char *path) {
  const char *text = value_at(row->record, path).text;
  return text ? text : "";
}

int l4r_row_untrained(const struct l4r_row *row) {
  return !*l4r_row_text(row, "row.name") && *l4r_row_text(row, "model.loss") &&
         l4r_row_number(row, "model.epoch") == 0 &&
         !strcmp(l4r_row_text(row, "model.init"), "random");
}

double l4r_row_number(const struct l4r_row *row, const char *path) {
  return value_at(row->record, path).real;
}

static struct l4r_shown whole(double value, double lo, double hi) {
  const int has_interval = !isnan(value) && !isnan(lo) && !isnan(hi);
  return (struct l4r_shown){value, has_interval ? lo : NAN, has_interval ? hi : NAN};
}

struct l4r_shown l4r_figure_of(const struct l4r_record_estimate *estimate) {
  return whole(estimate->value, estimate->lo, estimate->hi);
}

struct l4r_shown l4r_row_accuracy(const struct l4r_row *row, int convention, const char *metric) {
  const struct l4r_record_accuracy *accuracy = &row->record->data.accuracy;
  const int mask = convention == L4R_MASK;
  const struct l4r_field *field = l4r_field_named(l4r_shape_metrics(), metric);
  const struct l4r_field *ends = l4r_field_named(l4r_shape_intervals(), metric);
  if (!field || !ends) return whole(NAN, NAN, NAN);
  const double *value = l4r_member_of(field, mask ? &accuracy->mask : &accuracy->keep);
  const struct l4r_pair *pair = l4r_member_of(ends,
                                              mask ? &accuracy->ci95.mask : &accuracy->ci95.keep);
  return whole(*value, pair->lo, pair->hi);
}

static const struct l4r_record_estimate *latency_of(const struct l4r_row *row, const char *name) {
  static const struct l4r_record_estimate none = {0, NAN, NAN, NAN, NULL, NULL};
  const struct l4r_field *field = l4r_field_named(l4r_shape_latency(), name);
  return field && field->kind == L4R_IS_PART ? l4r_member_of(field, &row->record->data.latency_ns)
                                             : &none;
}

struct l4r_shown l4r_row_latency(const struct l4r_row *row, const char *name) {
  return l4r_figure_of(latency_of(row, name));
}

const char *l4r_row_withheld(const struct l4r_row *row, const char *name) {
  const char *reason = latency_of(row, name)->withheld;
  return reason ? reason : "the record does not hold it";
}

/* Composes ENGINE@MODEL[:key=value,...] for a record that does not name its arm. */
static void compose_label(const struct l4r_row *row, char *out, size_t size) {
  const char *key;
  json_t *value, *options = row->record->data.options;
  const char *separator = ":";
  size_t used = 0;
  l4r_text_add(out, size, &used, "%s@%s", l4r_row_text(row, "engine"),
               l4r_row_text(row, "model.name"));
  json_object_foreach(options, key, value) {
    if (!json_is_string(value)) continue;
    l4r_text_add(out, size, &used, "%s%s=%s", separator, key, json_string_value(value));
    separator = ",";
  }
}

/* Puts a label on one line, without control characters, cut between UTF-8 characters. */
static void label_row(struct l4r_row *row) {
  char text[1024];
  if (*l4r_row_text(row, "arm"))
    l4r_text_set(text, sizeof text, "%s", l4r_row_text(row, "arm"));
  else
    compose_label(row, text, sizeof text);
  for (char *c = text; *c; c++)
    if ((unsigned char)*c < 32 || *c == 127) *c = ' ';
  size_t n = strlen(text);
  if (n < LABEL) {
    memcpy(row->label, text, n + 1);
    return;
  }
  n = LABEL - 4;
  while (n && ((unsigned char)text[n] & 0xc0) == 0x80) n--;
  memcpy(row->label, text, n);
  strcpy(row->label + n, "...");
}

static int same_number(double a, double b) {
  return isnan(a) ? isnan(b) : a <= b && a >= b;
}

static int belongs(const struct l4r_row *row, const struct l4r_row_group *group) {
  const struct l4r_record_record *a = &row->record->data, *b = &group->first->data;
  return l4r_text_same(a->dataset.name, b->dataset.name) &&
         l4r_text_same(a->dataset.sha256, b->dataset.sha256) &&
         l4r_text_same(a->dataset.tie, b->dataset.tie) &&
         l4r_text_same(a->dataset.split, b->dataset.split) &&
         l4r_text_same(a->scenario, b->scenario) && a->batch == b->batch &&
         same_number(a->server.bound_ns, b->server.bound_ns) &&
         l4r_machine_same(row->record, group->first);
}

/* Writes 6040 as "6,040". */
static const char *grouped(double value, char out[32]) {
  char digits[32];
  int n = snprintf(digits, sizeof digits, "%.0f", value), used = 0;
  for (int i = 0; i < n && used < 30; i++) {
    if (i && (n - i) % 3 == 0) out[used++] = ',';
    out[used++] = digits[i];
  }
  out[used] = '\0';
  return out;
}

static void title_group(const struct l4r_row *row, struct l4r_row_group *group) {
  char count[32];
  const char *name = l4r_row_text(row, "dataset.name"), *scenario = l4r_row_text(row, "scenario");
  const size_t size = sizeof group->title;
  size_t used = 0;
  l4r_text_add(group->title, size, &used, "%.128s", *name ? name : "unnamed data set");
  double users = l4r_row_number(row, "dataset.users"), items = l4r_row_number(row, "dataset.items");
  double batch = l4r_row_number(row, "batch");
  if (!isnan(users)) l4r_text_add(group->title, size, &used, ", %s users", grouped(users, count));
  if (!isnan(items)) l4r_text_add(group->title, size, &used, ", %s items", grouped(items, count));
  if (*l4r_row_text(row, "dataset.tie") && strcmp(l4r_row_text(row, "dataset.tie"), "none"))
    l4r_text_add(group->title, size, &used, ", ties by %.64s",
                 l4r_tie_words(l4r_row_text(row, "dataset.tie")));
  if (!strcmp(l4r_row_text(row, "dataset.split"), "time"))
    l4r_text_add(group->title, size, &used, ", split by time, %s users evaluated",
                 grouped(l4r_row_number(row, "accuracy.users"), count));
  if (*scenario) l4r_text_add(group->title, size, &used, "; %.64s", scenario);
  const double bound = l4r_row_number(row, "server.bound_ns");
  if (!isnan(bound)) l4r_text_add(group->title, size, &used, ", p99 below %.6g ms", bound * 1e-6);
  if (batch > 1) l4r_text_add(group->title, size, &used, ", batches of %s", grouped(batch, count));
  l4r_text_set(group->cpu, sizeof group->cpu, "%.127s", l4r_row_text(row, "manifest.cpu"));
  for (char *c = group->title; *c; c++)
    if ((unsigned char)*c < 32) *c = ' ';
}

/* Makes a unique name from the data set, the scenario and a number. */
static void name_group(struct l4r_rows *rows, const struct l4r_row *row,
                       struct l4r_row_group *group) {
  char stem[128];
  const char *name = l4r_row_text(row, "dataset.name");
  l4r_text_set(stem, sizeof stem, "%.80s-%.40s", *name ? name : "unnamed",
               l4r_row_text(row, "scenario"));
  for (char *c = stem; *c; c++)
    if (!isalnum((unsigned char)*c) && !strchr(".=-", *c)) *c = '_';
  if (stem[0] == '.' || stem[0] == '-') stem[0] = '_';
  for (int attempt = 1; attempt <= rows->groups + 1; attempt++) {
    int taken = 0;
    if (attempt == 1)
      l4r_text_set(group->slug, sizeof group->slug, "%s", stem);
    else
      l4r_text_set(group->slug, sizeof group->slug, "%s-%d", stem, attempt);
    for (int g = 0; g < rows->groups; g++) taken |= !strcmp(rows->group[g].slug, group->slug);
    if (!taken) return;
  }
}

static int place_in_group(struct l4r_rows *rows, size_t *room, struct l4r_row *row) {
  for (int g = 0; g < rows->groups; g++)
    if (belongs(row, &rows->group[g])) {
      row->group = g;
      return L4R_OK;
    }
  int status = l4r_grow(&rows->group, room, (size_t)rows->groups + 1, sizeof *rows->group,
                        "groups of records");
  if (status) return status;
  struct l4r_row_group *group = &rows->group[rows->groups];
  group->first = row->record;
  title_group(row, group);
  name_group(rows, row, group);
  row->group = rows->groups++;
  return L4R_OK;
}

/* Marks the titles of all groups that hold records which failed their check. */
static void title_unsealed(struct l4r_rows *rows, int g) {
  int64_t unsealed = 0;
  struct l4r_row_group *group = &rows->group[g];
  const size_t used = strlen(group->title);
  for (int64_t r = 0; r < rows->count; r++)
    unsealed += rows->row[r].group == g && l4r_checked_of(rows->row[r].record) == L4R_UNCHECKED;
  if (unsealed)
    snprintf(group->title + used, sizeof group->title - used, "; unsealed: %lld not checked",
             (long long)unsealed);
}

/* Adds suffixes to labels that are equal within a group. */
static int distinguish_rows(struct l4r_rows *rows) {
  enum { NAME = LABEL + 16 };
  struct l4r_named *named = l4r_alloc((size_t)rows->count, sizeof *named, "names of rows");
  char(*name)[NAME] = l4r_alloc((size_t)rows->count, sizeof *name, "names of rows");
  int status = named && name ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t r = 0; r < rows->count && !status; r++) {
    snprintf(name[r], NAME, "%d %.255s", rows->row[r].group, rows->row[r].label);
    named[r] = (struct l4r_named){.record = rows->row[r].record, .name = name[r]};
  }
  if (!status) status = l4r_distinguish(named, rows->count);
  for (int64_t r = 0; r < rows->count && !status; r++) strcat(rows->row[r].label, named[r].suffix);
  l4r_free(named);
  l4r_free(name);
  return status;
}

/* Does the same for titles: two data sets of one name, two machines with the same processor. */
static int distinguish_groups(struct l4r_rows *rows) {
  struct l4r_named *named = l4r_alloc((size_t)rows->groups, sizeof *named, "names of groups");
  if (!named) return L4R_ENVIRONMENT;
  for (int g = 0; g < rows->groups; g++)
    named[g] = (struct l4r_named){.record = rows->group[g].first, .name = rows->group[g].title};
  int status = l4r_distinguish_by(named, rows->groups, L4R_BY_DATA | L4R_BY_MACHINE);
  for (int g = 0; g < rows->groups && !status; g++) {
    const size_t used = strlen(rows->group[g].title);
    snprintf(rows->group[g].title + used, sizeof rows->group[g].title - used, "%s",
             named[g].suffix);
  }
  l4r_free(named);
  return status;
}

int l4r_rows_make(const struct l4r_records *records, struct l4r_rows *rows) {
  size_t room = 0;
  *rows = (struct l4r_rows){0};
  rows->row = l4r_alloc((size_t)records->count, sizeof *rows->row, "rows of records");
  if (!rows->row) return L4R_ENVIRONMENT;
  for (int64_t r = 0; r < records->count; r++) {
    const struct l4r_record *record = &records->at[r];
    struct l4r_row *row = &rows->row[rows->count++];
    const int64_t threads = record->data.threads;
    *row = (struct l4r_row){.record = record, .order = r, .arm = -1, .thread = -1};
    row->threads = threads >= 1 && threads < 1000000 ? threads : 0;
    row->rate = isnan(record->data.server.rate_asked) ? 0 : record->data.server.rate_asked;
    label_row(row);
    int status = place_in_group(rows, &room, row);
    if (status) return status;
  }
  int status = distinguish_rows(rows);
  if (!status) status = distinguish_groups(rows);
  for (int g = 0; g < rows->groups; g++) title_unsealed(rows, g);
  return status;
}

void l4r_rows_free(struct l4r_rows *rows) {
  l4r_free(rows->row);
  l4r_free(rows->group);
  *rows = (struct l4r_rows){0};
}

void l4r_row_place(struct l4r_table *table, const struct l4r_row *row, const char *group) {
  l4r_cell(table, "%s", group);
  l4r_cell_count(table, row->arm);
  l4r_cell_count(table, row->thread);
  l4r_cell_count(table, row->threads);
}

void l4r_cell_alone(struct l4r_table *table, double value) {
  l4r_cell_exact(table, (struct l4r_shown){value, NAN, NAN});
}
