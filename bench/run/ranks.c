/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/ranks.h"

#include "bench/engines.h"
#include "bench/machine/pin.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/comm/comm.h"
#include "impl/comm/processors.h"
#include "impl/lite/shard_serve.h"
#include "impl/shards/link.h"
#include "impl/shards/relay.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char variable[] = "LITE4REC_RANKS"; /* of a child: its socket and the ranks */

int l4r_ranks_wanted(const struct l4r_arm *arms, int count) {
  for (int a = 0; a < count; a++)
    for (int o = 0; o < arms[a].options; o++)
      if (!strcmp(arms[a].option[o].key, "shards") && !l4r_engine_is_foreign(arms[a].name))
        return 1;
  return 0;
}

/* --- processors --- */

/* Whether another rank of this host may use a processor that this one may. */
static int shares_processors(struct l4r_comm *comm, int *shared) {
  const int rank = l4r_comm_rank(comm), ranks = l4r_comm_size(comm);
  cpu_set_t *all = l4r_alloc((size_t)ranks, sizeof *all, "processors of ranks");
  const int status = all ? l4r_comm_processors(comm, all) : L4R_ENVIRONMENT;
  *shared = 0;
  for (int r = 0; r < ranks && !status; r++) {
    cpu_set_t both;
    if (r == rank || !l4r_comm_is_here(comm, r)) continue;
    CPU_AND(&both, &all[rank], &all[r]);
    *shared |= CPU_COUNT(&both) > 0;
  }
  l4r_free(all);
  return status;
}

/* Restricts this process to its part of the processors that the policy offers on its host. */
static int take_processors(struct l4r_comm *comm, const char *policy) {
  int *list, on_host, ranks, shared;
  cpu_set_t mine;
  if (!strcmp(policy, "none")) return L4R_OK;
  int status = shares_processors(comm, &shared);
  if (status || !shared) return status;
  if (!(list = l4r_alloc(L4R_PIN_THREADS, sizeof *list, "processors"))) return L4R_ENVIRONMENT;
  l4r_comm_on_host(comm, &on_host, &ranks);
  const int count = l4r_pin_candidates(policy, list);
  if (count < 0) status = L4R_ENVIRONMENT;
  const int too_few = !status && count < ranks;
  if (too_few && !on_host) /* the first says it for all */
    status = l4r_fail(L4R_ENVIRONMENT,
                      "%d ranks on one host and %d processors for --pin %s: every rank wants its "
                      "own; start fewer there, or measure nothing but whether it works: --pin none",
                      ranks, count, policy);
  int64_t begin = 0, end = 0;
  if (!status && !too_few) l4r_split(count, 1, on_host, ranks, &begin, &end);
  CPU_ZERO(&mine);
  for (int64_t p = begin; p < end; p++) CPU_SET((size_t)list[p], &mine);
  if (!status && !too_few && sched_setaffinity(0, sizeof mine, &mine))
    status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot take %d of %d processors", (int)(end - begin),
                            count);
  l4r_free(list);
  return status;
}

static int make_team(const void *context, int threads, struct l4r_team **team) {
  const char *policy = context;
  struct l4r_pin *pin = l4r_alloc(1, sizeof *pin, "processors");
  if (!pin) return L4R_ENVIRONMENT;
  int status = l4r_pin_plan(policy, threads, pin);
  if (!status) status = l4r_team_create(threads, pin->bound ? pin->processor : NULL, team);
  l4r_free(pin);
  return status;
}

/* --- the run's ranks --- */

int l4r_ranks_begin(struct l4r_comm *comm, const char *pin, int *served) {
  struct l4r_link *link = l4r_link_here();
  int status = L4R_OK;
  l4r_link_use_comm(link, comm);
  *served = link->rank > 0;
  if (l4r_link_ranks(link) > 1) status = take_processors(comm, pin);
  if (!status && *served) {
    /* An interrupted rank 0 ends its run, and then the others. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    status = l4r_lite_shards_serve(link, &(struct l4r_shard_hands){make_team, pin});
  }
  if (status && l4r_link_ranks(link) > 1) l4r_comm_end(comm, status); /* does not return */
  if (status || *served) l4r_link_use_comm(link, NULL);
  return status;
}

void l4r_ranks_end(void) {
  struct l4r_link *link = l4r_link_here();
  const int status = l4r_link_order(link, &(struct l4r_order){.kind = L4R_ORDER_STOP}, NULL);
  if (status) l4r_comm_end(link->comm, status);
  l4r_link_use_comm(link, NULL);
}

/* --- a child --- */

int l4r_ranks_pair(int pair[2]) {
  pair[0] = pair[1] = -1;
  if (l4r_link_ranks(l4r_link_here()) == 1) return L4R_OK;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
    return l4r_fail_errno(L4R_ENVIRONMENT, "cannot make a way from a child to the other ranks");
  return L4R_OK;
}

void l4r_ranks_give(const int pair[2]) {
  char text[48];
  if (pair[1] < 0) return;
  close(pair[0]);
  fcntl(pair[1], F_SETFD, 0);
  snprintf(text, sizeof text, "%d:%d", pair[1], l4r_link_ranks(l4r_link_here()));
  setenv(variable, text, 1);
}

void l4r_ranks_take(void) {
  const char *text = getenv(variable);
  int socket, ranks;
  l4r_link_use_comm(l4r_link_here(), NULL); /* a fork's link is its parent's */
  if (!text || sscanf(text, "%d:%d", &socket, &ranks) != 2 || socket < 3) return;
  unsetenv(variable);
  fcntl(socket, F_SETFD, FD_CLOEXEC); /* not for what the engine starts */
  l4r_link_use_socket(l4r_link_here(), socket, ranks);
}

void l4r_ranks_serve(int pair[2]) {
  if (pair[0] < 0) return;
  close(pair[1]);
  const int status = l4r_relay_serve(l4r_link_here(), pair[0]);
  close(pair[0]);
  if (status) l4r_comm_end(l4r_link_here()->comm, status);
}

/* --- the record --- */

int l4r_ranks_fill(int64_t sample, struct l4r_record *record) {
  struct l4r_record_record *data = &record->data;
  double users = 0, bytes = 0, waited = 0;
  int64_t resident = 0;
  if (!data->rounds.count || !data->rounds.at[0].ranks.count) return L4R_OK;
  for (int64_t r = 0; r < data->rounds.count; r++) {
    const struct l4r_record_round *round = &data->rounds.at[r];
    users += (double)round->permutations * (double)sample;
    for (int64_t k = 0; k < round->ranks.count; k++) {
      const struct l4r_record_rank *rank = &round->ranks.at[k];
      bytes += (double)rank->sent_bytes;
      if (!k) waited += (double)rank->wait_ns;
      if (rank->resident_bytes > resident) resident = rank->resident_bytes;
    }
  }
  const int64_t count = data->rounds.at[0].ranks.count;
  const char **hosts = l4r_record_room(record, (size_t)count, sizeof *hosts);
  const char *library = l4r_record_text(record, l4r_comm_library(l4r_link_here()->comm));
  if (!hosts || !library) return L4R_ENVIRONMENT;
  for (int64_t k = 0; k < count; k++) hosts[k] = data->rounds.at[0].ranks.at[k].host;
  data->ranks = (struct l4r_record_ranks){.is_there = 1,
                                          .count = count,
                                          .library = library,
                                          .hosts = {1, hosts, count},
                                          .sent_bytes_per_user = bytes / users,
                                          .wait_ns_per_user = waited / users,
                                          .resident_bytes = resident};
  return L4R_OK;
}
