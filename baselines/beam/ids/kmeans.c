/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/beam/ids/kmeans.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <stdlib.h>
#include <string.h>

struct state {
  const struct l4r_kmeans_spec *spec;
  int64_t clusters; /* that are made */
  double *centre;   /* [clusters][width] */
  double *column;   /* [width][clusters], the centres transposed: the inner loop over clusters has
                       no sum across it, so compilers may vectorise it as it stands */
  double *row;      /* [workers][clusters] squared distances of one point */
  double *distance; /* [count] squared, to the own centre */
  int32_t *label;   /* [count] */
  int64_t *members; /* [clusters] */
  int64_t *moved;   /* [workers] points that changed their cluster */
  int64_t newest;   /* of k-means++: the cluster begun last */
};

/* --- how many points are distinct --- */

static int compare_points(const void *left, const void *right, void *context) {
  const struct l4r_kmeans_spec *spec = context;
  const double *a = spec->point + *(const int64_t *)left * spec->width;
  const double *b = spec->point + *(const int64_t *)right * spec->width;
  for (int64_t d = 0; d < spec->width; d++)
    if (a[d] < b[d] || a[d] > b[d]) return a[d] < b[d] ? -1 : 1;
  return 0;
}

static int count_distinct(const struct l4r_kmeans_spec *spec, int64_t *distinct) {
  int64_t *order = l4r_alloc((size_t)spec->count, sizeof *order, "points in order");
  if (!order) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i < spec->count; i++) order[i] = i;
  qsort_r(order, (size_t)spec->count, sizeof *order, compare_points, (void *)spec);
  *distinct = 1;
  for (int64_t i = 1; i < spec->count; i++)
    *distinct += compare_points(&order[i - 1], &order[i], (void *)spec) != 0;
  l4r_free(order);
  return L4R_OK;
}

/* --- the start --- */

static double squared(const double *a, const double *b, int64_t width) {
  double sum = 0;
  for (int64_t d = 0; d < width; d++) sum += (a[d] - b[d]) * (a[d] - b[d]);
  return sum;
}

/* Lowers each point's distance to that from the newest centre. */
static int come_nearer(void *argument, int worker, int workers) {
  const struct state *state = argument;
  const struct l4r_kmeans_spec *spec = state->spec;
  const double *newest = state->centre + state->newest * spec->width;
  int64_t begin, end;
  l4r_split(spec->count, 1, worker, workers, &begin, &end);
  for (int64_t i = begin; i < end; i++) {
    const double away = squared(spec->point + i * spec->width, newest, spec->width);
    if (!state->newest || away < state->distance[i]) state->distance[i] = away;
  }
  return L4R_OK;
}

/* Draws a point with a probability in proportion to its squared distance from the nearest centre;
 * -1 where all are at one. */
static int64_t draw(const struct state *state, struct l4r_random *random) {
  double total = 0, passed = 0;
  int64_t last = -1;
  for (int64_t i = 0; i < state->spec->count; i++) total += state->distance[i];
  const double wanted = l4r_random_uniform(random) * total;
  for (int64_t i = 0; i < state->spec->count; i++) {
    if (!(state->distance[i] > 0)) continue;
    last = i;
    passed += state->distance[i];
    if (passed > wanted) break;
  }
  return last;
}

static int begin(struct state *state, struct l4r_random *random) {
  const struct l4r_kmeans_spec *spec = state->spec;
  const size_t bytes = (size_t)spec->width * sizeof *state->centre;
  int64_t chosen = (int64_t)l4r_random_below(random, (uint64_t)spec->count), made = 0;
  int status = L4R_OK;
  for (; !status && made < state->clusters && chosen >= 0; made++) {
    memcpy(state->centre + made * spec->width, spec->point + chosen * spec->width, bytes);
    state->newest = made;
    status = l4r_team_run(spec->team, come_nearer, state);
    if (made + 1 < state->clusters) chosen = draw(state, random);
  }
  state->clusters = made; /* fewer where distinct points are less than a double apart */
  return status;
}

/* --- a round --- */

static void transpose(struct state *state) {
  for (int64_t c = 0; c < state->clusters; c++)
    for (int64_t d = 0; d < state->spec->width; d++)
      state->column[d * state->clusters + c] = state->centre[c * state->spec->width + d];
}

static void distances(const struct state *state, const double *point, double *restrict row) {
  const int64_t clusters = state->clusters;
  for (int64_t c = 0; c < clusters; c++) row[c] = 0;
  for (int64_t d = 0; d < state->spec->width; d++) {
    const double at = point[d], *restrict column = state->column + d * clusters;
    for (int64_t c = 0; c < clusters; c++) row[c] += (at - column[c]) * (at - column[c]);
  }
}

static int assign(void *argument, int worker, int workers) {
  const struct state *state = argument;
  const struct l4r_kmeans_spec *spec = state->spec;
  double *row = state->row + worker * state->clusters;
  int64_t begin, end;
  l4r_split(spec->count, 1, worker, workers, &begin, &end);
  state->moved[worker] = 0;
  for (int64_t i = begin; i < end; i++) {
    int32_t best = 0;
    distances(state, spec->point + i * spec->width, row);
    for (int32_t c = 1; c < state->clusters; c++)
      if (row[c] < row[best]) best = c;
    state->moved[worker] += state->label[i] != best;
    state->label[i] = best;
    state->distance[i] = row[best];
  }
  return L4R_OK;
}

/* Gives each cluster without points the farthest point of those that are not alone. */
static void fill_empty(struct state *state) {
  memset(state->members, 0, (size_t)state->clusters * sizeof *state->members);
  for (int64_t i = 0; i < state->spec->count; i++) state->members[state->label[i]]++;
  for (int32_t c = 0; c < state->clusters; c++) {
    int64_t farthest = -1;
    if (state->members[c]) continue;
    for (int64_t i = 0; i < state->spec->count; i++)
      if (state->members[state->label[i]] > 1 &&
          (farthest < 0 || state->distance[i] > state->distance[farthest]))
        farthest = i;
    state->members[state->label[farthest]]--;
    state->members[c] = 1;
    state->label[farthest] = c;
    state->distance[farthest] = 0;
  }
}

static void take_means(struct state *state) {
  const struct l4r_kmeans_spec *spec = state->spec;
  memset(state->centre, 0, (size_t)(state->clusters * spec->width) * sizeof *state->centre);
  for (int64_t i = 0; i < spec->count; i++) {
    double *centre = state->centre + state->label[i] * spec->width;
    for (int64_t d = 0; d < spec->width; d++) centre[d] += spec->point[i * spec->width + d];
  }
  for (int64_t c = 0; c < state->clusters; c++)
    for (int64_t d = 0; d < spec->width; d++)
      state->centre[c * spec->width + d] /= (double)state->members[c];
}

static int lloyd(struct state *state) {
  for (int64_t i = 0; i < state->spec->count; i++) state->label[i] = -1;
  for (int round = 0;; round++) {
    int64_t moved = 0;
    transpose(state);
    const int status = l4r_team_run(state->spec->team, assign, state);
    if (status) return status;
    for (int w = 0; w < l4r_team_size(state->spec->team); w++) moved += state->moved[w];
    if (!moved || round == L4R_KMEANS_ROUNDS) return L4R_OK;
    fill_empty(state);
    take_means(state);
  }
}

int l4r_kmeans(const struct l4r_kmeans_spec *spec, struct l4r_random *random, double *centre,
               int32_t *label, int64_t *made) {
  const size_t workers = (size_t)l4r_team_size(spec->team);
  struct state state = {.spec = spec, .centre = centre, .label = label};
  int64_t distinct;
  int status = count_distinct(spec, &distinct);
  if (status) return status;
  state.clusters = distinct < spec->clusters ? distinct : spec->clusters;
  const size_t clusters = (size_t)state.clusters;
  state.column = l4r_alloc((size_t)spec->width * clusters, sizeof(double), "centres");
  state.row = l4r_alloc(workers * clusters, sizeof(double), "distances of a point");
  state.distance = l4r_alloc((size_t)spec->count, sizeof(double), "distances");
  state.members = l4r_alloc(clusters, sizeof *state.members, "sizes of clusters");
  state.moved = l4r_alloc(workers, sizeof *state.moved, "moves");
  const int taken = state.column && state.row && state.distance && state.members && state.moved;
  status = taken ? begin(&state, random) : L4R_ENVIRONMENT;
  if (!status) status = lloyd(&state);
  *made = state.clusters;
  void *const part[] = {state.column, state.row, state.distance, state.members, state.moved};
  for (size_t i = 0; i < sizeof part / sizeof *part; i++) l4r_free(part[i]);
  return status;
}
