/* SPDX-License-Identifier: BSD-3-Clause */
/* The sampled losses in double: every gradient against central finite differences, the values
 * against the formulas written down plainly, and sampled softmax over the whole catalogue against
 * the exact one. */
#define L4R_DOUBLE
#include "impl/train/layers/sampled.h"

#include "impl/base/error.h"
#include "impl/train/layers/softmax.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 11, WIDTH = 7, ITEMS = 37, BLOCK = 4, MOST = 2 * ITEMS };

struct problem {
  double hidden[ROWS * WIDTH], weight[ITEMS * WIDTH], bias[ITEMS];
  double d_hidden[ROWS * WIDTH], d_weight[ITEMS * WIDTH], d_bias[ITEMS];
  double scratch[(MOST + 1) * (BLOCK + 2) + 2 * MOST * WIDTH];
  int32_t target[ROWS], sample[ROWS * MOST];
  struct l4r_sampled_spec spec;
};

static void fill(struct l4r_random *random, double *values, int64_t count) {
  for (int64_t i = 0; i < count; i++) values[i] = l4r_random_normal(random);
}

/* Some rows skipped, some sampled rows a target too, one of them twice. */
static void make(struct problem *p, enum l4r_sampled_kind kind, int64_t samples, int with_bias) {
  struct l4r_random random;
  l4r_random_seed(&random, 5);
  memset(p, 0, sizeof *p);
  fill(&random, p->hidden, ROWS * WIDTH);
  fill(&random, p->weight, ITEMS * WIDTH);
  fill(&random, p->bias, ITEMS);
  for (int i = 0; i < ROWS; i++) p->target[i] = i % 4 == 2 ? -1 : i * 5 % ITEMS;
  for (int64_t j = 0; j < samples; j++) p->sample[j] = (int32_t)(j * 5 % ITEMS);
  if (samples < ITEMS && samples > 2) p->sample[2] = p->sample[1];
  p->spec = (struct l4r_sampled_spec){.kind = kind,
                                      .calibration = 0.75,
                                      .catalogue = ITEMS,
                                      .rows = ROWS,
                                      .width = WIDTH,
                                      .classes = ITEMS,
                                      .block_rows = BLOCK,
                                      .hidden = p->hidden,
                                      .weight = p->weight,
                                      .bias = with_bias ? p->bias : NULL,
                                      .target = p->target,
                                      .samples = samples,
                                      .sample = p->sample,
                                      .scale = 0.6,
                                      .loss_scale = 0.5,
                                      .d_hidden = p->d_hidden,
                                      .d_weight = p->d_weight,
                                      .d_bias = with_bias ? p->d_bias : NULL,
                                      .scratch = p->scratch};
  cr_assert_leq(l4r_sampled_scratch(samples, WIDTH, BLOCK),
                (int64_t)(sizeof p->scratch / sizeof *p->scratch));
}

/* A sample of its own for each position, some rows twice in one. */
static void give_each(struct problem *p) {
  p->spec.each = 1;
  for (int i = 0; i < ROWS; i++)
    for (int64_t j = 0; j < p->spec.samples; j++)
      p->sample[i * p->spec.samples + j] = (int32_t)((i * 11 + j * j * 3) % ITEMS);
}

static double loss_of(struct problem *p) {
  double loss;
  memset(p->d_weight, 0, sizeof p->d_weight);
  memset(p->d_bias, 0, sizeof p->d_bias);
  cr_assert_eq(l4r_sampled_loss(&p->spec, &loss), 0, "%s", l4r_error_message());
  return loss;
}

static void check(struct problem *p, const char *name, double *value, const double *gradient,
                  int64_t count) {
  double analytic[ITEMS * WIDTH];
  memcpy(analytic, gradient, (size_t)count * sizeof *analytic);
  for (int64_t i = 0; i < count; i++) {
    const double step = 1e-5, kept = value[i];
    value[i] = kept + step;
    double up = loss_of(p);
    value[i] = kept - step;
    double found = p->spec.loss_scale * (up - loss_of(p)) / (2 * step);
    value[i] = kept;
    cr_assert_float_eq(analytic[i], found, 1e-7, "%s[%lld]: %g, by differences %g", name,
                       (long long)i, analytic[i], found);
  }
  loss_of(p);
}

Test(layers_sampled, gradients_agree_with_finite_differences) {
  for (int variant = 0; variant < 32; variant++) {
    struct problem p;
    make(&p, variant & 1 ? L4R_SAMPLED_GBCE : L4R_SAMPLED_SOFTMAX, variant & 2 ? 19 : 1,
         variant & 4);
    if (variant & 8) give_each(&p);
    p.spec.uncorrected = (variant & 16) != 0;
    loss_of(&p);
    check(&p, "hidden", p.hidden, p.d_hidden, ROWS * WIDTH);
    check(&p, "weight", p.weight, p.d_weight, ITEMS * WIDTH);
    check(&p, "bias", p.bias, p.d_bias, ITEMS);
  }
}

static double logit(const struct problem *p, int64_t row, int64_t item) {
  double sum = 0;
  for (int k = 0; k < WIDTH; k++) sum += p->hidden[row * WIDTH + k] * p->weight[item * WIDTH + k];
  return p->spec.scale * sum + (p->spec.bias ? p->bias[item] : 0);
}

static double plain_loss(const struct problem *p) {
  const double samples = (double)p->spec.samples, alpha = samples / (ITEMS - 1);
  const double beta = alpha * (0.75 * (1 - 1 / alpha) + 1 / alpha);
  double loss = 0;
  for (int i = 0; i < ROWS; i++) {
    if (p->target[i] < 0) continue;
    double aim = logit(p, i, p->target[i]), sum = exp(aim), logs = -beta * log(1 / (1 + exp(-aim)));
    for (int64_t j = 0; j < p->spec.samples; j++) {
      const int32_t sample = p->sample[(p->spec.each ? i * p->spec.samples : 0) + j];
      if (sample == p->target[i]) continue;
      double s = logit(p, i, sample);
      sum += p->spec.uncorrected ? exp(s) : exp(s) * ITEMS / samples;
      logs -= log(1 - 1 / (1 + exp(-s)));
    }
    loss += p->spec.kind == L4R_SAMPLED_GBCE ? logs / (samples + 1) : log(sum) - aim;
  }
  return loss;
}

Test(layers_sampled, values_are_those_of_the_formulas) {
  for (int variant = 0; variant < 16; variant++) {
    struct problem p;
    make(&p, variant & 1 ? L4R_SAMPLED_GBCE : L4R_SAMPLED_SOFTMAX, 19, variant & 2);
    if (variant & 4) give_each(&p);
    p.spec.uncorrected = (variant & 8) != 0;
    double found = loss_of(&p), expected = plain_loss(&p);
    cr_assert_float_eq(found, expected, 1e-11, "variant %d: %.15g, not %.15g", variant, found,
                       expected);
  }
}

/* The same sample given to every position is the sample that all share. */
Test(layers_sampled, equal_samples_are_a_shared_one) {
  struct problem shared, each;
  for (int kind = 0; kind < 2; kind++) {
    make(&shared, (enum l4r_sampled_kind)kind, 19, 1);
    make(&each, (enum l4r_sampled_kind)kind, 19, 1);
    each.spec.each = 1;
    for (int i = 1; i < ROWS; i++) memcpy(each.sample + i * 19, each.sample, 19 * sizeof(int32_t));
    cr_assert_float_eq(loss_of(&shared), loss_of(&each), 1e-12);
    for (int i = 0; i < ROWS * WIDTH; i++)
      cr_assert_float_eq(shared.d_hidden[i], each.d_hidden[i], 1e-12);
    for (int i = 0; i < ITEMS * WIDTH; i++)
      cr_assert_float_eq(shared.d_weight[i], each.d_weight[i], 1e-12);
    for (int i = 0; i < ITEMS; i++) cr_assert_float_eq(shared.d_bias[i], each.d_bias[i], 1e-12);
  }
}

Test(layers_sampled, a_sample_of_the_whole_catalogue_is_the_exact_softmax) {
  for (int with_bias = 0; with_bias < 2; with_bias++) {
    struct problem p;
    make(&p, L4R_SAMPLED_SOFTMAX, ITEMS, with_bias);
    double sampled = loss_of(&p), exact;
    double d_hidden[ROWS * WIDTH], d_weight[ITEMS * WIDTH] = {0}, d_bias[ITEMS] = {0};
    double *logits = malloc((size_t)l4r_softmax_scratch(NULL, WIDTH, ITEMS, 0) * sizeof *logits);
    struct l4r_softmax_spec spec = {.rows = ROWS,
                                    .width = WIDTH,
                                    .classes = ITEMS,
                                    .hidden = p.hidden,
                                    .weight = p.weight,
                                    .bias = p.spec.bias,
                                    .target = p.target,
                                    .scale = p.spec.scale,
                                    .loss_scale = p.spec.loss_scale,
                                    .d_hidden = d_hidden,
                                    .d_weight = d_weight,
                                    .d_bias = with_bias ? d_bias : NULL,
                                    .scratch = logits};
    cr_assert_eq(l4r_softmax_cross_entropy(&spec, &exact), 0, "%s", l4r_error_message());
    cr_assert_float_eq(sampled, exact, 1e-11, "%.15g, exactly %.15g", sampled, exact);
    for (int i = 0; i < ROWS * WIDTH; i++) cr_assert_float_eq(p.d_hidden[i], d_hidden[i], 1e-12);
    for (int i = 0; i < ITEMS * WIDTH; i++) cr_assert_float_eq(p.d_weight[i], d_weight[i], 1e-12);
    for (int i = 0; i < ITEMS; i++) cr_assert_float_eq(p.d_bias[i], d_bias[i], 1e-12);
    free(logits);
  }
}

/* The published figures: 256 negatives of a catalogue and t 0.75, and the two ends of t. */
Test(layers_sampled, beta_calibrates_between_plain_and_full) {
  cr_assert_float_eq(l4r_gbce_beta(256, 3417, 0), 1, 1e-12);
  cr_assert_float_eq(l4r_gbce_beta(256, 3417, 1), 256.0 / 3416, 1e-12);
  cr_assert_float_eq(l4r_gbce_beta(256, 3417, 0.75), 1 - 0.75 * (1 - 256.0 / 3416), 1e-12);
  cr_assert_float_eq(l4r_gbce_beta(50, 50, 0.75), 1, 1e-12, "nothing to correct");
}

Test(layers_sampled, large_logits_stay_finite) {
  for (int kind = 0; kind < 2; kind++) {
    struct problem p;
    make(&p, (enum l4r_sampled_kind)kind, 19, 0);
    p.spec.scale = 400;
    double loss = loss_of(&p);
    cr_assert(isfinite(loss) && loss > 0);
    for (int i = 0; i < ROWS * WIDTH; i++) cr_assert(isfinite(p.d_hidden[i]));
  }
}

Test(layers_sampled, refuses_rows_outside_the_classes) {
  struct problem p;
  double loss;
  make(&p, L4R_SAMPLED_SOFTMAX, 5, 0);
  p.sample[3] = ITEMS;
  cr_assert_eq(l4r_sampled_loss(&p.spec, &loss), L4R_INPUT);
  cr_assert_not_null(strstr(l4r_error_message(), "sampled row"), "%s", l4r_error_message());
  p.sample[3] = 0;
  p.spec.each = 1;
  p.sample[ROWS * 5 - 1] = ITEMS; /* the last of the last position's */
  cr_assert_eq(l4r_sampled_loss(&p.spec, &loss), L4R_INPUT);
  p.spec.each = 0;
  p.target[1] = ITEMS;
  cr_assert_eq(l4r_sampled_loss(&p.spec, &loss), L4R_INPUT);
  p.target[1] = 0;
  p.spec.samples = ITEMS + 1;
  cr_assert_eq(l4r_sampled_loss(&p.spec, &loss), L4R_INPUT);
}
