/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/model/whiten.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <string.h>

/* Fills the lower triangle of covariance[width][width]. */
static void covariance_of(const float *vector, int64_t count, int64_t width, double *mean,
                          double *covariance, double *row) {
  for (int64_t n = 0; n < count; n++)
    for (int64_t i = 0; i < width; i++) mean[i] += vector[n * width + i] / (double)count;
  for (int64_t n = 0; n < count; n++) {
    for (int64_t i = 0; i < width; i++) row[i] = vector[n * width + i] - mean[i];
    for (int64_t i = 0; i < width; i++)
      for (int64_t j = 0; j <= i; j++) covariance[i * width + j] += row[i] * row[j];
  }
  for (int64_t i = 0; i < width * width; i++) covariance[i] /= (double)count;
}

/* Replaces the lower triangle by its Cholesky factor; the ridge keeps every pivot positive. */
static void factorise(double *a, int64_t width) {
  for (int64_t i = 0; i < width; i++)
    for (int64_t j = 0; j <= i; j++) {
      double sum = a[i * width + j];
      for (int64_t k = 0; k < j; k++) sum -= a[i * width + k] * a[j * width + k];
      a[i * width + j] = i == j ? sqrt(sum) : sum / a[j * width + j];
    }
}

/* weight = the inverse of the lower triangle, column by column. */
static void invert(const double *factor, int64_t width, double *column, float *weight) {
  memset(weight, 0, (size_t)(width * width) * sizeof *weight);
  for (int64_t j = 0; j < width; j++)
    for (int64_t i = j; i < width; i++) {
      double sum = i == j;
      for (int64_t k = j; k < i; k++) sum -= factor[i * width + k] * column[k];
      column[i] = sum / factor[i * width + i];
      weight[i * width + j] = (float)column[i];
    }
}

int l4r_whiten_make(const float *vector, int64_t count, int64_t width, float *weight, float *mean) {
  const char *what = "whitening item vectors";
  double *covariance = l4r_alloc((size_t)(width * width), sizeof *covariance, what);
  double *row = l4r_alloc((size_t)width, 2 * sizeof *row, what), trace = 0, level = 0;
  int status = covariance && row ? L4R_OK : L4R_ENVIRONMENT;
  if (!status) {
    covariance_of(vector, count, width, row + width, covariance, row);
    for (int64_t i = 0; i < width; i++) {
      trace += covariance[i * width + i];
      level += row[width + i] * row[width + i];
    }
    if (!(trace > 1e-12 * level) || !isfinite(trace)) /* rounding alone */
      status = l4r_fail(L4R_INPUT, "the vectors of all items are equal: their texts tell no item "
                                   "from another; look at the data set's items.tsv");
  }
  if (!status) {
    for (int64_t i = 0; i < width; i++) {
      mean[i] = (float)row[width + i];
      covariance[i * width + i] += 1e-3 * trace / (double)width;
    }
    factorise(covariance, width);
    invert(covariance, width, row, weight);
  }
  l4r_free(covariance);
  l4r_free(row);
  return status;
}

void l4r_whiten_apply(const float *weight, const float *mean, int64_t width, const float *x,
                      float *out) {
  for (int64_t i = 0; i < width; i++) {
    const float *row = weight + i * width;
    float sum[4] = {0};
    for (int64_t j = 0; j <= i; j++) sum[j % 4] += row[j] * (x[j] - mean[j]);
    out[i] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  }
}

void l4r_normalize(float *x, int64_t width) {
  double squares = 0;
  for (int64_t i = 0; i < width; i++) squares += (double)x[i] * x[i];
  const float factor = (float)(1 / fmax(sqrt(squares), 1e-12));
  for (int64_t i = 0; i < width; i++) x[i] *= factor;
}
