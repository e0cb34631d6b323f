/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/map_model.h"

#include "baselines/beam/work.h"

#include <math.h>
#include <string.h>

/* The prompt's length for ids of so many tokens: between two that were measured on the line through
 * them, beyond them with as many tokens more an item as the id has. */
static double length_of(const struct l4r_map_model *model, int64_t tokens) {
  int64_t below = tokens, above = tokens;
  while (below >= 1 && isnan(model->length[below])) below--;
  while (above < 16 && isnan(model->length[above])) above++;
  if (below == above) return model->length[tokens];
  if (below < 1 && above > 15) return model->history * (double)tokens;
  if (below >= 1 && above <= 15) {
    const double share = (double)(tokens - below) / (double)(above - below);
    return model->length[below] + share * (model->length[above] - model->length[below]);
  }
  const int64_t at = below >= 1 ? below : above;
  return fmax(model->history, model->length[at] + model->history * (double)(tokens - at));
}

void l4r_map_beam_work(const struct l4r_map_model *model, const char *way, int64_t beams,
                       int64_t tokens, int64_t batch, double work[L4R_MAP_PARTS]) {
  const struct l4r_t5_shape *shape = &model->shape;
  const double length = length_of(model, tokens), users = (double)batch;
  const double width = (double)shape->d_model, vocabulary = (double)shape->vocabulary;
  /* Of an even tree with so many levels; the last token of an id is mostly its only one. */
  const double levels = tokens > 1 ? (double)tokens - 1 : 1;
  const double choices = fmin(vocabulary, fmax(1, pow(model->items, 1 / levels)));
  const int is_head = !strcmp(way, "trie-head"), is_cached = strcmp(way, "plain") != 0;
  const struct l4r_beam_work encoder = l4r_beam_encoder_work(shape, length);
  double nodes = 1;
  work[0] = encoder.flops;
  work[1] = encoder.bytes;
  work[2] = ((double)tokens + 1) / users;
  for (int64_t t = 0; t < tokens; t++) {
    const double rows = fmin((double)beams, nodes);
    const double logits = is_head ? choices : vocabulary;
    const struct l4r_beam_step step = {(double)t, rows, length, 1, is_cached};
    const struct l4r_beam_work one = l4r_beam_step_work(shape, &step);
    const double weights = is_head ? rows * logits : vocabulary / users;
    work[0] += one.flops + 2 * rows * logits * width + L4R_BEAM_FLOPS_PER_LOGIT * rows * logits;
    work[1] += one.bytes - l4r_beam_step_weights(shape) * (1 - 1 / users);
    work[1] += (double)sizeof(float) * (weights * width + rows * (width + 2 * logits));
    nodes *= choices;
  }
}

/* Normal equations of the parts in `used`, solved by Gauss and Jordan; 0 when they are singular. */
static int solve(const double (*work)[L4R_MAP_PARTS], const double *ns, int64_t n, unsigned used,
                 double rate[L4R_MAP_PARTS]) {
  double m[L4R_MAP_PARTS][L4R_MAP_PARTS + 1] = {{0}};
  int part[L4R_MAP_PARTS], parts = 0;
  for (int p = 0; p < L4R_MAP_PARTS; p++)
    if (used & 1u << p) part[parts++] = p;
  for (int64_t i = 0; i < n; i++)
    for (int a = 0; a < parts; a++) {
      const double x = work[i][part[a]] / ns[i];
      for (int b = 0; b < parts; b++) m[a][b] += x * work[i][part[b]] / ns[i];
      m[a][parts] += x;
    }
  for (int a = 0; a < parts; a++) {
    const double pivot = m[a][a];
    if (!(fabs(pivot) > 0)) return 0;
    for (int c = a; c <= parts; c++) m[a][c] /= pivot;
    for (int b = 0; b < parts; b++) {
      const double factor = b == a ? 0 : m[b][a];
      for (int c = a; c <= parts && factor != 0; c++) m[b][c] -= factor * m[a][c];
    }
  }
  memset(rate, 0, L4R_MAP_PARTS * sizeof *rate);
  for (int a = 0; a < parts; a++) rate[part[a]] = m[a][parts];
  return 1;
}

static double error_of(const double (*work)[L4R_MAP_PARTS], const double *ns, int64_t n,
                       const double rate[L4R_MAP_PARTS]) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) {
    double time = 0;
    for (int p = 0; p < L4R_MAP_PARTS; p++) time += rate[p] * work[i][p];
    sum += (time / ns[i] - 1) * (time / ns[i] - 1);
  }
  return sum;
}

int l4r_map_fit(const double (*work)[L4R_MAP_PARTS], const double *ns, int64_t n,
                double rate[L4R_MAP_PARTS]) {
  double best = INFINITY;
  for (unsigned used = 1; used < 1u << L4R_MAP_PARTS; used++) {
    double tried[L4R_MAP_PARTS];
    int parts = 0, fits = 1;
    for (int p = 0; p < L4R_MAP_PARTS; p++) parts += (used >> p) & 1;
    if (parts > n || !solve(work, ns, n, used, tried)) continue;
    for (int p = 0; p < L4R_MAP_PARTS; p++) fits &= tried[p] >= 0;
    const double error = fits ? error_of(work, ns, n, tried) : INFINITY;
    /* A part more has to explain something: else one cell fits all three. */
    if (!(error < best * (1 - 1e-9))) continue;
    best = error;
    memcpy(rate, tried, sizeof tried);
  }
  return isfinite(best);
}

static int is_like(const struct l4r_map_point *a, const struct l4r_map_point *b) {
  return a->is_beam == b->is_beam && a->threads == b->threads && !strcmp(a->engine, b->engine) &&
         !strcmp(a->way, b->way) && !strcmp(a->precision, b->precision);
}

static int same_cell(const struct l4r_map_point *a, const struct l4r_map_point *b) {
  return a->batch == b->batch && a->beams == b->beams && a->tokens == b->tokens;
}

double l4r_map_time(const struct l4r_map_points *points, const struct l4r_map_point *like,
                    const struct l4r_map_point *without) {
  enum { MOST = 512 };
  double work[MOST][L4R_MAP_PARTS], ns[MOST], rate[L4R_MAP_PARTS], time = 0;
  int64_t n = 0;
  for (int64_t i = 0; i < points->count && n < MOST; i++) {
    const struct l4r_map_point *point = &points->at[i];
    if (!is_like(point, like) || (without && same_cell(point, without))) continue;
    memcpy(work[n], point->work, sizeof work[n]);
    ns[n++] = point->ns;
  }
  if (!n || !l4r_map_fit((const double(*)[L4R_MAP_PARTS])work, ns, n, rate)) return NAN;
  for (int p = 0; p < L4R_MAP_PARTS; p++) time += rate[p] * like->work[p];
  return time > 0 ? time : NAN;
}
