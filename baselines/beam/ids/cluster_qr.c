/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of nodes in one cluster point in the same direction, and rows of different clusters are
 * nearly orthogonal. So this picks `count` rows that are as different as possible (QR with column
 * pivoting), rotates the axes as near to them as possible (the orthogonal polar factor), and labels
 * each row by the axis on which it has the largest part. */
#include "baselines/beam/ids/cluster_qr.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <math.h>
#include <string.h>

static double dot(const double *a, const double *b, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
}

/* One column of the QR: takes the row with the largest remainder and stores its direction in
 * q[step]. */
static int pick(const double *vector, int64_t nodes, int64_t count, int64_t step, double *left,
                double *q, int64_t *picked) {
  int64_t best = 0;
  for (int64_t i = 1; i < nodes; i++)
    if (left[i] > left[best]) best = i;
  double *direction = q + step * count;
  memcpy(direction, vector + best * count, (size_t)count * sizeof *direction);
  for (int again = 0; again < 2; again++) /* two passes suffice (Kahan) */
    for (int64_t s = 0; s < step; s++) {
      double along = dot(q + s * count, direction, count);
      for (int64_t j = 0; j < count; j++) direction[j] -= along * q[s * count + j];
    }
  double length = sqrt(dot(direction, direction, count));
  if (!(length > 1e-12 * sqrt(dot(vector + best * count, vector + best * count, count))))
    return l4r_fail(L4R_INPUT, "%lld clusters, but only %lld different rows", (long long)count,
                    (long long)step);
  for (int64_t j = 0; j < count; j++) direction[j] /= length;
  for (int64_t i = 0; i < nodes; i++) {
    double along = dot(direction, vector + i * count, count);
    left[i] -= along * along;
  }
  left[best] = -1;
  *picked = best;
  return L4R_OK;
}

/* out = a^-1 (count x count) by Gauss-Jordan with partial pivoting; overwrites a. */
static int invert(double *a, double *out, int64_t count) {
  for (int64_t i = 0; i < count * count; i++) out[i] = i % (count + 1) == 0;
  for (int64_t column = 0; column < count; column++) {
    int64_t best = column;
    for (int64_t row = column + 1; row < count; row++)
      if (fabs(a[row * count + column]) > fabs(a[best * count + column])) best = row;
    double pivot = a[best * count + column];
    if (!(fabs(pivot) > 0)) return L4R_INPUT;
    for (int64_t j = 0; j < count; j++) {
      double x = a[best * count + j], y = out[best * count + j];
      a[best * count + j] = a[column * count + j];
      out[best * count + j] = out[column * count + j];
      a[column * count + j] = x / pivot;
      out[column * count + j] = y / pivot;
    }
    for (int64_t row = 0; row < count; row++) {
      double factor = a[row * count + column];
      if (row == column || factor == 0) continue;
      for (int64_t j = 0; j < count; j++) {
        a[row * count + j] -= factor * a[column * count + j];
        out[row * count + j] -= factor * out[column * count + j];
      }
    }
  }
  return L4R_OK;
}

/* Replaces x by its orthogonal polar factor with Newton's iteration x = (g x + (g x)^-T) / 2,
 * scaled (Higham 1986). It is quadratic, so thirty steps suffice for any condition number of
 * doubles. */
static int polar(double *x, double *inverse, double *copy, int64_t count) {
  double change = 1;
  for (int step = 0; step < 60 && change > 1e-13; step++) {
    memcpy(copy, x, (size_t)(count * count) * sizeof *x);
    if (invert(copy, inverse, count))
      return l4r_fail(L4R_INPUT, "%lld clusters, but their rows depend on each other",
                      (long long)count);
    double g = pow(dot(inverse, inverse, count * count) / dot(x, x, count * count), 0.25);
    double moved = 0;
    for (int64_t i = 0; i < count; i++)
      for (int64_t j = 0; j < count; j++) {
        double next = 0.5 * (g * x[i * count + j] + inverse[j * count + i] / g);
        copy[i * count + j] = next;
        moved += (next - x[i * count + j]) * (next - x[i * count + j]);
      }
    memcpy(x, copy, (size_t)(count * count) * sizeof *x);
    change = sqrt(moved / (double)count);
  }
  return L4R_OK;
}

static void give_labels(const double *vector, int64_t nodes, int64_t count, const double *axis,
                        int32_t *label) {
  for (int64_t i = 0; i < nodes; i++) {
    double most = -1;
    for (int64_t c = 0; c < count; c++) {
      double along = fabs(dot(vector + i * count, axis + c * count, count));
      if (!(along > most)) continue;
      most = along;
      label[i] = (int32_t)c;
    }
  }
}

int l4r_cluster_qr(const double *vector, int64_t nodes, int64_t count, int32_t *label) {
  size_t square = (size_t)(count * count);
  double *left = l4r_alloc((size_t)nodes, sizeof *left, "clusters");
  double *work = l4r_alloc(3 * square, sizeof *work, "clusters");
  int status = left && work ? L4R_OK : L4R_ENVIRONMENT;
  double *q = work, *axis = q ? q + square : NULL, *copy = q ? axis + square : NULL;
  for (int64_t i = 0; !status && i < nodes; i++)
    left[i] = dot(vector + i * count, vector + i * count, count);
  for (int64_t step = 0; !status && step < count; step++) {
    int64_t picked = 0;
    status = pick(vector, nodes, count, step, left, q, &picked);
    if (!status) memcpy(axis + step * count, vector + picked * count, (size_t)count * sizeof *axis);
  }
  /* The polar factor of the picked rows: row c is the axis of cluster c. */
  if (!status) status = polar(axis, q, copy, count);
  if (!status) give_labels(vector, nodes, count, axis, label);
  l4r_free(left);
  l4r_free(work);
  return status;
}
