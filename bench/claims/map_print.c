/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/map_print.h"

#include "bench/record/text.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

static void add_plane_cells(struct l4r_table *table, const struct l4r_map_plane *plane) {
  l4r_cell(table, "%s", plane->engine);
  if (strcmp(plane->lite, plane->engine)) l4r_cell_add(table, " (Lite: %s)", plane->lite);
  l4r_cell(table, "%s", plane->decoder);
  l4r_cell(table, "%s", plane->vectors);
  l4r_cell(table, "%s", plane->precision);
  l4r_cell_count(table, plane->threads);
  l4r_cell_count(table, plane->batch);
}

static void add_percent(struct l4r_table *table, double share) {
  if (isnan(share))
    l4r_cell(table, "-");
  else
    l4r_cell(table, "%.2f %%", 100 * share);
}

#define PLANE_COLUMNS                                                                              \
  {"engine", "engine", .align = L4R_LEFT}, {"decoder", "decoder", .align = L4R_LEFT},              \
      {"vectors", "item vectors", .align = L4R_LEFT},                                              \
      {"precision", "precision", .align = L4R_LEFT}, {"threads", "threads", .align = L4R_RIGHT}, { \
    "batch", "batch", .align = L4R_RIGHT                                                           \
  }

static void add_measured(struct l4r_table *table, const struct l4r_map_plane *plane, int b, int t) {
  const struct l4r_map_cell *cell = &plane->cell[t][b];
  l4r_row(table);
  add_plane_cells(table, plane);
  l4r_cell_count(table, b + 1);
  l4r_cell_count(table, t + 1);
  l4r_cell(table, "%.2f %%", 100 * cell->saving);
  l4r_cell_value(table, (struct l4r_shown){100 * cell->saving, 100 * cell->lo, 100 * cell->hi});
  if (!isnan(cell->lo))
    l4r_cell_interval(table, 1, L4R_BRACKET "%.2f, %.2f]", 100 * cell->lo, 100 * cell->hi);
  add_percent(table, cell->modelled);
}

static void print_measured(struct l4r_sheet *sheet, const struct l4r_map *map) {
  static const struct l4r_column columns[] = {
      PLANE_COLUMNS,
      {"beams", "beams", .align = L4R_RIGHT},
      {"tokens", "tokens of an id", .align = L4R_RIGHT},
      {"less_time", "less time, measured", "%", .align = L4R_FIGURE, .interval = 1},
      {"modelled", "by the model without it", "%", .align = L4R_FIGURE}};
  struct l4r_table table = {.layout = {.indent = 2, .gap = 2}};
  l4r_table_title(&table, "Cells that were measured: 1 - time(Lite) / time(beam search)");
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  for (int64_t p = 0; p < map->planes; p++)
    for (int t = 0; t < L4R_MAP_TOKENS; t++)
      for (int b = 0; b < L4R_MAP_BEAMS; b++)
        if (map->plane[p].cell[t][b].is_measured) add_measured(&table, &map->plane[p], b, t);
  if (table.rows)
    l4r_sheet_table(sheet, &table);
  else
    l4r_table_free(&table);
}

/* The fewest beams whose cell reaches the value; 0: none up to the most. */
static int least_beams(const struct l4r_map_plane *plane, int t, double value) {
  for (int b = 0; b < L4R_MAP_BEAMS; b++)
    if (plane->cell[t][b].saving >= value) return b + 1;
  return 0;
}

static void add_reached(struct l4r_table *table, const struct l4r_map_plane *plane, double value) {
  l4r_row(table);
  add_plane_cells(table, plane);
  l4r_cell_count(table, plane->rests_on);
  l4r_cell(table, "%.2f %%", 100 * value);
  for (int t = 0; t < L4R_MAP_TOKENS; t++) {
    const int beams = least_beams(plane, t, value);
    const int known = beams && plane->cell[t][beams - 1].is_measured;
    if (beams)
      l4r_cell(table, "%s%d", known ? "" : "~", beams);
    else
      l4r_cell(table, "%s", isnan(plane->cell[t][0].saving) ? "?" : "-");
  }
}

static int reaches(const struct l4r_map_plane *plane, double value) {
  for (int t = 0; t < L4R_MAP_TOKENS; t++)
    if (least_beams(plane, t, value)) return 1;
  return 0;
}

static void print_reached(struct l4r_sheet *sheet, const struct l4r_map *map) {
  int64_t nowhere[L4R_MAP_CLAIMS] = {0};
  static const struct l4r_column columns[] = {PLANE_COLUMNS,
                                              {"rests_on", "rests on", .align = L4R_RIGHT},
                                              {"value", "less time", .align = L4R_RIGHT},
                                              {"t1", "1 token", .align = L4R_RIGHT},
                                              {"t2", "2", .align = L4R_RIGHT},
                                              {"t3", "3", .align = L4R_RIGHT},
                                              {"t4", "4", .align = L4R_RIGHT},
                                              {"t5", "5", .align = L4R_RIGHT},
                                              {"t6", "6", .align = L4R_RIGHT},
                                              {"t7", "7", .align = L4R_RIGHT},
                                              {"t8", "8", .align = L4R_RIGHT}};
  struct l4r_table table = {.layout = {.indent = 2, .gap = 2}};
  l4r_table_title(&table,
                  "From how many beams on a claimed value is reached, by tokens of an id ('~': a "
                  "modelled cell; '-': not up to %d beams; rests on: measured beam searches of its "
                  "model)",
                  L4R_MAP_BEAMS);
  l4r_table_columns(&table, columns, sizeof columns / sizeof *columns);
  for (int64_t p = 0; p < map->planes; p++)
    for (int c = 0; c < map->claims; c++)
      if (reaches(&map->plane[p], map->claimed[c]))
        add_reached(&table, &map->plane[p], map->claimed[c]);
      else
        nowhere[c]++;
  l4r_sheet_table(sheet, &table);
  for (int c = 0; c < map->claims; c++)
    l4r_sheet_item(sheet,
                   "%.2f %% is reached nowhere in %lld of the %lld planes, which have no row.",
                   100 * map->claimed[c], (long long)nowhere[c], (long long)map->planes);
}

struct count {
  int64_t cells, reached, measured_reached;
  int beams, tokens; /* of the cell with the fewest beams x tokens that reaches the value */
  const struct l4r_map_plane *plane;
};

static struct count count_of(const struct l4r_map *map, double value) {
  struct count count = {.cells = 0};
  for (int64_t p = 0; p < map->planes; p++)
    for (int t = 0; t < L4R_MAP_TOKENS; t++)
      for (int b = 0; b < L4R_MAP_BEAMS; b++) {
        const struct l4r_map_cell *cell = &map->plane[p].cell[t][b];
        count.cells += !isnan(cell->saving);
        if (!(cell->saving >= value)) continue;
        count.reached++;
        count.measured_reached += cell->is_measured;
        if (count.plane && (b + 1) * (t + 1) >= count.beams * count.tokens) continue;
        count.plane = &map->plane[p];
        count.beams = b + 1;
        count.tokens = t + 1;
      }
  return count;
}

static void add_claim(char *text, size_t size, size_t *used, const struct count *count,
                      double value, int64_t measured) {
  l4r_text_add(text, size, used,
               " %.2f %% is reached in %.3g %% of the cells (%lld of %lld measured)", 100 * value,
               100. * (double)count->reached / (double)count->cells,
               (long long)count->measured_reached, (long long)measured);
  if (!count->plane) {
    l4r_text_add(text, size, used, ", that is nowhere");
    return;
  }
  const int known = count->plane->cell[count->tokens - 1][count->beams - 1].is_measured;
  l4r_text_add(text, size, used,
               ", with the least search at %s%d beams and ids of %d tokens (engine %s, decoder %s, "
               "item vectors %s, %s, batch %lld)",
               known ? "" : "~", count->beams, count->tokens, count->plane->engine,
               count->plane->decoder, count->plane->vectors, count->plane->precision,
               (long long)count->plane->batch);
}

/* One sentence, all of whose numbers are counted here. */
static void print_sentence(struct l4r_sheet *sheet, const struct l4r_map *map) {
  char text[2048] = "";
  size_t used = 0;
  const struct l4r_record *record = map->points.at[0].record;
  l4r_text_add(text, sizeof text, &used,
               "At %s on %s, of %lld cells (1 to %d beams, ids of 1 to %d tokens, %lld planes of "
               "engine, decoder, item vectors, precision, threads and batch; %lld measured, %lld "
               "modelled):",
               map->size, l4r_text_or_none(record->data.manifest.cpu),
               (long long)map->measured + (long long)map->modelled, L4R_MAP_BEAMS, L4R_MAP_TOKENS,
               (long long)map->planes, (long long)map->measured, (long long)map->modelled);
  for (int c = 0; c < map->claims; c++) {
    const struct count count = count_of(map, map->claimed[c]);
    if (c) l4r_text_add(text, sizeof text, &used, ";");
    add_claim(text, sizeof text, &used, &count, map->claimed[c], map->measured);
  }
  l4r_text_add(text, sizeof text, &used, ".");
  l4r_sheet_text(sheet, "%s", text);
}

void l4r_map_print(struct l4r_sheet *sheet, const struct l4r_map *map) {
  print_measured(sheet, map);
  print_reached(sheet, map);
  print_sentence(sheet, map);
  if (map->errors)
    l4r_sheet_item(
        sheet,
        "The model is off by %.3g %% in the median and %.3g %% at most, where a measured "
        "beam search is predicted by the others of its kind (%lld of them).",
        100 * map->error[0], 100 * map->error[1], (long long)map->errors);
  if (map->spoiled)
    l4r_sheet_item(sheet,
                   "On %lld of %lld measured cells `claims` would give no verdict; the first: %s",
                   (long long)map->spoiled, (long long)map->measured, map->reason);
  if (map->points.left_out)
    l4r_sheet_item(sheet,
                   "%lld records were left out: they do not say how long ids are, and no record of "
                   "our engine with the same weights does.",
                   (long long)map->points.left_out);
}
