/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/map.h"

#include "bench/claims/conditions.h"
#include "bench/claims/judge.h"
#include "bench/claims/map_points.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Batches that every plane's surroundings are drawn for, beside those that were measured. */
static const int64_t batches[] = {1, 4, 16, 64};

static int is_side(const struct l4r_map_plane *plane, const struct l4r_map_point *point) {
  return !strcmp(point->way, point->is_beam ? plane->decoder : plane->vectors) &&
         !strcmp(point->engine, point->is_beam ? plane->engine : plane->lite) &&
         !strcmp(point->precision, plane->precision) && point->threads == plane->threads;
}

static int is_there(const struct l4r_map *map, const struct l4r_map_plane *plane) {
  for (int64_t p = 0; p < map->planes; p++) {
    const struct l4r_map_plane *other = &map->plane[p];
    if (!strcmp(other->engine, plane->engine) && !strcmp(other->decoder, plane->decoder) &&
        !strcmp(other->vectors, plane->vectors) && !strcmp(other->precision, plane->precision) &&
        other->threads == plane->threads && other->batch == plane->batch)
      return 1;
  }
  return 0;
}

static int add_plane(struct l4r_map *map, const struct l4r_map_point *lite,
                     const struct l4r_map_point *beam, int64_t batch, size_t *room) {
  struct l4r_map_plane plane = {.threads = lite->threads, .batch = batch};
  l4r_text_set(plane.engine, sizeof plane.engine, "%s", beam->engine);
  l4r_text_set(plane.lite, sizeof plane.lite, "%s", lite->engine);
  l4r_text_set(plane.decoder, sizeof plane.decoder, "%s", beam->way);
  l4r_text_set(plane.vectors, sizeof plane.vectors, "%s", lite->way);
  l4r_text_set(plane.precision, sizeof plane.precision, "%s", lite->precision);
  for (int64_t i = 0; i < map->points.count; i++)
    plane.rests_on += map->points.at[i].is_beam && is_side(&plane, &map->points.at[i]);
  if (is_there(map, &plane)) return L4R_OK;
  const int status = l4r_grow(&map->plane, room, (size_t)map->planes + 1, sizeof plane, "a map");
  if (!status) map->plane[map->planes++] = plane;
  return status;
}

static int serves_lite(const struct l4r_map_points *points, const char *engine) {
  for (int64_t i = 0; i < points->count; i++)
    if (!points->at[i].is_beam && !strcmp(points->at[i].engine, engine)) return 1;
  return 0;
}

/* A peer that serves no Lite stands beside ours. */
static int goes_with(const struct l4r_map_points *points, const struct l4r_map_point *lite,
                     const struct l4r_map_point *beam) {
  if (lite->is_beam || !beam->is_beam || lite->threads != beam->threads) return 0;
  if (strcmp(lite->precision, beam->precision)) return 0;
  return !strcmp(lite->engine, beam->engine) ||
         (!strcmp(lite->engine, "ours") && !serves_lite(points, beam->engine));
}

static int find_planes(struct l4r_map *map) {
  const struct l4r_map_points *points = &map->points;
  size_t room = 0;
  int status = L4R_OK;
  for (int64_t l = 0; l < points->count; l++)
    for (int64_t b = 0; b < points->count && !status; b++) {
      const struct l4r_map_point *lite = &points->at[l], *beam = &points->at[b];
      if (!goes_with(points, lite, beam)) continue;
      for (size_t i = 0; i < sizeof batches / sizeof *batches && !status; i++)
        status = add_plane(map, lite, beam, batches[i], &room);
      if (!status) status = add_plane(map, lite, beam, beam->batch, &room);
    }
  return status;
}

static const struct l4r_map_point *measured(const struct l4r_map *map,
                                            const struct l4r_map_plane *plane, int is_beam,
                                            int64_t beams, int64_t tokens) {
  for (int64_t i = 0; i < map->points.count; i++) {
    const struct l4r_map_point *point = &map->points.at[i];
    if (point->is_beam != is_beam || point->batch != plane->batch || !is_side(plane, point))
      continue;
    if (!is_beam || (point->beams == beams && point->tokens == tokens)) return point;
  }
  return NULL;
}

/* A point of that side, with the plane's batch, that nobody needs to have measured. */
static int imagine(const struct l4r_map *map, const struct l4r_map_plane *plane, int is_beam,
                   int64_t beams, int64_t tokens, struct l4r_map_point *out) {
  for (int64_t i = 0; i < map->points.count; i++) {
    const struct l4r_map_point *point = &map->points.at[i];
    if (point->is_beam != is_beam || !is_side(plane, point)) continue;
    const double scale = (double)point->batch / (double)plane->batch;
    *out = *point;
    out->batch = plane->batch;
    out->beams = is_beam ? beams : 0;
    out->tokens = is_beam ? tokens : 0;
    if (is_beam)
      l4r_map_beam_work(&map->points.model, plane->decoder, beams, tokens, plane->batch, out->work);
    else
      for (int p = 1; p < L4R_MAP_PARTS; p++) out->work[p] *= scale;
    return 1;
  }
  return 0;
}

static double saving_of(const double ns[2]) {
  return 1 - ns[0] / ns[1];
}

/* The interval is of paired rounds, which only records of one run have. */
static void fill_measured(struct l4r_map *map, const struct l4r_map_point *const side[2],
                          struct l4r_map_cell *cell) {
  const struct l4r_record *lite = side[0]->record, *beam = side[1]->record;
  const struct l4r_conditions conditions = {.1, .1, 1};
  struct l4r_gain gain;
  int64_t rounds;
  char reason[384];
  cell->is_measured = 1;
  for (int s = 0; s < 2; s++) cell->ns[s] = side[s]->ns;
  cell->saving = saving_of(cell->ns);
  if (l4r_conditions_fail(&conditions, lite, beam, reason, sizeof reason) && !map->spoiled++)
    l4r_text_set(map->reason, sizeof map->reason, "%s", reason);
  const int one_run = lite->from.path && beam->from.path &&
                      !strcmp(lite->from.path, beam->from.path);
  if (one_run && !l4r_pair_saving(lite, beam, &gain, &rounds)) {
    cell->lo = gain.lo;
    cell->hi = gain.hi;
  }
  l4r_error_clear();
}

static void fill_cell(struct l4r_map *map, struct l4r_map_plane *plane, int64_t beams,
                      int64_t tokens) {
  struct l4r_map_cell *cell = &plane->cell[tokens - 1][beams - 1];
  const struct l4r_map_point *const side[2] = {measured(map, plane, 0, 0, 0),
                                               measured(map, plane, 1, beams, tokens)};
  struct l4r_map_point like[2];
  *cell = (struct l4r_map_cell){.saving = NAN, .lo = NAN, .hi = NAN, .modelled = NAN};
  const int can = imagine(map, plane, 0, 0, 0, &like[0]) &&
                  imagine(map, plane, 1, beams, tokens, &like[1]);
  for (int s = 0; s < 2; s++)
    cell->ns[s] = !can                ? NAN
                  : side[s] && s == 0 ? side[s]->ns /* Lite's own time, where it was measured */
                                      : l4r_map_time(&map->points, &like[s], side[s]);
  cell->modelled = saving_of(cell->ns);
  if (side[0] && side[1]) {
    fill_measured(map, side, cell);
    map->measured++;
  } else if (!isnan(cell->modelled)) {
    cell->saving = cell->modelled;
    map->modelled++;
  }
}

static int ascending(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/* How far the model is off where it can be asked: each measured beam search by the others. */
static int find_errors(struct l4r_map *map) {
  const struct l4r_map_points *points = &map->points;
  double *error = l4r_alloc((size_t)points->count + 1, sizeof *error, "errors of the model");
  int64_t n = 0;
  if (!error) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i < points->count; i++) {
    const struct l4r_map_point *point = &points->at[i];
    if (!point->is_beam) continue;
    const double time = l4r_map_time(points, point, point);
    if (!isnan(time)) error[n++] = fabs(time / point->ns - 1);
  }
  qsort(error, (size_t)n, sizeof *error, ascending);
  map->errors = n;
  map->error[0] = n ? error[(n - 1) / 2] : NAN;
  map->error[1] = n ? error[n - 1] : NAN;
  l4r_free(error);
  return L4R_OK;
}

static void take_claims(const struct l4r_paper *paper, struct l4r_map *map) {
  for (int64_t c = 0; c < paper->claims && map->claims < L4R_MAP_CLAIMS; c++)
    if (paper->claim[c].statistic == L4R_TIME_SAVED)
      map->claimed[map->claims++] = paper->claim[c].value;
  qsort(map->claimed, (size_t)map->claims, sizeof *map->claimed, ascending);
}

int l4r_map_make(const struct l4r_records *records, const struct l4r_paper *paper, const char *size,
                 struct l4r_map *map) {
  *map = (struct l4r_map){.size = size};
  take_claims(paper, map);
  int status = l4r_map_points_make(records, size, &map->points);
  if (!status) status = find_planes(map);
  if (!status && !map->planes)
    status = l4r_fail(L4R_INPUT,
                      "no record of Lite and of beam search at %s agree in engine, precision and "
                      "threads, so there is no map; `make map` measures them",
                      size);
  for (int64_t p = 0; p < map->planes && !status; p++)
    for (int64_t t = 1; t <= L4R_MAP_TOKENS; t++)
      for (int64_t b = 1; b <= L4R_MAP_BEAMS; b++) fill_cell(map, &map->plane[p], b, t);
  return status ? status : find_errors(map);
}

void l4r_map_free(struct l4r_map *map) {
  l4r_map_points_free(&map->points);
  l4r_free(map->plane);
  *map = (struct l4r_map){.planes = 0};
}

static void write_plane(const struct l4r_map_plane *plane, FILE *stream) {
  for (int t = 0; t < L4R_MAP_TOKENS; t++)
    for (int b = 0; b < L4R_MAP_BEAMS; b++) {
      const struct l4r_map_cell *cell = &plane->cell[t][b];
      if (isnan(cell->saving)) continue;
      fprintf(stream, "%s\t%s\t%s\t%s\t%lld\t%lld\t%d\t%d\t%.6g\t%s\t%.6g\t%.6g\n", plane->engine,
              plane->decoder, plane->vectors, plane->precision, (long long)plane->threads,
              (long long)plane->batch, b + 1, t + 1, 100 * cell->saving,
              cell->is_measured ? "measured" : "modelled", cell->ns[0], cell->ns[1]);
    }
}

int l4r_map_write(const struct l4r_map *map, const char *folder) {
  char path[L4R_PATH_MAX];
  struct l4r_output output;
  int status = l4r_make_folders(folder);
  if (!status) status = l4r_path_join(path, folder, "map.tsv");
  if (!status) status = l4r_output_open(&output, path);
  if (status) return status;
  fputs("engine\tdecoder\tvectors\tprecision\tthreads\tbatch\tbeams\ttokens\tless_time\tkind\t"
        "lite_ns\tbeam_ns\n",
        output.stream);
  for (int64_t p = 0; p < map->planes; p++) write_plane(&map->plane[p], output.stream);
  return l4r_output_commit(&output);
}
