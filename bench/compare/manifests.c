/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare/manifests.h"

#include "bench/table/model.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *const left_out[] = {"time",           "steal_ticks", "machine_shape", "xml",
                                       "blis_choice",    "synthetic",   "machine_key",   "warnings",
                                       "program_sha256", "label"};

static int is_left_out(const char *key) {
  for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
    if (!strcmp(key, left_out[i])) return 1;
  return 0;
}

/* Adds every member that is no object as flat["a.b"] = text. Arrays are one text. */
static void flatten(const json_t *object, const char *before, json_t *flat) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)object, key, value) {
    char path[160];
    if (is_left_out(key)) continue;
    l4r_text_set(path, sizeof path, "%s%s%.100s", before, *before ? "." : "", key);
    if (json_is_object(value)) {
      flatten(value, path, flat);
      continue;
    }
    char *text = json_is_string(value)
                     ? strdup(json_string_value(value))
                     : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS |
                                             JSON_REAL_PRECISION(6));
    json_object_set_new(flat, path, json_string(text ? text : ""));
    free(text);
  }
}

static const char *said(const json_t *flat, const char *path) {
  const char *text = json_string_value(json_object_get(flat, path));
  return text && strcmp(text, "null") != 0 ? text : "-";
}

static int differs(json_t *const *flat, int machines, const char *path) {
  for (int m = 1; m < machines; m++)
    if (strcmp(said(flat[m], path), said(flat[0], path)) != 0) return 1;
  return 0;
}

void l4r_manifests_print(struct l4r_sheet *sheet, const struct l4r_across *across) {
  struct l4r_table table = {.layout = {.gap = 2}};
  json_t *flat[L4R_ACROSS_MACHINES] = {NULL}, *all = json_object();
  const char *path;
  json_t *value;
  int differ = 0;
  l4r_table_title(&table, "In what the machines differ, by their newest records");
  l4r_table_column(&table, (struct l4r_column){"member", "member", .align = L4R_LEFT});
  for (int m = 0; m < across->machines; m++) {
    char key[32];
    l4r_text_set(key, sizeof key, "machine%d", m + 1);
    l4r_table_column(&table, (struct l4r_column){key, across->name[m], .align = L4R_LEFT});
    flat[m] = json_object();
    flatten(json_object_get(across->newest[m]->from.json, "manifest"), "", flat[m]);
    json_object_update(all, flat[m]);
  }
  json_object_foreach(all, path, value) {
    if (!differs(flat, across->machines, path)) continue;
    differ++;
    l4r_row(&table);
    l4r_cell(&table, "%s", path);
    for (int m = 0; m < across->machines; m++) l4r_cell(&table, "%.60s", said(flat[m], path));
  }
  if (differ)
    l4r_sheet_table(sheet, &table);
  else
    l4r_table_free(&table);
  for (int m = 0; m < across->machines; m++) json_decref(flat[m]);
  json_decref(all);
}
