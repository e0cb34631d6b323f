/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/beam/ids/principal.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <string.h>

struct state {
  const struct l4r_principal_spec *spec;
  double *mean;       /* [width] */
  double *covariance; /* [width][width], times the number of points */
  double *basis;      /* [kept][width], rows of length 1, or 0 */
  double *next;       /* [kept][width] */
  double *out;        /* [count][kept] */
};

static void take_mean(struct state *state) {
  const struct l4r_principal_spec *spec = state->spec;
  for (int64_t i = 0; i < spec->count; i++)
    for (int64_t d = 0; d < spec->width; d++) state->mean[d] += spec->point[i * spec->width + d];
  for (int64_t d = 0; d < spec->width; d++) state->mean[d] /= (double)spec->count;
}

/* Each worker some rows, each row a sum over all points in their order. */
static int covary(void *argument, int worker, int workers) {
  const struct state *state = argument;
  const struct l4r_principal_spec *spec = state->spec;
  int64_t begin, end;
  l4r_split(spec->width, 1, worker, workers, &begin, &end);
  for (int64_t i = 0; i < spec->count; i++) {
    const float *point = spec->point + i * spec->width;
    for (int64_t d = begin; d < end; d++) {
      double *restrict row = state->covariance + d * spec->width;
      const double at = point[d] - state->mean[d];
      for (int64_t e = 0; e < spec->width; e++) row[e] += at * (point[e] - state->mean[e]);
    }
  }
  return L4R_OK;
}

static double dot(const double *a, const double *b, int64_t width) {
  double sum = 0;
  for (int64_t d = 0; d < width; d++) sum += a[d] * b[d];
  return sum;
}

/* Gram-Schmidt, twice, because once leaves what rounding leaves; rows shorter than `least` are no
 * direction of the points and become 0. */
static void make_orthonormal(const struct state *state, double least, double *rows) {
  const int64_t width = state->spec->width;
  for (int64_t j = 0; j < state->spec->kept; j++) {
    double *row = rows + j * width;
    for (int pass = 0; pass < 2; pass++)
      for (int64_t k = 0; k < j; k++) {
        const double share = dot(row, rows + k * width, width);
        for (int64_t d = 0; d < width; d++) row[d] -= share * rows[k * width + d];
      }
    const double length = sqrt(dot(row, row, width));
    for (int64_t d = 0; d < width; d++) row[d] = length > least ? row[d] / length : 0;
  }
}

static void iterate(struct state *state, struct l4r_random *random) {
  const int64_t width = state->spec->width, kept = state->spec->kept;
  double trace = 0;
  for (int64_t d = 0; d < width; d++) trace += state->covariance[d * width + d];
  for (int64_t i = 0; i < kept * width; i++) state->basis[i] = l4r_random_normal(random);
  make_orthonormal(state, 0, state->basis);
  for (int round = 0; round < L4R_PRINCIPAL_ROUNDS; round++) {
    for (int64_t j = 0; j < kept; j++)
      for (int64_t d = 0; d < width; d++)
        state->next[j * width + d] = dot(state->covariance + d * width, state->basis + j * width,
                                         width);
    make_orthonormal(state, 1e-12 * trace, state->next);
    memcpy(state->basis, state->next, (size_t)(kept * width) * sizeof *state->basis);
  }
}

static void project(const struct state *state) {
  const struct l4r_principal_spec *spec = state->spec;
  for (int64_t i = 0; i < spec->count; i++)
    for (int64_t j = 0; j < spec->kept; j++) {
      double sum = 0;
      for (int64_t d = 0; d < spec->width; d++)
        sum += (spec->point[i * spec->width + d] - state->mean[d]) *
               state->basis[j * spec->width + d];
      state->out[i * spec->kept + j] = sum;
    }
}

int l4r_principal(const struct l4r_principal_spec *spec, struct l4r_random *random, double *out) {
  const size_t width = (size_t)spec->width, kept = (size_t)spec->kept;
  struct state state = {.spec = spec, .out = out};
  state.mean = l4r_alloc(width, sizeof(double), "the mean of vectors");
  state.covariance = l4r_alloc(width * width, sizeof(double), "the covariance of vectors");
  state.basis = l4r_alloc(kept * width, sizeof(double), "principal components");
  state.next = l4r_alloc(kept * width, sizeof(double), "principal components");
  int status = state.mean && state.covariance && state.basis && state.next ? L4R_OK
                                                                           : L4R_ENVIRONMENT;
  if (!status) take_mean(&state);
  if (!status) status = l4r_team_run(spec->team, covary, &state);
  if (!status) iterate(&state, random);
  if (!status) project(&state);
  void *const part[] = {state.mean, state.covariance, state.basis, state.next};
  for (size_t i = 0; i < sizeof part / sizeof *part; i++) l4r_free(part[i]);
  return status;
}
