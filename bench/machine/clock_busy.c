/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/clock_busy.h"

#include "bench/machine/watch.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <pthread.h>
#include <sched.h>

enum { MOST = 1024 };

struct busy { /* one thread */
  pthread_t thread;
  int64_t until_ns;
  double ghz; /* the best reading: another program's turns only make it lower */
};

static void *work(void *argument) {
  struct busy *busy = argument;
  do {
    const double ghz = l4r_clock_ghz();
    if (ghz > busy->ghz) busy->ghz = ghz;
  } while (l4r_now_ns() < busy->until_ns);
  return NULL;
}

double l4r_clock_all_busy_ghz(double seconds, int *processors) {
  cpu_set_t may;
  *processors = sched_getaffinity(0, sizeof may, &may) ? 1 : CPU_COUNT(&may);
  if (*processors > MOST) *processors = MOST;
  struct busy *busy = l4r_alloc((size_t)*processors, sizeof *busy, "busy threads");
  const int64_t until = l4r_now_ns() + (int64_t)(seconds * 1e9);
  int started = 0;
  double least = 0;
  for (; busy && started < *processors; started++) {
    busy[started].until_ns = until;
    if (pthread_create(&busy[started].thread, NULL, work, &busy[started])) break;
  }
  for (int i = 0; i < started; i++) {
    pthread_join(busy[i].thread, NULL);
    if (!i || busy[i].ghz < least) least = busy[i].ghz;
  }
  l4r_free(busy);
  return started == *processors ? least : 0;
}
