/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/ahead.h"

#include "bench/derive/accuracy.h"
#include "bench/record/bundle.h"
#include "bench/record/read.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

enum { MOST_THREADS = 8, LEAST_RANKS = 8 };

struct ranks {
  char path[L4R_PATH_MAX];
  json_t *figures;
  int is_done;
};

struct l4r_ahead {
  pthread_mutex_t lock; /* guards all members below */
  pthread_cond_t done;
  struct ranks *ranks;
  json_t *place; /* maps a name to its index in ranks */
  size_t count, next;
  int is_stopped;
  pthread_t thread[MOST_THREADS];
  int threads;
};

static json_t *figures_of(const char *path) {
  struct l4r_bundle bundle = {0};
  json_t *figures = NULL;
  char hash[65];
  const char *name = strrchr(path, '/');
  name = name ? name + 1 : path;
  if (l4r_sha256_file(path, hash) || strncmp(hash, name, 64)) return NULL;
  if (!l4r_bundle_read(path, &bundle) && l4r_accuracy_derive(&bundle, &figures)) figures = NULL;
  l4r_bundle_free(&bundle);
  return figures;
}

static void *work(void *context) {
  struct l4r_ahead *ahead = context;
  pthread_mutex_lock(&ahead->lock);
  while (!ahead->is_stopped && ahead->next < ahead->count) {
    struct ranks *ranks = &ahead->ranks[ahead->next++];
    pthread_mutex_unlock(&ahead->lock);
    json_t *figures = figures_of(ranks->path);
    pthread_mutex_lock(&ahead->lock);
    ranks->figures = figures;
    ranks->is_done = 1;
    pthread_cond_broadcast(&ahead->done);
  }
  pthread_mutex_unlock(&ahead->lock);
  return NULL;
}

/* Lists the paths of the ranks that the records name, each of them once. */
static void list_ranks(struct l4r_ahead *ahead, const struct l4r_records *records) {
  for (int64_t r = 0; r < records->count; r++) {
    const char *name = records->at[r].data.accuracy.samples;
    struct ranks *ranks = &ahead->ranks[ahead->count];
    if (!name || strlen(name) < 64 || strchr(name, '/') || json_object_get(ahead->place, name))
      continue;
    if (l4r_record_sibling_path(&records->at[r], name, ranks->path)) continue;
    if (!json_object_set_new(ahead->place, name, json_integer((json_int_t)ahead->count)))
      ahead->count++;
  }
}

static int processors(void) {
  cpu_set_t mask;
  return sched_getaffinity(0, sizeof mask, &mask) ? 1 : CPU_COUNT(&mask);
}

struct l4r_ahead *l4r_ahead_start(const struct l4r_records *records) {
  int threads = processors() - 1;
  if (records->count < LEAST_RANKS || threads < 1) return NULL;
  struct l4r_ahead *ahead = l4r_alloc(1, sizeof *ahead, "figures of ranks");
  if (!ahead) return NULL;
  pthread_mutex_init(&ahead->lock, NULL);
  pthread_cond_init(&ahead->done, NULL);
  ahead->ranks = l4r_alloc((size_t)records->count, sizeof *ahead->ranks, "paths of ranks");
  ahead->place = json_object();
  if (ahead->ranks && ahead->place) list_ranks(ahead, records);
  if (threads > MOST_THREADS) threads = MOST_THREADS;
  for (int t = 0; t < threads && ahead->count >= LEAST_RANKS; t++)
    ahead->threads += !pthread_create(&ahead->thread[ahead->threads], NULL, work, ahead);
  assert(ahead->threads <= MOST_THREADS);
  if (ahead->threads) return ahead;
  l4r_ahead_stop(ahead);
  return NULL;
}

json_t *l4r_ahead_take(struct l4r_ahead *ahead, const char *name) {
  const json_t *place = ahead ? json_object_get(ahead->place, name) : NULL;
  if (!place) return NULL;
  struct ranks *ranks = &ahead->ranks[json_integer_value(place)];
  pthread_mutex_lock(&ahead->lock);
  while (!ranks->is_done) pthread_cond_wait(&ahead->done, &ahead->lock);
  pthread_mutex_unlock(&ahead->lock);
  return json_incref(ranks->figures);
}

void l4r_ahead_stop(struct l4r_ahead *ahead) {
  if (!ahead) return;
  pthread_mutex_lock(&ahead->lock);
  ahead->is_stopped = 1;
  pthread_mutex_unlock(&ahead->lock);
  for (int t = 0; t < ahead->threads; t++) pthread_join(ahead->thread[t], NULL);
  for (size_t r = 0; r < ahead->count; r++) json_decref(ahead->ranks[r].figures);
  json_decref(ahead->place);
  l4r_free(ahead->ranks);
  pthread_cond_destroy(&ahead->done);
  pthread_mutex_destroy(&ahead->lock);
  l4r_free(ahead);
}
