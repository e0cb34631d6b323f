/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/ceiling/peak.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/ceiling/peak_arm.h"
#include "impl/ceiling/peak_x86.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

enum { CHAINS = 12, BF16X3_PRODUCTS = 6 };
static const double SLICE_NS = 1e5, USUAL_SECONDS = .3;

static const char *const names[L4R_PEAK_PRECISIONS] = {"fp64", "fp32", "bf16", "int8", "bf16x3"};

const char *l4r_peak_precision_name(enum l4r_peak_precision precision) {
  return names[precision];
}

int l4r_peak_precision_named(const char *name, enum l4r_peak_precision *precision) {
  for (int p = 0; p < L4R_PEAK_PRECISIONS; p++)
    if (!strcmp(name, names[p])) {
      *precision = (enum l4r_peak_precision)p;
      return L4R_OK;
    }
  return l4r_fail(L4R_INPUT, "precision '%s': there is no ceiling for it", name);
}

#if !defined(__x86_64__) && !defined(__aarch64__)
static const char *nothing(void) {
  return NULL;
}

/* In memory, whatever the processor's vector registers are called. */
static double portable(int64_t rounds) {
  typedef float four __attribute__((vector_size(16)));
  four chain[CHAINS], a = (four){0} + 0.999f, b = (four){0} + 0.001f;
  for (int i = 0; i < CHAINS; i++) chain[i] = (four){0};
  for (int64_t r = 0; r < rounds; r++) {
    for (int i = 0; i < CHAINS; i++) chain[i] = chain[i] * a + b;
    for (int i = 0; i < CHAINS; i++) __asm__ volatile("" : "+m"(chain[i]));
  }
  return 2.0 * 4 * CHAINS * (double)rounds;
}

static const struct l4r_peak_unit units[] = {{"portable", L4R_PEAK_FP32, nothing, portable}};
#endif

const struct l4r_peak_unit *l4r_peak_units(int *count) {
#if defined(__x86_64__)
  return l4r_peak_units_x86(count);
#elif defined(__aarch64__)
  return l4r_peak_units_arm(count);
#else
  *count = sizeof units / sizeof *units;
  return units;
#endif
}

int l4r_peak_products(const struct l4r_peak_unit *unit, enum l4r_peak_precision precision) {
  const enum l4r_peak_precision has = unit->operands;
  switch (precision) {
  case L4R_PEAK_BF16:
    return has == L4R_PEAK_BF16 || has == L4R_PEAK_FP32;
  case L4R_PEAK_INT8:
    return has == L4R_PEAK_INT8 || has == L4R_PEAK_FP32;
  case L4R_PEAK_BF16X3:
    return has == L4R_PEAK_BF16 || has == L4R_PEAK_FP32 ? BF16X3_PRODUCTS : 0;
  default:
    return has == precision;
  }
}

struct work {
  struct l4r_team *team;
  const struct l4r_peak_unit *unit;
  int64_t deadline_ns;
  atomic_int finished; /* workers that have: what the others still do is no longer of the team */
  double *best;        /* [workers] */
};

/* Operations a nanosecond of a slice, and its length. */
static double slice(const struct l4r_peak_unit *unit, int64_t rounds, double *ns) {
  const int64_t from = l4r_now_ns();
  const double operations = unit->loop(rounds);
  *ns = (double)(l4r_now_ns() - from);
  return *ns > 0 ? operations / *ns : 0;
}

static int repeat(void *argument, int worker, int workers) {
  struct work *work = argument;
  int64_t rounds = 1024;
  double ns = 0, best = 0;
  while (ns < SLICE_NS && rounds < INT64_C(1) << 40) { /* which warms up too */
    slice(work->unit, rounds, &ns);
    rounds *= 2;
  }
  if (workers > 1) l4r_team_barrier(work->team);
  do {
    const double speed = slice(work->unit, rounds, &ns);
    if (speed > best && (best <= 0 || !atomic_load(&work->finished))) best = speed;
  } while (l4r_now_ns() < work->deadline_ns);
  atomic_fetch_add(&work->finished, 1);
  work->best[worker] = best;
  return L4R_OK;
}

int l4r_peak_measure(struct l4r_team *team, const struct l4r_peak_unit *unit, double seconds,
                     double *gops) {
  const int workers = l4r_team_size(team);
  const char *lacks = unit->lacks();
  if (lacks) return l4r_fail(L4R_ENVIRONMENT, "%s: %s", unit->name, lacks);
  struct work work = {
      .team = team, .unit = unit, .best = l4r_alloc((size_t)workers, sizeof(double), "a ceiling")};
  if (!work.best) return L4R_ENVIRONMENT;
  work.deadline_ns = l4r_now_ns() + (int64_t)(1e9 * (seconds > 0 ? seconds : USUAL_SECONDS));
  const int status = l4r_team_run(team, repeat, &work);
  *gops = 0;
  for (int w = 0; w < workers; w++) *gops += work.best[w];
  l4r_free(work.best);
  return status;
}

void l4r_peak_raise(struct l4r_peak *best, enum l4r_peak_precision precision,
                    const struct l4r_peak_unit *unit, double gops) {
  const int products = l4r_peak_products(unit, precision);
  if (products && gops / products > best->gops) *best = (struct l4r_peak){gops / products, unit};
}

int l4r_peak_best(struct l4r_team *team, enum l4r_peak_precision precision, double seconds,
                  struct l4r_peak *best) {
  int count, serving = 0, status = L4R_OK;
  const struct l4r_peak_unit *unit = l4r_peak_units(&count);
  *best = (struct l4r_peak){0};
  for (int u = 0; u < count; u++)
    serving += l4r_peak_products(&unit[u], precision) && !unit[u].lacks();
  if (!serving)
    return l4r_fail(L4R_ENVIRONMENT, "no instruction set here has a ceiling of %s",
                    names[precision]);
  const double each = (seconds > 0 ? seconds : USUAL_SECONDS) / serving;
  for (int u = 0; u < count && !status; u++) {
    double gops;
    if (!l4r_peak_products(&unit[u], precision) || unit[u].lacks()) continue;
    status = l4r_peak_measure(team, &unit[u], each, &gops);
    if (!status) l4r_peak_raise(best, precision, &unit[u], gops);
  }
  return status;
}
