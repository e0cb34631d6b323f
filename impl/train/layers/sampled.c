/* SPDX-License-Identifier: BSD-3-Clause */
/* Sampled losses, blocked over rows. The sampled rows of the output matrix are gathered once, so
 * that the work is the full softmax's three products with N columns instead of all:
 *
 *   logits[rows][N + 1] = hidden . gathered^T | target's, in the last column
 *   logits become their own gradient
 *   d_hidden = logits . gathered + target's;  d_gathered += logits^T . hidden
 *
 * d_gathered is scattered at the end. The target has a column of its own, the last, because its row
 * of weight differs from position to position. Where each position has its own sample, nothing is
 * gathered: kernels read and write the named rows in place. */
#include "impl/train/layers/sampled.h"

#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/train/layers/inner.h"
#include "impl/train/layers/matmul.h"

#include <math.h>
#include <string.h>

/* So low that its exponential vanishes beside any other logit, and finite. */
#define ABSENT ((l4r_real) - 1e30)

struct parts { /* of scratch */
  l4r_real *logits, *gathered, *d_gathered, *shift, *d_shift;
};

int64_t l4r_sampled_scratch(int64_t samples, int64_t width, int64_t block_rows) {
  return (samples + 1) * (block_rows + 2) + 2 * samples * width;
}

static struct parts parts_of(const struct l4r_sampled_spec *spec) {
  struct parts parts;
  parts.gathered = spec->scratch;
  parts.d_gathered = parts.gathered + spec->samples * spec->width;
  parts.logits = parts.d_gathered + spec->samples * spec->width;
  parts.shift = parts.logits + (spec->samples + 1) * spec->block_rows;
  parts.d_shift = parts.shift + spec->samples + 1;
  return parts;
}

double l4r_gbce_beta(int64_t samples, int64_t catalogue, double calibration) {
  double alpha = catalogue > 1 ? (double)samples / ((double)catalogue - 1) : 1;
  if (alpha > 1) alpha = 1;
  return alpha * (calibration * (1 - 1 / alpha) + 1 / alpha);
}

/* What is added to the logit of a sampled row. */
static l4r_real correction_of(const struct l4r_sampled_spec *spec) {
  if (spec->kind != L4R_SAMPLED_SOFTMAX || spec->uncorrected) return 0;
  return (l4r_real)-log((double)spec->samples / (double)spec->catalogue);
}

/* Gathers the sampled rows and what is added to each column's logits: bias and log-Q. */
static void gather(const struct l4r_sampled_spec *spec, const struct parts *parts) {
  int64_t width = spec->width;
  const l4r_real correction = correction_of(spec);
  for (int64_t j = 0; j < spec->samples; j++) {
    memcpy(parts->gathered + j * width, spec->weight + spec->sample[j] * width,
           (size_t)width * sizeof(l4r_real));
    parts->shift[j] = correction + (spec->bias ? spec->bias[spec->sample[j]] : 0);
  }
  parts->shift[spec->samples] = 0; /* the target's bias is added per row */
  memset(parts->d_gathered, 0, (size_t)(spec->samples * width) * sizeof(l4r_real));
  memset(parts->d_shift, 0, (size_t)(spec->samples + 1) * sizeof(l4r_real));
}

static void scatter(const struct l4r_sampled_spec *spec, const struct parts *parts) {
  int64_t width = spec->width;
  for (int64_t j = 0; j < spec->samples; j++) {
    l4r_real *to = spec->d_weight + spec->sample[j] * width;
    const l4r_real *from = parts->d_gathered + j * width;
    for (int64_t k = 0; k < width; k++) to[k] += from[k];
    if (spec->bias) spec->d_bias[spec->sample[j]] += parts->d_shift[j];
  }
}

/* Turns a row of logits with all corrections into loss_scale * d loss; returns the loss. Sixteen
 * factors of the form 1 + exp(-|s|) stay below 2^16, so one logarithm serves all of them. */
static double gbce_row(const struct l4r_sampled_spec *spec, l4r_real *logits, l4r_real *d_shift) {
  double loss = 0, product = 1;
  double beta = l4r_gbce_beta(spec->samples, spec->catalogue, spec->calibration);
  l4r_real each = spec->loss_scale / (l4r_real)(spec->samples + 1);
  for (int64_t j = 0; j < spec->samples; j++) {
    l4r_real s = logits[j];
    l4r_real e = sizeof s == sizeof(float) ? (l4r_real)expf((float)-fabs(s)) : exp(-fabs(s));
    if (s > 0) loss += (double)s;
    product *= 1 + (double)e;
    if (j % 16 == 15) {
      loss += log(product);
      product = 1;
    }
    logits[j] = each * (s > 0 ? 1 : e) / (1 + e);
    d_shift[j] += logits[j];
  }
  loss += log(product);
  double s = (double)logits[spec->samples], e = exp(-fabs(s));
  loss += beta * ((s < 0 ? -s : 0) + log1p(e));
  logits[spec->samples] = each * (l4r_real)(-beta * (s > 0 ? e : 1) / (1 + e));
  return loss / (double)(spec->samples + 1);
}

/* Turns the products of position `at`, whose sample is `sample`, into gradients. */
static double row_loss(const struct l4r_sampled_spec *spec, const struct parts *parts, int64_t at,
                       const int32_t *sample, l4r_real *logits) {
  const struct l4r_layer_kernels *kernels = l4r_layer_kernels_or_widest(spec->kernels);
  int64_t samples = spec->samples, width = spec->width, target = spec->target[at];
  const l4r_real *hidden = spec->hidden + at * width, *weight = spec->weight + target * width;
  l4r_real *d_target = spec->d_weight + target * width, *d_hidden = spec->d_hidden + at * width;
  l4r_real sum = 0;
  for (int64_t k = 0; k < width; k++) sum += hidden[k] * weight[k];
  logits[samples] = spec->scale * sum + (spec->bias ? spec->bias[target] : 0);
  for (int64_t j = 0; j < samples; j++)
    logits[j] = sample[j] == target ? ABSENT : logits[j] + parts->shift[j];
  double loss;
  if (spec->kind == L4R_SAMPLED_GBCE)
    loss = gbce_row(spec, logits, parts->d_shift);
  else
    loss = kernels->loss_row(samples + 1, samples, NULL, spec->loss_scale, logits, NULL);
  for (int64_t j = 0; j < samples && spec->kind == L4R_SAMPLED_SOFTMAX; j++) {
    if (sample[j] == target) logits[j] = 0; /* the vector exponential never gives exactly 0 */
    parts->d_shift[j] += logits[j];
  }
  if (spec->bias) spec->d_bias[target] += logits[samples];
  l4r_real d = spec->scale * logits[samples];
  for (int64_t k = 0; k < width; k++) d_target[k] += d * hidden[k];
  for (int64_t k = 0; k < width; k++) d_hidden[k] = d * weight[k];
  return loss;
}

static void block(const struct l4r_sampled_spec *spec, const struct parts *parts, int64_t begin,
                  int64_t rows, double *loss) {
  int64_t samples = spec->samples, width = spec->width, stride = samples + 1;
  struct l4r_matmul product = {.kernels = spec->kernels,
                               .trans_b = 1,
                               .m = rows,
                               .n = samples,
                               .k = width,
                               .a = spec->hidden + begin * width,
                               .b = parts->gathered,
                               .c = parts->logits,
                               .c_stride = stride,
                               .alpha = spec->scale};
  l4r_matmul(&product);
  for (int64_t i = 0; i < rows; i++) {
    l4r_real *logits = parts->logits + i * stride;
    if (spec->target[begin + i] >= 0) {
      *loss += row_loss(spec, parts, begin + i, spec->sample, logits);
      continue;
    }
    memset(logits, 0, (size_t)stride * sizeof *logits);
    memset(spec->d_hidden + (begin + i) * width, 0, (size_t)width * sizeof *logits);
  }
  l4r_matmul(&(struct l4r_matmul){.kernels = spec->kernels,
                                  .m = rows,
                                  .n = width,
                                  .k = samples,
                                  .a = parts->logits,
                                  .a_stride = stride,
                                  .b = parts->gathered,
                                  .c = spec->d_hidden + begin * width,
                                  .alpha = spec->scale,
                                  .beta = 1});
  l4r_matmul(&(struct l4r_matmul){.kernels = spec->kernels,
                                  .trans_a = 1,
                                  .m = samples,
                                  .n = width,
                                  .k = rows,
                                  .a = parts->logits,
                                  .a_stride = stride,
                                  .b = product.a,
                                  .c = parts->d_gathered,
                                  .alpha = spec->scale,
                                  .beta = 1});
}

/* A position with a sample of its own. */
static double own_sample(const struct l4r_sampled_spec *spec, const struct parts *parts,
                         int64_t at) {
  const struct l4r_layer_kernels *kernels = l4r_layer_kernels_or_widest(spec->kernels);
  const int64_t samples = spec->samples, width = spec->width;
  const int32_t *sample = spec->sample + at * samples;
  const l4r_real *hidden = spec->hidden + at * width, correction = correction_of(spec);
  l4r_real *logits = parts->logits, *d_hidden = spec->d_hidden + at * width;
  kernels->named_products(samples, width, sample, spec->weight, hidden, logits);
  for (int64_t j = 0; j < samples; j++) {
    logits[j] *= spec->scale;
    parts->shift[j] = correction + (spec->bias ? spec->bias[sample[j]] : 0);
    parts->d_shift[j] = 0;
  }
  const double loss = row_loss(spec, parts, at, sample, logits);
  for (int64_t j = 0; spec->bias && j < samples; j++) spec->d_bias[sample[j]] += parts->d_shift[j];
  for (int64_t j = 0; j < samples; j++) logits[j] *= spec->scale;
  kernels->named_products_back(samples, width, sample, spec->weight, hidden, logits, d_hidden,
                               spec->d_weight);
  return loss;
}

static void own_samples(const struct l4r_sampled_spec *spec, const struct parts *parts,
                        double *loss) {
  for (int64_t at = 0; at < spec->rows; at++)
    if (spec->target[at] >= 0)
      *loss += own_sample(spec, parts, at);
    else
      memset(spec->d_hidden + at * spec->width, 0, (size_t)spec->width * sizeof(l4r_real));
}

static int check(const struct l4r_sampled_spec *spec) {
  if (spec->rows < 0 || spec->width < 1 || spec->classes < 1 || spec->block_rows < 1 ||
      spec->samples < 1 || spec->samples > spec->catalogue)
    return l4r_fail(L4R_INPUT,
                    "a loss over %lld of %lld items of width %lld in blocks of %lld rows: all must "
                    "be at least 1, and the sample no larger than the catalogue",
                    (long long)spec->samples, (long long)spec->catalogue, (long long)spec->width,
                    (long long)spec->block_rows);
  for (int64_t i = 0; i < spec->rows; i++)
    if (spec->target[i] >= spec->classes)
      return l4r_fail(L4R_INPUT, "target %ld of row %lld is outside the %lld classes",
                      (long)spec->target[i], (long long)i, (long long)spec->classes);
  for (int64_t j = 0; j < spec->samples * (spec->each ? spec->rows : 1); j++)
    if (spec->sample[j] < 0 || spec->sample[j] >= spec->classes)
      return l4r_fail(L4R_INPUT, "sampled row %ld is outside the %lld classes",
                      (long)spec->sample[j], (long long)spec->classes);
  return L4R_OK;
}

int l4r_sampled_loss(const struct l4r_sampled_spec *spec, double *loss) {
  int status = check(spec);
  if (status) return status;
  l4r_blas_open();
  struct parts parts = parts_of(spec);
  *loss = 0;
  if (spec->each) {
    own_samples(spec, &parts, loss);
    return L4R_OK;
  }
  gather(spec, &parts);
  for (int64_t begin = 0; begin < spec->rows; begin += spec->block_rows) {
    int64_t left = spec->rows - begin, rows = left < spec->block_rows ? left : spec->block_rows;
    block(spec, &parts, begin, rows, loss);
  }
  scatter(spec, &parts);
  return L4R_OK;
}
