/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs the loops that time engines over an engine that does nothing; what remains is the cost of
 * the harness. */
#include "bench/run/session/overhead.h"
#include "bench/run/session/serve.h"
#include "bench/run/session/time_source.h"
#include "bench/stats/quantile.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"

enum { PASSES = 15, PASS_MOST = 1024 };

static int nothing(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                   struct l4r_ranking *ranking) {
  for (int64_t r = 0; r < n; r++) ranking[r].count = k; /* as long as an engine's, for the log */
  return L4R_OK;
}

static const struct l4r_engine empty = {.name = "empty", .recommend = nothing};

static int one_pass(struct l4r_serving *serving, int open, const int64_t *due, double *every,
                    double *inside) {
  const int64_t count = serving->options.count, batch = serving->options.batch;
  int64_t served = 0;
  serving->samples.count = serving->serving_ns = serving->begin_ns = 0;
  serving->logged.count = serving->permutations = 0; /* as at the begin, where most is logged */
  serving->slowest.count = 0;
  int status = l4r_serving_prepare(serving, 1, (count + batch - 1) / batch, open);
  if (!status)
    status = open ? l4r_serve_arrivals(serving, due, count) : l4r_serve_permutation(serving);
  const int64_t end = l4r_time.now();
  for (int64_t i = 0; i < serving->samples.count; i++) served += serving->samples.served[i];
  /* An open loop first waits for its begin, and how well it waits is not measured here. */
  const int64_t begin = serving->begin_ns + (open ? serving->samples.wait[0] : 0);
  *every = (double)(end - begin) / (double)served;
  *inside = (double)serving->serving_ns / (double)served;
  return status;
}

int l4r_serving_overhead(const struct l4r_serving *like, int open, struct l4r_overhead *overhead) {
  struct l4r_session session = *like->options.session; /* its buffers, another engine */
  struct l4r_serving_options options = like->options;
  struct l4r_serving serving;
  double every[PASSES], inside[PASSES];
  session.engine = &empty;
  session.handle = NULL;
  session.own_ns = 0;
  options.session = &session;
  options.between = NULL;
  options.aside = NULL;
  if (options.count > PASS_MOST) options.count = PASS_MOST;
  if (options.batch > options.count) options.batch = options.count;
  options.longest = options.count;
  /* All due at once: nobody waits, and every call is as late as the harness made it. */
  int64_t *due = l4r_alloc((size_t)options.count, sizeof *due, "arrivals");
  int status = l4r_serving_open(&options, &serving);
  if (!due) status = L4R_ENVIRONMENT;
  for (int p = 0; p < PASSES && !status; p++)
    status = one_pass(&serving, open, due, &every[p], &inside[p]);
  if (!status)
    *overhead = (struct l4r_overhead){l4r_median(every, PASSES), l4r_median(inside, PASSES)};
  l4r_serving_close(&serving);
  l4r_free(due);
  return status;
}
