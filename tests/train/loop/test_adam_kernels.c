/* SPDX-License-Identifier: BSD-3-Clause */
/* The optimiser's loops: every set of instructions gives the portable set's bits, and a forced set
 * is the one that the table is of. */
#include "impl/train/loop/kernels/kernels.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { MOST = 133 }; /* vectors of any width, and a part of one */

struct buffers {
  float gradients[MOST], values[MOST], first[MOST], second[MOST];
};

static void fill(struct buffers *b) {
  uint32_t state = 1;
  for (int i = 0; i < 4 * MOST; i++) {
    state = state * 1664525 + 1013904223;
    ((float *)b)[i] = (float)(state >> 8) * 0x1p-24f - (i < 3 * MOST ? .5f : 0);
  }
}

static const struct l4r_adam_rates rates = {.scale = .7f,
                                            .beta1 = .9f,
                                            .one_beta1 = .1f,
                                            .beta2 = .999f,
                                            .one_beta2 = .001f,
                                            .step = .01f,
                                            .root2 = 1.3f,
                                            .epsilon = 1e-8f,
                                            .keep = .99f};

static struct l4r_adam_range range_of(struct buffers *b, int64_t count) {
  return (struct l4r_adam_range){b->gradients, b->values, b->first, b->second, count};
}

static double reference(double keep, double value, double m, double v) {
  return keep * value -
         (double)rates.step * m / (sqrt(v) * (double)rates.root2 + (double)rates.epsilon);
}

Test(adam_kernels, a_table_is_of_the_set_that_was_asked_for) {
  static const enum l4r_isa stands_for[L4R_ISAS] = {L4R_ISA_PORTABLE, L4R_ISA_AVX2, L4R_ISA_AVX512,
                                                    L4R_ISA_AVX512, L4R_ISA_PORTABLE};
  for (int isa = 0; isa < L4R_ISAS; isa++)
    if (l4r_cpu_offers((enum l4r_isa)isa))
      cr_expect_eq(l4r_adam_kernels_of((enum l4r_isa)isa)->isa, stands_for[isa], "%s",
                   l4r_isa_name((enum l4r_isa)isa));
}

Test(adam_kernels, the_update_is_adams) {
  struct buffers before, after;
  fill(&before);
  after = before;
  const struct l4r_adam_range range = range_of(&after, MOST);
  l4r_adam_kernels_portable.update(&rates, &range);
  for (int i = 0; i < MOST; i++) {
    const double g = (double)before.gradients[i] * (double)rates.scale;
    const double m = .9 * (double)before.first[i] + .1 * g;
    const double v = .999 * (double)before.second[i] + .001 * g * g;
    cr_expect_float_eq((double)after.first[i], m, 1e-6, "%d", i);
    cr_expect_float_eq((double)after.second[i], v, 1e-6, "%d", i);
    cr_expect_float_eq((double)after.values[i], reference(.99, (double)before.values[i], m, v),
                       2e-6, "%d", i);
  }
}

Test(adam_kernels, every_set_has_the_same_bits) {
  static const int64_t counts[] = {0, 1, 7, 8, 15, 16, 17, 31, 64, 127, MOST};
  for (int isa = 0; isa < L4R_ISAS; isa++) {
    if (!l4r_cpu_offers((enum l4r_isa)isa)) continue;
    const struct l4r_adam_kernels *kernels = l4r_adam_kernels_of((enum l4r_isa)isa);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
      struct buffers one, other;
      fill(&one);
      other = one;
      const struct l4r_adam_range a = range_of(&one, counts[c]), b = range_of(&other, counts[c]);
      for (int step = 0; step < 3; step++) {
        l4r_adam_kernels_portable.update(&rates, &a);
        kernels->update(&rates, &b);
      }
      cr_expect_eq(memcmp(&one, &other, sizeof one), 0, "%s, %lld numbers",
                   l4r_isa_name(kernels->isa), (long long)counts[c]);
      const double x = l4r_adam_kernels_portable.squares(one.values, counts[c]);
      const double y = kernels->squares(one.values, counts[c]);
      cr_expect_eq(memcmp(&x, &y, sizeof x), 0, "%s, %lld numbers: %.17g, %.17g",
                   l4r_isa_name(kernels->isa), (long long)counts[c], x, y);
    }
  }
}
