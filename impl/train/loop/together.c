/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranks compare short hashes of texts, so that a difference can be named. Time is rank 0's alone:
 * clocks of several machines agree on no bound to the second. */
#include "impl/train/loop/together.h"

#include "impl/base/error.h"
#include "impl/train/loop/divided.h"
#include "impl/train/loop/tensors_divided.h"

#include <stdio.h>
#include <string.h>

enum { TOPICS = 6 };

/* Fills what ranks must share, as words of a message and a text of it. */
static void topics_of(const struct l4r_train_run *run, const char *what[TOPICS],
                      char text[TOPICS][96]) {
  const struct l4r_train_options *o = run->options;
  what[0] = "the data set: each host needs the same one under the same path";
  snprintf(text[0], sizeof text[0], "%s", run->task->config->dataset_sha256);
  what[1] = "the settings or what they read: begin all ranks with one command line";
  snprintf(text[1], sizeof text[1], "%s", run->settings);
  what[2] = "the number of threads: give --threads";
  snprintf(text[2], sizeof text[2], "%d", l4r_team_size(o->team));
  what[3] = "the processor's set of instructions: give --isa one that all have";
  snprintf(text[3], sizeof text[3], "%d", (int)run->adam->isa);
  what[4] = "the bounds of the training: begin all ranks with one command line";
  snprintf(text[4], sizeof text[4], "%lld %g %lld %d", (long long)o->epochs, o->minutes,
           (long long)o->patience, o->resume);
  what[5] = "what is sent between ranks: begin all with one --wire";
  snprintf(text[5], sizeof text[5], "%d", (int)o->wire);
}

int l4r_train_agree(const struct l4r_train_run *run) {
  const struct l4r_train_ranks *ranks = &run->ranks;
  const char *what[TOPICS];
  char text[TOPICS][96];
  if (!ranks->comm) return L4R_OK;
  topics_of(run, what, text);
  for (int t = 0; t < TOPICS; t++) {
    int other;
    const int status = l4r_ranks_compare(ranks, text[t], strlen(text[t]), &other);
    if (status) return status;
    if (other >= 0)
      return l4r_fail(L4R_USAGE, "rank %d on %s differs from rank 0 on %s in %s", other,
                      l4r_comm_host(ranks->comm, other), l4r_comm_host(ranks->comm, 0), what[t]);
  }
  return L4R_OK;
}

int l4r_train_ask(const struct l4r_train_run *run, struct l4r_train_vote *vote) {
  int64_t said[3] = {vote->interrupted, 0, 0};
  if (!run->ranks.comm) return L4R_OK;
  if (run->ranks.rank == 0) {
    said[1] = vote->out_of_time;
    said[2] = vote->checkpoint;
  }
  const int status = l4r_comm_max_int(run->ranks.comm, said, 3);
  *vote = (struct l4r_train_vote){said[0], said[1], said[2]};
  return status;
}

int l4r_train_share_counters(struct l4r_train_run *run) {
  return l4r_ranks_broadcast(&run->ranks, &run->counters, sizeof run->counters);
}

int l4r_train_share_state(struct l4r_train_run *run) {
  const int64_t bytes = run->task->tensors->trained * (int64_t)sizeof(float);
  float *const array[] = {run->values, run->first, run->second, run->best};
  const int divided = l4r_tensors_divided(run->task->tensors) != NULL; /* all have read theirs */
  int status = l4r_train_share_counters(run);
  for (size_t i = 0; i < sizeof array / sizeof *array && !divided && !status && array[i]; i++)
    status = l4r_ranks_broadcast(&run->ranks, array[i], bytes);
  if (!status && run->task->extra_bytes > 0)
    status = l4r_ranks_broadcast(&run->ranks, run->task->extra, run->task->extra_bytes);
  return status;
}

int l4r_train_check_alike(const struct l4r_train_run *run) {
  const struct l4r_train_ranks *ranks = &run->ranks;
  if (!ranks->comm) return L4R_OK;
  const struct l4r_tensors *tensors = run->task->tensors;
  int64_t begin, end;
  int other = -1, status = L4R_OK;
  for (int gap = 0;
       other < 0 && !status && l4r_divided_gap(tensors, tensors->floats, gap, &begin, &end); gap++)
    status = l4r_ranks_compare(ranks, run->values + begin, (size_t)(end - begin) * sizeof(float),
                               &other);
  if (status || other < 0) return status;
  return l4r_fail(
      L4R_CHECK,
      "epoch %lld: the parameters of rank %d on %s are no longer those of rank 0 on %s: "
      "the machines compute differently, or memory or network is faulty. The last good "
      "checkpoint is %s",
      (long long)run->counters.epoch + 1, other, l4r_comm_host(ranks->comm, other),
      l4r_comm_host(ranks->comm, 0), run->state_path);
}
