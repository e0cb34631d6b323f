/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/import/synth_process.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct l4r_synth *draw(int64_t users, int64_t items, int64_t clusters, int64_t shortest,
                              int64_t longest) {
  struct l4r_synth_options options;
  l4r_synth_defaults(&options);
  options.users = users;
  options.items = items;
  options.clusters = clusters;
  options.shortest = shortest;
  options.longest = longest;
  struct l4r_synth *synth;
  cr_assert_eq(l4r_synth_draw(&options, &synth), 0, "%s", l4r_error_message());
  return synth;
}

/* P(history, next) by summing over every hidden path, straight from the definition. */
static double joint(const struct l4r_synth *s, const l4r_item *item, int64_t length) {
  const int64_t c = s->options.clusters;
  int64_t paths = 1;
  for (int64_t t = 0; t < length; ++t) paths *= c;
  double total = 0;
  for (int64_t path = 0; path < paths; ++path) {
    double p = 1;
    int64_t rest = path, before = -1;
    for (int64_t t = 0; t < length; ++t, rest /= c) {
      const int64_t z = rest % c;
      p *= before < 0 ? s->start[z] : s->transition[before * c + z];
      double unseen = 1;
      for (int64_t h = 0; h < t; ++h) unseen -= s->emission[z * s->options.items + item[h] - 1];
      p *= s->emission[z * s->options.items + item[t] - 1] / unseen;
      before = z;
    }
    total += p;
  }
  return total;
}

Test(synth, filter_equals_the_sum_over_all_hidden_paths) {
  struct l4r_synth *s = draw(5, 12, 3, 4, 5);
  double scratch[9], probability[12];
  for (int64_t u = 0; u < 5; ++u) {
    l4r_item item[6];
    memcpy(item, s->item + s->user_start[u], 4 * sizeof *item);
    l4r_synth_predict(s, item, 4, scratch, probability);
    const double history = joint(s, item, 4);
    double sum = 0;
    for (l4r_item next = 1; next <= 12; ++next) {
      int seen = 0;
      for (int h = 0; h < 4; ++h) seen |= item[h] == next;
      item[4] = next;
      const double expected = seen ? 0 : joint(s, item, 5) / history;
      cr_assert_float_eq(probability[next - 1], expected, 1e-12);
      sum += probability[next - 1];
    }
    cr_assert_float_eq(sum, 1.0, 1e-12);
  }
  l4r_synth_free(s);
}

Test(synth, simulated_users_hit_as_often_as_the_optimum_says) {
  struct l4r_synth *s = draw(20000, 80, 6, 4, 12);
  struct l4r_synth_optimum o;
  cr_assert_eq(l4r_synth_optimum(s, &o), 0);
  const double error = sqrt(o.hr10 * (1 - o.hr10) / 20000); /* binomial, at most */
  cr_assert(fabs(o.realised_hr10 - o.hr10) < 4 * error, "%g against %g", o.realised_hr10, o.hr10);
  cr_assert(fabs(o.realised_ndcg10 - o.ndcg10) < 4 * error);
  cr_assert(o.hr10 > 0.2 && o.hr10 < 1 && o.ndcg10 < o.hr10);
  l4r_synth_free(s);
}

Test(synth, sequences_repeat_no_item_and_follow_the_seed) {
  struct l4r_synth *a = draw(50, 60, 5, 3, 30), *b = draw(50, 60, 5, 3, 30);
  for (int64_t u = 0; u < 50; ++u) {
    unsigned char seen[61] = {0};
    for (int64_t t = a->user_start[u]; t < a->user_start[u + 1]; ++t) {
      cr_assert(a->item[t] >= 1 && a->item[t] <= 60);
      cr_assert_not(seen[a->item[t]]++);
      cr_assert_eq(a->item[t], b->item[t]);
    }
  }
  l4r_synth_free(a);
  l4r_synth_free(b);
}

Test(synth, options_that_make_no_process_are_refused) {
  struct l4r_synth_options options;
  struct l4r_synth *s;
  l4r_synth_defaults(&options);
  options.longest = options.items;
  cr_assert_eq(l4r_synth_draw(&options, &s), L4R_USAGE);
  l4r_synth_defaults(&options);
  options.clusters = 1;
  cr_assert_eq(l4r_synth_draw(&options, &s), L4R_USAGE);
  l4r_synth_defaults(&options);
  options.leak = 1.5;
  cr_assert_eq(l4r_synth_draw(&options, &s), L4R_USAGE);
}
