/* SPDX-License-Identifier: BSD-3-Clause */
/* The hidden process: drawing users from it and filtering them exactly. */
#include "bench/import/synth_process.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TOP = 10 };

void l4r_synth_defaults(struct l4r_synth_options *options) {
  *options = (struct l4r_synth_options){.users = 2000,
                                        .items = 300,
                                        .clusters = 12,
                                        .shortest = 8,
                                        .longest = 32,
                                        .zipf = 1.0,
                                        .leak = 0.1,
                                        .follow = 0.8,
                                        .seed = 1};
}

static int check_options(const struct l4r_synth_options *o) {
  if (o->users < 1 || o->clusters < 2 || o->clusters > o->items)
    return l4r_fail(L4R_USAGE,
                    "a synthetic data set needs users, at least 2 clusters and as many "
                    "items as clusters; got %lld users, %lld clusters, %lld items",
                    (long long)o->users, (long long)o->clusters, (long long)o->items);
  if (o->shortest < 3 || o->longest < o->shortest || 2 * o->longest > o->items)
    return l4r_fail(L4R_USAGE,
                    "lengths %lld..%lld do not fit: the shortest is at least 3, the longest at "
                    "most half of the %lld items",
                    (long long)o->shortest, (long long)o->longest, (long long)o->items);
  if (!(o->leak > 0 && o->leak < 1) || !(o->follow >= 0 && o->follow <= 1) || !(o->zipf >= 0))
    return l4r_fail(L4R_USAGE, "leak must lie in (0, 1), follow in [0, 1], zipf be at least 0");
  return L4R_OK;
}

/* An index drawn from weights that sum to `total`; the last positive one where rounding runs over.
 */
static int64_t draw(struct l4r_random *random, const double *weight, int64_t count, double total) {
  double left = l4r_random_uniform(random) * total;
  int64_t last = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (weight[i] <= 0) continue;
    last = i;
    left -= weight[i];
    if (left < 0) return i;
  }
  return last;
}

/* Each cluster has two favourite successors, drawn at random; the rest of the mass is spread. */
static void make_transitions(struct l4r_synth *synth, struct l4r_random *random) {
  const int64_t clusters = synth->options.clusters;
  const double rest = (1 - synth->options.follow) / (double)clusters;
  for (int64_t c = 0; c < clusters; ++c) {
    double *row = synth->transition + c * clusters;
    for (int64_t d = 0; d < clusters; ++d) row[d] = rest;
    row[l4r_random_below(random, (uint64_t)clusters)] += synth->options.follow * 0.7;
    row[l4r_random_below(random, (uint64_t)clusters)] += synth->options.follow * 0.3;
    synth->start[c] = 1.0 / (double)clusters;
  }
}

/* Items are dealt to clusters in a random order; popularity in a cluster follows Zipf's law. */
static int make_emissions(struct l4r_synth *synth, struct l4r_random *random) {
  const int64_t clusters = synth->options.clusters, items = synth->options.items;
  int64_t *order = l4r_alloc((size_t)items, sizeof *order, "an item order");
  double *total = l4r_alloc((size_t)clusters, sizeof *total, "cluster totals");
  if (!order || !total) {
    l4r_free(order);
    l4r_free(total);
    return L4R_ENVIRONMENT;
  }
  for (int64_t i = 0; i < items; ++i) order[i] = i;
  l4r_random_shuffle(random, order, (size_t)items);
  for (int64_t i = 0; i < items; ++i) {
    const int64_t cluster = i % clusters;
    const double weight = pow((double)(i / clusters + 1), -synth->options.zipf);
    synth->home[order[i] + 1] = cluster;
    synth->emission[cluster * items + order[i]] = weight;
    total[cluster] += weight;
  }
  const double spread = synth->options.leak / (double)items;
  for (int64_t c = 0; c < clusters; ++c)
    for (int64_t i = 0; i < items; ++i) {
      double *e = &synth->emission[c * items + i];
      *e = spread + (1 - synth->options.leak) * *e / total[c];
    }
  l4r_free(order);
  l4r_free(total);
  return L4R_OK;
}

static int draw_users(struct l4r_synth *synth, struct l4r_random *random) {
  const struct l4r_synth_options *o = &synth->options;
  double *weight = l4r_alloc((size_t)o->items, sizeof *weight, "item weights");
  if (!weight) return L4R_ENVIRONMENT;
  for (int64_t u = 0; u < o->users; ++u) {
    const uint64_t span = (uint64_t)(o->longest - o->shortest + 1);
    const int64_t length = o->shortest + (int64_t)l4r_random_below(random, span);
    l4r_item *item = synth->item + synth->user_start[u];
    synth->user_start[u + 1] = synth->user_start[u] + length;
    int64_t state = draw(random, synth->start, o->clusters, 1.0);
    for (int64_t t = 0; t < length; ++t) {
      if (t) state = draw(random, synth->transition + state * o->clusters, o->clusters, 1.0);
      memcpy(weight, synth->emission + state * o->items, (size_t)o->items * sizeof *weight);
      for (int64_t s = 0; s < t; ++s) weight[item[s] - 1] = 0;
      double total = 0;
      for (int64_t i = 0; i < o->items; ++i) total += weight[i];
      item[t] = (l4r_item)(draw(random, weight, o->items, total) + 1);
    }
  }
  l4r_free(weight);
  return L4R_OK;
}

static int allocate(struct l4r_synth *s) {
  const size_t users = (size_t)s->options.users, items = (size_t)s->options.items;
  const size_t clusters = (size_t)s->options.clusters, longest = (size_t)s->options.longest;
  s->start = l4r_alloc(clusters, sizeof *s->start, "start probabilities");
  s->transition = l4r_alloc(clusters * clusters, sizeof *s->transition, "transitions");
  s->emission = l4r_alloc(clusters * items, sizeof *s->emission, "emissions");
  s->home = l4r_alloc(items + 1, sizeof *s->home, "item clusters");
  s->user_start = l4r_alloc(users + 1, sizeof *s->user_start, "user offsets");
  s->item = l4r_alloc(users * longest, sizeof *s->item, "synthetic interactions");
  return s->start && s->transition && s->emission && s->home && s->user_start && s->item
             ? L4R_OK
             : L4R_ENVIRONMENT;
}

int l4r_synth_draw(const struct l4r_synth_options *options, struct l4r_synth **out) {
  int status = check_options(options);
  if (status) return status;
  struct l4r_synth *synth = l4r_alloc(1, sizeof *synth, "a synthetic process");
  if (!synth) return L4R_ENVIRONMENT;
  synth->options = *options;
  status = allocate(synth);
  struct l4r_random random;
  l4r_random_seed(&random, options->seed);
  if (!status) {
    make_transitions(synth, &random);
    status = make_emissions(synth, &random);
  }
  if (!status) status = draw_users(synth, &random);
  if (status) {
    l4r_synth_free(synth);
    return status;
  }
  *out = synth;
  return L4R_OK;
}

void l4r_synth_free(struct l4r_synth *synth) {
  if (!synth) return;
  l4r_free(synth->start);
  l4r_free(synth->transition);
  l4r_free(synth->emission);
  l4r_free(synth->home);
  l4r_free(synth->user_start);
  l4r_free(synth->item);
  l4r_free(synth);
}

/* One filter step's second half: belief *= P(item | cluster, seen), normalised; the item joins the
 * seen ones. left[c]: mass of the cluster's emission over unseen items. */
static void observe(const struct l4r_synth *synth, l4r_item item, double *belief, double *left) {
  const int64_t clusters = synth->options.clusters, items = synth->options.items;
  double total = 0;
  for (int64_t c = 0; c < clusters; ++c) {
    const double e = synth->emission[c * items + item - 1];
    belief[c] *= e / left[c];
    left[c] -= e;
    total += belief[c];
  }
  for (int64_t c = 0; c < clusters; ++c) belief[c] /= total;
}

static void move(const struct l4r_synth *synth, double *belief, double *next) {
  const int64_t clusters = synth->options.clusters;
  memset(next, 0, (size_t)clusters * sizeof *next);
  for (int64_t c = 0; c < clusters; ++c)
    for (int64_t d = 0; d < clusters; ++d)
      next[d] += belief[c] * synth->transition[c * clusters + d];
  memcpy(belief, next, (size_t)clusters * sizeof *belief);
}

void l4r_synth_predict(const struct l4r_synth *synth, const l4r_item *history, int64_t length,
                       double *scratch, double *probability) {
  const int64_t clusters = synth->options.clusters, items = synth->options.items;
  double *belief = scratch, *left = scratch + clusters, *next = scratch + 2 * clusters;
  for (int64_t c = 0; c < clusters; ++c) {
    belief[c] = synth->start[c];
    left[c] = 1.0;
  }
  for (int64_t t = 0; t < length; ++t) {
    if (t) move(synth, belief, next);
    observe(synth, history[t], belief, left);
  }
  if (length) move(synth, belief, next);
  memset(probability, 0, (size_t)items * sizeof *probability);
  for (int64_t c = 0; c < clusters; ++c)
    for (int64_t i = 0; i < items; ++i)
      probability[i] += belief[c] / left[c] * synth->emission[c * items + i];
  for (int64_t t = 0; t < length; ++t) probability[history[t] - 1] = 0;
}

/* Adds one user's share: the ten most probable items in order. */
static void add_user(const double *probability, int64_t items, l4r_item target,
                     struct l4r_synth_optimum *sum) {
  int64_t best[TOP];
  int count = 0;
  for (int64_t i = 0; i < items; ++i) {
    int place = count;
    while (place > 0 && probability[best[place - 1]] < probability[i]) --place;
    if (place == TOP) continue;
    const int kept = count < TOP ? count++ : TOP - 1;
    memmove(best + place + 1, best + place, (size_t)(kept - place) * sizeof *best);
    best[place] = i;
  }
  for (int r = 0; r < count; ++r) {
    const double gain = 1.0 / log2(r + 2.0);
    sum->hr10 += probability[best[r]];
    sum->ndcg10 += probability[best[r]] * gain;
    if (best[r] + 1 != target) continue;
    sum->realised_hr10 += 1;
    sum->realised_ndcg10 += gain;
  }
}

int l4r_synth_optimum(const struct l4r_synth *synth, struct l4r_synth_optimum *optimum) {
  const int64_t items = synth->options.items, users = synth->options.users;
  double *probability = l4r_alloc((size_t)items, sizeof *probability, "probabilities");
  double *scratch = l4r_alloc(3 * (size_t)synth->options.clusters, sizeof *scratch, "filter state");
  struct l4r_synth_optimum sum = {0};
  const int status = probability && scratch ? L4R_OK : L4R_ENVIRONMENT;
  for (int64_t u = 0; !status && u < users; ++u) {
    const l4r_item *item = synth->item + synth->user_start[u];
    const int64_t length = synth->user_start[u + 1] - synth->user_start[u];
    l4r_synth_predict(synth, item, length - 1, scratch, probability);
    add_user(probability, items, item[length - 1], &sum);
  }
  l4r_free(probability);
  l4r_free(scratch);
  if (status) return status;
  const double n = (double)users;
  *optimum = (struct l4r_synth_optimum){sum.hr10 / n, sum.ndcg10 / n, sum.realised_hr10 / n,
                                        sum.realised_ndcg10 / n};
  return L4R_OK;
}
