/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/watch.h"

#include "impl/base/log.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__x86_64__) /* products: no processor renames them away, and each takes three cycles   \
                         */
enum { CHAIN = 4000, LATENCY = 3 };
#define CHAINED "imul %0, %0\n"
#else /* a product takes two to four cycles, by core; a sum of two registers one on all of them */
enum { CHAIN = 12000, LATENCY = 1 };
#define CHAINED "add %0, %0, %0\n"
#endif
enum { UNROLLED = 10, TICKS_LEAST = 20 };
static const int64_t APART_NS = 100000000;

double l4r_clock_ghz(void) {
#if defined(__x86_64__) || defined(__aarch64__)
  double best = 0;
  for (int turn = 0; turn < 3; turn++) {
    uint64_t x = 3;
    const int64_t began = l4r_now_ns();
    for (int i = 0; i < CHAIN; i++)
      __asm__ volatile(
          CHAINED CHAINED CHAINED CHAINED CHAINED CHAINED CHAINED CHAINED CHAINED CHAINED
          : "+r"(x));
    const double ns = (double)(l4r_now_ns() - began);
    const double ghz = ns > 0 ? (double)CHAIN * UNROLLED * LATENCY / ns : 0;
    if (ghz > best) best = ghz;
  }
  return best;
#else
  return 0;
#endif
}

int l4r_ticks_read(const char *root, struct l4r_ticks *ticks) {
  char path[512];
  double user, nice, system, idle, wait, irq, softirq, steal = 0;
  snprintf(path, sizeof path, "%s/proc/stat", root);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  const int got = fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &user, &nice, &system, &idle,
                         &wait, &irq, &softirq, &steal);
  fclose(file);
  if (got < 7) return 0;
  ticks->busy = user + nice + system + irq + softirq;
  ticks->steal = steal;
  ticks->total = ticks->busy + idle + wait + steal;
  return 1;
}

static void read_ticks(struct l4r_ticks *ticks) {
  struct rusage own;
  memset(ticks, 0, sizeof *ticks);
  if (!l4r_ticks_read("", ticks) || getrusage(RUSAGE_SELF, &own)) return;
  ticks->own_seconds = (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) +
                       1e-6 * (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec);
}

void l4r_watch_begin(struct l4r_watch *watch) {
  memset(watch, 0, sizeof *watch);
  watch->before = l4r_clock_ghz();
  read_ticks(&watch->from);
  watch->last_ns = l4r_now_ns();
}

void l4r_watch_during(struct l4r_watch *watch) {
  if (l4r_now_ns() - watch->last_ns < APART_NS) return;
  const double ghz = l4r_clock_ghz();
  if (watch->during == 0 || ghz < watch->during) watch->during = ghz;
  watch->last_ns = l4r_now_ns();
}

void l4r_watch_end(struct l4r_watch *watch) {
  read_ticks(&watch->to);
  watch->after = l4r_clock_ghz();
}

static json_t *positive(double value) {
  return value > 0 ? json_real(value) : json_null();
}

json_t *l4r_watch_json(const struct l4r_watch *watch) {
  const struct l4r_ticks *from = &watch->from, *to = &watch->to;
  const double total = to->total - from->total;
  json_t *steal = NULL, *others = NULL;
  if (from->total > 0 && total >= TICKS_LEAST) {
    const double own = (to->own_seconds - from->own_seconds) * (double)sysconf(_SC_CLK_TCK);
    const double rest = to->busy - from->busy - own;
    steal = json_real((to->steal - from->steal) / total);
    if (!watch->elsewhere) others = json_real(rest > 0 ? rest / total : 0);
  }
  return json_pack("{s:{s:o, s:o, s:o}, s:o, s:o}", "ghz", "before", positive(watch->before),
                   "during", positive(watch->during), "after", positive(watch->after),
                   "steal_share", steal ? steal : json_null(), "others_share",
                   others ? others : json_null());
}
