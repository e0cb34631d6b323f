/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers the catalogue and stores the numbers; ids.h says why they belong to the model. */
#include "baselines/beam/ids/ids.h"

#include "baselines/beam/ids/collaborate.h"
#include "baselines/beam/ids/semantic.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/lines.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"
#include "impl/base/random.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const file_name = "id_map.tsv";
static const char *const heading = "item\tnumber";
static const char *const path_heading = "item\tpath";
static const char *const code_heading = "item\tcodes";

static int map_alloc(int64_t items, struct l4r_id_map *map) {
  map->items = items;
  map->number = l4r_alloc((size_t)items + 1, sizeof *map->number, "id map");
  return map->number ? L4R_OK : L4R_ENVIRONMENT;
}

void l4r_id_map_free(struct l4r_id_map *map) {
  if (!map) return;
  l4r_free(map->number);
  l4r_free(map->start);
  l4r_free(map->step);
  *map = (struct l4r_id_map){0};
}

int l4r_id_path_compare(const struct l4r_id_map *map, int64_t a, int64_t b) {
  int64_t m = map->start[a] - map->start[a - 1], n = map->start[b] - map->start[b - 1];
  const int32_t *x = map->step + map->start[a - 1], *y = map->step + map->start[b - 1];
  for (int64_t i = 0; i < m && i < n; i++)
    if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
  return (m > n) - (m < n);
}

static void number_randomly(struct l4r_id_map *map, uint64_t seed) {
  /* The map has a random stream of its own, independent of other uses of the seed. */
  struct l4r_random random;
  l4r_random_stream(&random, seed, 0x1d5, 0);
  for (int64_t item = 1; item <= map->items; item++) map->number[item] = L4R_FIRST_ID + item - 1;
  l4r_random_shuffle(&random, map->number + 1, (size_t)map->items);
}

static void number_by_appearance(const struct l4r_dataset *dataset, struct l4r_id_map *map) {
  int64_t next = L4R_FIRST_ID;
  for (int64_t at = 0; at < dataset->train_start[dataset->users]; at++) {
    int64_t *number = &map->number[dataset->train_item[at]];
    if (!*number) *number = next++;
  }
  for (int64_t item = 1; item <= map->items; item++)
    if (!map->number[item]) map->number[item] = next++;
}

static int make_paths(const struct l4r_dataset *dataset, const struct l4r_id_spec *spec,
                      struct l4r_id_map *map) {
  struct l4r_collaborate_spec tree;
  l4r_collaborate_defaults(dataset->items, &tree);
  tree.seed = spec->seed;
  if (spec->clusters) tree.clusters = spec->clusters;
  if (spec->leaf) tree.leaf = spec->leaf;
  map->items = dataset->items;
  return l4r_collaborate(dataset, &tree, &map->start, &map->step);
}

static int make_codes(const struct l4r_dataset *dataset, const struct l4r_id_spec *spec,
                      struct l4r_id_map *map) {
  const struct l4r_semantic_spec semantic = {.items = dataset->items,
                                             .width = spec->width,
                                             .vector = spec->vector,
                                             .popularity = dataset->train_count,
                                             .levels = spec->levels,
                                             .codes = spec->codes,
                                             .kept = spec->kept,
                                             .seed = spec->seed,
                                             .team = spec->team};
  if (!spec->vector)
    return l4r_fail(L4R_USAGE, "--ids semantic needs vectors of the items: --init-item FOLDER");
  map->items = dataset->items;
  map->levels = spec->levels ? spec->levels : L4R_SEMANTIC_LEVELS;
  return l4r_semantic(&semantic, &map->start, &map->step);
}

static int make_map(const struct l4r_dataset *dataset, const struct l4r_id_spec *spec,
                    struct l4r_id_map *map) {
  if (spec->scheme == L4R_IDS_COLLABORATIVE) return make_paths(dataset, spec, map);
  if (spec->scheme == L4R_IDS_SEMANTIC) return make_codes(dataset, spec, map);
  return map_alloc(dataset->items, map);
}

int l4r_id_map_make(const struct l4r_dataset *dataset, const struct l4r_id_spec *spec,
                    struct l4r_id_map *map) {
  struct l4r_id_map made = {0};
  int status = make_map(dataset, spec, &made);
  if (status) {
    l4r_id_map_free(&made);
    return status;
  }
  if (spec->scheme == L4R_IDS_RANDOM) number_randomly(&made, spec->seed);
  if (spec->scheme == L4R_IDS_SEQUENTIAL) number_by_appearance(dataset, &made);
  *map = made;
  return L4R_OK;
}

void l4r_id_map_shared(const struct l4r_id_map *map, int64_t *items, int64_t *most) {
  *items = 0;
  *most = 1;
  for (int64_t item = 1; map->levels && item <= map->items; item++) {
    const int64_t place = map->step[map->start[item] - 1]; /* 1, 2, ... among its equals */
    *items += (place == 2) + (place >= 2);
    if (place > *most) *most = place;
  }
}

static void write_path(const struct l4r_id_map *map, int64_t item, FILE *stream) {
  fprintf(stream, "%" PRId64, item);
  for (int64_t at = map->start[item - 1]; at < map->start[item]; at++)
    fprintf(stream, "%c%" PRId32, at == map->start[item - 1] ? '\t' : '-', map->step[at]);
  fputc('\n', stream);
}

int l4r_id_map_write(const struct l4r_id_map *map, const char *folder, char sha256[65]) {
  char path[L4R_PATH_MAX];
  struct l4r_output output;
  int status = l4r_path_join(path, folder, file_name);
  if (status || (status = l4r_output_open(&output, path))) return status;
  fprintf(output.stream, "%s\n", map->number ? heading : map->levels ? code_heading : path_heading);
  for (int64_t item = 1; item <= map->items; item++)
    if (map->number)
      fprintf(output.stream, "%" PRId64 "\t%" PRId64 "\n", item, map->number[item]);
    else
      write_path(map, item, output.stream);
  status = l4r_output_commit(&output);
  return status ? status : l4r_sha256_file(path, sha256);
}

/* Reads the line's item; *rest is the text after the tab. */
static int read_item(const struct l4r_lines *lines, char *line, const char *second, char **rest,
                     int64_t *item) {
  char *tab = strchr(line, '\t');
  *rest = NULL;
  if (tab) *tab = 0;
  if (!tab || l4r_parse_int(line, item))
    return l4r_fail(L4R_INPUT, "%s:%" PRId64 ": not \"item<TAB>%s\"; train the model again",
                    lines->path, lines->number, second);
  *rest = tab + 1;
  return L4R_OK;
}

/* Reads one "item<TAB>number" into the map; `taken` marks numbers seen. */
static int read_line(const struct l4r_lines *lines, char *line, struct l4r_id_map *map,
                     unsigned char *taken) {
  int64_t item, number;
  char *rest;
  int status = read_item(lines, line, "number", &rest, &item);
  if (status) return status;
  if (l4r_parse_int(rest, &number))
    return l4r_fail(L4R_INPUT, "%s:%" PRId64 ": not \"item<TAB>number\"; train the model again",
                    lines->path, lines->number);
  if (item < 1 || item > map->items || map->number[item])
    return l4r_fail(L4R_INPUT,
                    "%s:%" PRId64 ": item %" PRId64 " is out of 1..%" PRId64
                    " or stands twice; train the model again",
                    lines->path, lines->number, item, map->items);
  int64_t rank = number - L4R_FIRST_ID;
  if (rank < 0 || rank >= map->items || taken[rank])
    return l4r_fail(L4R_INPUT,
                    "%s:%" PRId64 ": number %" PRId64 " is out of %d..%" PRId64
                    " or stands twice; train the model again",
                    lines->path, lines->number, number, L4R_FIRST_ID,
                    L4R_FIRST_ID + map->items - 1);
  map->number[item] = number;
  taken[rank] = 1;
  return L4R_OK;
}

static int read_numbers(struct l4r_lines *lines, struct l4r_id_map *map) {
  char *line;
  unsigned char *taken = l4r_alloc((size_t)map->items, 1, "id map check");
  map->number = l4r_alloc((size_t)map->items + 1, sizeof *map->number, "id map");
  int status = taken && map->number ? L4R_OK : L4R_ENVIRONMENT;
  while (!status && l4r_lines_next(lines, &line)) status = read_line(lines, line, map, taken);
  for (int64_t item = 1; !status && item <= map->items; item++)
    if (!map->number[item])
      status = l4r_fail(L4R_INPUT, "%s: item %" PRId64 " has no number; train the model again",
                        lines->path, item);
  l4r_free(taken);
  return status;
}

/* Appends the steps of "3-11-2". */
static int read_steps(const struct l4r_lines *lines, char *text, struct l4r_id_map *map,
                      size_t *room, int64_t *steps) {
  int64_t count = 0, most = map->items > L4R_CLUSTERS_MAX ? map->items : L4R_CLUSTERS_MAX;
  for (char *next = text; next; count++) {
    char *word = next;
    int64_t value = 0;
    next = strchr(word, '-');
    if (next) *next++ = 0;
    if (l4r_parse_int(word, &value) || value < 1 || value > most || count == L4R_PATH_STEPS_MAX)
      return l4r_fail(L4R_INPUT,
                      "%s:%" PRId64 ": a path is one to %d numbers of 1 to %" PRId64
                      " joined by \"-\"; train the model again",
                      lines->path, lines->number, L4R_PATH_STEPS_MAX, most);
    int status = l4r_grow(&map->step, room, (size_t)*steps + 1, sizeof *map->step, "id map");
    if (status) return status;
    map->step[(*steps)++] = (int32_t)value;
  }
  return L4R_OK;
}

static int compare_paths(const void *left, const void *right, void *context) {
  const struct l4r_id_map *map = context;
  int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  int order = l4r_id_path_compare(map, a, b);
  return order ? order : (a > b) - (a < b);
}

static int check_paths(const char *path, const struct l4r_id_map *map) {
  int64_t *sorted = l4r_alloc((size_t)map->items, sizeof *sorted, "id map check");
  if (!sorted) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i < map->items; i++) sorted[i] = i + 1;
  qsort_r(sorted, (size_t)map->items, sizeof *sorted, compare_paths, (void *)map);
  int status = L4R_OK;
  for (int64_t i = 1; !status && i < map->items; i++)
    if (!l4r_id_path_compare(map, sorted[i - 1], sorted[i]))
      status = l4r_fail(L4R_INPUT,
                        "%s:%" PRId64 ": item %" PRId64 " has the path of item %" PRId64
                        "; train the model again",
                        path, sorted[i] + 1, sorted[i], sorted[i - 1]);
  l4r_free(sorted);
  return status;
}

/* Semantic ids have one length, that of the first. */
static int check_levels(const struct l4r_lines *lines, int64_t item, struct l4r_id_map *map) {
  const int64_t levels = map->start[item] - map->start[item - 1] - 1;
  if (item == 1) map->levels = levels;
  if (levels > 0 && levels == map->levels) return L4R_OK;
  return l4r_fail(L4R_INPUT,
                  "%s:%" PRId64 ": codes of all items are as many, and a place behind them; train "
                  "the model again",
                  lines->path, lines->number);
}

/* `coded`: the paths are semantic ids. */
static int read_paths(struct l4r_lines *lines, int coded, struct l4r_id_map *map) {
  char *line, *rest;
  size_t room = 0;
  int64_t item, items = 0, steps = 0;
  map->start = l4r_alloc((size_t)map->items + 1, sizeof *map->start, "id map");
  int status = map->start ? L4R_OK : L4R_ENVIRONMENT;
  while (!status && l4r_lines_next(lines, &line)) {
    status = read_item(lines, line, coded ? "codes" : "path", &rest, &item);
    if (!status && (item != items + 1 || item > map->items))
      status = l4r_fail(L4R_INPUT,
                        "%s:%" PRId64 ": item %" PRId64 " where items 1..%" PRId64
                        " stand in order; train the model again",
                        lines->path, lines->number, item, map->items);
    if (!status) status = read_steps(lines, rest, map, &room, &steps);
    if (status) break;
    map->start[++items] = steps;
    if (coded) status = check_levels(lines, items, map);
  }
  if (!status && items < map->items)
    status = l4r_fail(L4R_INPUT, "%s: item %" PRId64 " has no path; train the model again",
                      lines->path, items + 1);
  return status ? status : check_paths(lines->path, map);
}

static int read_lines(const char *path, char *content, size_t bytes, struct l4r_id_map *map) {
  struct l4r_lines lines;
  char *line;
  l4r_lines_init(&lines, path, content, bytes);
  if (l4r_lines_next(&lines, &line)) {
    if (!strcmp(line, heading)) return read_numbers(&lines, map);
    if (!strcmp(line, path_heading)) return read_paths(&lines, 0, map);
    if (!strcmp(line, code_heading)) return read_paths(&lines, 1, map);
  }
  return l4r_fail(L4R_INPUT,
                  "%s:1: the heading \"%s\", \"%s\" or \"%s\" is missing; train the model again",
                  path, heading, path_heading, code_heading);
}

int l4r_id_map_read(const char *folder, int64_t items, const char *sha256, struct l4r_id_map *map) {
  char path[L4R_PATH_MAX], *content = NULL, hex[65];
  size_t bytes;
  int status = l4r_path_join(path, folder, file_name);
  if (status || (status = l4r_read_file(path, 1, &content, &bytes))) return status;
  l4r_sha256(content, bytes, hex);
  if (strcmp(hex, sha256)) {
    l4r_free(content);
    return l4r_fail(L4R_INPUT,
                    "%s: not the id map this model was trained with (SHA-256 %.12s..., config.json "
                    "says %.12s...); put the original file back or train again",
                    path, hex, sha256);
  }
  struct l4r_id_map read = {.items = items};
  if ((size_t)items > bytes / 4 + 1) /* "1\t1\n": checked before memory is allocated */
    status = l4r_fail(L4R_INPUT,
                      "%s: %zu bytes cannot hold %" PRId64 " items; train the model again", path,
                      bytes, items);
  if (!status) status = read_lines(path, content, bytes, &read);
  l4r_free(content);
  if (status)
    l4r_id_map_free(&read);
  else
    *map = read;
  return status;
}
