/* Numbering the catalogue and keeping the numbers; ids.h says why they belong to the model. */
#include "baselines/beam/ids.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <inttypes.h>
#include <string.h>

static const char *const file_name = "id_map.tsv";
static const char *const heading = "item\tnumber";

static int map_alloc(int64_t items, struct l4r_id_map *map) {
  map->items = items;
  map->number = l4r_alloc((size_t)items + 1, sizeof *map->number, "id map");
  return map->number ? L4R_OK : L4R_ENVIRONMENT;
}

void l4r_id_map_free(struct l4r_id_map *map) {
  if (!map) return;
  l4r_free(map->number);
  *map = (struct l4r_id_map){0};
}

static void number_randomly(struct l4r_id_map *map, uint64_t seed) {
  /* a stream of its own, so that the map does not depend on what else the seed is used for */
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

int l4r_id_map_make(const struct l4r_dataset *dataset, enum l4r_id_scheme scheme, uint64_t seed,
                    struct l4r_id_map *map) {
  if (scheme != L4R_IDS_RANDOM && scheme != L4R_IDS_SEQUENTIAL)
    return l4r_fail(L4R_USAGE, "collaborative item ids are not made by this version; "
                               "choose --ids random or --ids sequential");
  struct l4r_id_map made;
  int status = map_alloc(dataset->items, &made);
  if (status) return status;
  if (scheme == L4R_IDS_RANDOM)
    number_randomly(&made, seed);
  else
    number_by_appearance(dataset, &made);
  *map = made;
  return L4R_OK;
}

int l4r_id_map_write(const struct l4r_id_map *map, const char *folder, char sha256[65]) {
  char path[L4R_PATH_MAX];
  struct l4r_output output;
  int status = l4r_path_join(path, folder, file_name);
  if (status || (status = l4r_output_open(&output, path))) return status;
  fprintf(output.stream, "%s\n", heading);
  for (int64_t item = 1; item <= map->items; item++)
    fprintf(output.stream, "%" PRId64 "\t%" PRId64 "\n", item, map->number[item]);
  status = l4r_output_commit(&output);
  return status ? status : l4r_sha256_file(path, sha256);
}

/* Puts one "item<TAB>number" into the map; `taken` marks numbers seen. */
static int read_line(const struct l4r_lines *lines, char *line, struct l4r_id_map *map,
                     unsigned char *taken) {
  int64_t item, number;
  char *tab = strchr(line, '\t');
  if (tab) *tab = 0;
  if (!tab || l4r_parse_int(line, &item) || l4r_parse_int(tab + 1, &number))
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

static int read_lines(const char *path, char *content, size_t bytes, struct l4r_id_map *map,
                      unsigned char *taken) {
  struct l4r_lines lines;
  char *line;
  l4r_lines_init(&lines, path, content, bytes);
  if (!l4r_lines_next(&lines, &line) || strcmp(line, heading))
    return l4r_fail(L4R_INPUT, "%s:1: the heading \"%s\" is missing; train the model again", path,
                    heading);
  while (l4r_lines_next(&lines, &line)) {
    int status = read_line(&lines, line, map, taken);
    if (status) return status;
  }
  for (int64_t item = 1; item <= map->items; item++)
    if (!map->number[item])
      return l4r_fail(L4R_INPUT, "%s: item %" PRId64 " has no number; train the model again", path,
                      item);
  return L4R_OK;
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
  struct l4r_id_map read = {0};
  unsigned char *taken = l4r_alloc((size_t)items, 1, "id map check");
  status = taken ? map_alloc(items, &read) : L4R_ENVIRONMENT;
  if (!status) status = read_lines(path, content, bytes, &read, taken);
  l4r_free(taken);
  l4r_free(content);
  if (status)
    l4r_id_map_free(&read);
  else
    *map = read;
  return status;
}
