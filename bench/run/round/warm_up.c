/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/round/warm_up.h"

int l4r_is_steady(const double *cycle, int cycles) {
  if (cycles < 3) return 0;
  double fastest = cycle[0];
  for (int c = 1; c < cycles - 2; c++)
    if (cycle[c] < fastest) fastest = cycle[c];
  return cycle[cycles - 2] >= .95 * fastest && cycle[cycles - 1] >= .95 * fastest;
}

/* Serves `users` warm-up requests, going round those there are, in calls of the round's batch. */
static int warm_cycle(struct l4r_round *round, int64_t users, double *seconds) {
  const struct l4r_requests *all = &round->requests;
  int64_t batch = round->job->batch, warm = l4r_requests_count(all, L4R_ROLE_WARM), total = 0;
  for (int64_t done = 0; done < users; done += batch) {
    for (int64_t b = 0; b < batch; b++)
      round->call[b] = all->request[all->begin[L4R_ROLE_WARM] + (done + b) % warm];
    int64_t ns;
    int status = l4r_round_call(round, batch, &ns);
    if (status) return status;
    total += ns;
    round->warm_queries += batch;
  }
  *seconds = (double)total * 1e-9;
  return L4R_OK;
}

int l4r_round_warm_up(struct l4r_round *round) {
  int64_t warm = l4r_requests_count(&round->requests, L4R_ROLE_WARM);
  int64_t batch = round->job->batch;
  double spent = 0, limit = round->job->min_seconds;
  round->call[0] = round->requests.request[round->requests.begin[L4R_ROLE_WARM]];
  int status = l4r_round_call(round, 1, &round->cold_ns);
  double one = 0;
  if (!status) status = warm_cycle(round, batch, &one);
  if (status) return status;
  /* A cycle is about a tenth of the minimum time, so that slow engines are warm within it. */
  int64_t users = one > 0 ? (int64_t)(limit * .1 / one * (double)batch) : warm;
  if (users > warm) users = warm;
  if (users < batch) users = batch;
  while (round->cycles < L4R_ROUND_CYCLES && !round->steady &&
         (round->cycles < 3 || spent < limit)) {
    double *seconds = &round->cycle[round->cycles++];
    status = warm_cycle(round, users, seconds);
    if (status) return status;
    spent += *seconds;
    round->steady = l4r_is_steady(round->cycle, round->cycles);
  }
  return L4R_OK;
}

/* What reading the stages' counters costs, before anything counts: as many queries as a cycle had.
 */
int l4r_round_try_stages(struct l4r_round *round) {
  const int64_t queries = round->warm_queries;
  if (!l4r_counters_by_stage(round->counters)) return L4R_OK;
  double seconds = 0;
  l4r_counters_stages_begin(round->counters, 1);
  int status = warm_cycle(round, queries / (round->cycles + 1), &seconds);
  l4r_counters_stages_end(round->counters, 1, (int64_t)(seconds * 1e9));
  round->warm_queries = queries;
  return status;
}
