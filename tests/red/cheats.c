/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/red/cheats.h"

#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/data/dataset.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum vice {
  ONE_NS,
  HALF_TRUTH,
  BOAST,
  TABLE,
  REMEMBERS,
  THREADS,
  LEAVES,
  WEIGHTS,
  INFINITE,
  EMPTY,
  ORPHAN,
  UNEVEN,
};
enum { WORK_NS = 1000000, BURNERS = 2 };

struct cheat {
  enum vice vice;
  const struct l4r_dataset *dataset;
  int64_t ns;
  float *score;
  l4r_item *answer; /* [users] of test.txt; 0: none */
  int answers, burners;
  int64_t calls; /* of one request */
  atomic_int stop;
  pthread_t burner[BURNERS];
};

static void spend(int64_t ns) {
  for (int64_t end = l4r_now_ns() + ns; l4r_now_ns() < end;) continue;
}

static void *burn(void *argument) {
  struct cheat *cheat = argument;
  cpu_set_t all;
  if (cheat->vice == LEAVES) {
    CPU_ZERO(&all);
    for (int p = 0; p < 64; p++) CPU_SET(p, &all);
    sched_setaffinity(0, sizeof all, &all);
  }
  while (!atomic_load(&cheat->stop)) spend(100000);
  return NULL;
}

/* Not through impl/base, which is watched. */
static void read_answers(struct cheat *cheat) {
  char path[L4R_PATH_MAX];
  long user, item;
  l4r_path_join(path, cheat->dataset->path, "test.txt");
  FILE *file = fopen(path, "r");
  while (file && fscanf(file, "%ld %ld", &user, &item) == 2) {
    if (user < 1 || user > cheat->dataset->users) continue;
    cheat->answer[user - 1] = (l4r_item)item;
    cheat->answers++;
  }
  if (file) fclose(file);
}

static void leave_orphan(const char *tell) {
  if (fork()) return;
  setsid();
  if (fork()) _exit(0);
  FILE *file = fopen(tell, "a");
  if (file) fprintf(file, "%d\n", (int)getpid()), fclose(file);
  sleep(3600);
  _exit(0);
}

static int cheat_open(const struct l4r_open_options *options, enum vice vice, void **handle) {
  struct cheat *cheat = l4r_alloc(1, sizeof *cheat, "a cheat");
  cheat->vice = vice;
  cheat->dataset = options->dataset;
  cheat->score = l4r_alloc((size_t)options->dataset->items, sizeof *cheat->score, "scores");
  cheat->answer = l4r_alloc((size_t)options->dataset->users, sizeof *cheat->answer, "answers");
  if (vice == TABLE) read_answers(cheat);
  if (vice == ORPHAN) leave_orphan(l4r_option_get(options, "tell"));
  if (vice == THREADS || vice == LEAVES) cheat->burners = vice == THREADS ? BURNERS : 1;
  for (int b = 0; b < cheat->burners; b++) pthread_create(&cheat->burner[b], NULL, burn, cheat);
  *handle = cheat;
  return 0;
}

static void cheat_close(void *handle) {
  struct cheat *cheat = handle;
  atomic_store(&cheat->stop, 1);
  for (int b = 0; b < cheat->burners; b++) pthread_join(cheat->burner[b], NULL);
  l4r_free(cheat->score);
  l4r_free(cheat->answer);
  l4r_free(cheat);
}

static int is_remembered(const struct cheat *cheat, const struct l4r_request *request) {
  const struct l4r_dataset *data = cheat->dataset;
  const int64_t begin = data->train_start[request->user],
                n = data->train_start[request->user + 1] - begin;
  return n <= request->length &&
         !memcmp(request->history, data->train_item + begin, (size_t)n * sizeof *request->history);
}

static int cheat_recommend(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                           struct l4r_ranking *ranking) {
  struct cheat *cheat = handle;
  const struct l4r_dataset *data = cheat->dataset;
  const int64_t began = l4r_now_ns();
  if (cheat->vice == UNEVEN && n == 1 && cheat->calls++ % 2) spend(2 * WORK_NS);
  for (int64_t r = 0; r < n; r++) {
    if (cheat->vice != REMEMBERS || !is_remembered(cheat, &request[r])) spend(WORK_NS);
    for (int64_t i = 0; i < data->items; i++) cheat->score[i] = (float)data->train_count[i + 1];
    const l4r_item answer = cheat->answer[request[r].user];
    if (answer) cheat->score[answer - 1] = 1e6f;
    l4r_top_k(cheat->score, data->items, data->train_count, cheat->vice == EMPTY ? 0 : k,
              &ranking[r]);
    if (cheat->vice == INFINITE) ranking[r].score[0] = INFINITY;
  }
  cheat->ns = l4r_now_ns() - began;
  return 0;
}

static int cheat_about(void *handle, struct l4r_about *about) {
  const struct cheat *cheat = handle;
  strcpy(about->kernels, "plain loops");
  strcpy(about->isa, "scalar");
  strcpy(about->precision, "fp32");
  snprintf(about->settings, sizeof about->settings, "answers=%d", cheat->answers);
  about->weights_bytes = cheat->vice == WEIGHTS ? -5 : 5;
  return 0;
}

static int64_t cheat_own_ns(void *handle) {
  const struct cheat *cheat = handle;
  if (cheat->vice == ONE_NS) return 1;
  return cheat->vice == HALF_TRUTH ? cheat->ns / 2 : 3 * cheat->ns;
}

#define CHEAT(id, vice, own)                                                                       \
  static int open_##id(const struct l4r_open_options *options, void **handle) {                    \
    return cheat_open(options, vice, handle);                                                      \
  }                                                                                                \
  const struct l4r_engine cheat_##id = {.abi = L4R_ENGINE_ABI,                                     \
                                        .name = #id,                                               \
                                        .open = open_##id,                                         \
                                        .recommend = cheat_recommend,                              \
                                        .about = cheat_about,                                      \
                                        .own_ns = own,                                             \
                                        .close = cheat_close}
CHEAT(one_ns, ONE_NS, cheat_own_ns);
CHEAT(half_truth, HALF_TRUTH, cheat_own_ns);
CHEAT(boast, BOAST, cheat_own_ns);
CHEAT(table, TABLE, NULL);
CHEAT(remembers, REMEMBERS, NULL);
CHEAT(threads, THREADS, NULL);
CHEAT(leaves, LEAVES, NULL);
CHEAT(weights, WEIGHTS, NULL);
CHEAT(infinite, INFINITE, NULL);
CHEAT(empty, EMPTY, NULL);
CHEAT(orphan, ORPHAN, NULL);
CHEAT(uneven, UNEVEN, NULL);
