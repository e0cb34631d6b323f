/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/resamples.h"

#include "impl/base/random.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 2048, KEPT = 8, MOST_BYTES = 128 << 20, MOST_TIMES = 255 };

/* The tables of the latest numbers of users: results/ has few of them. Whoever comes while one is
 * made waits for it. */
static struct kept {
  struct l4r_resamples table;
  int64_t holders, asked; /* who has it now; when it was last asked for */
} kept[KEPT];
static int64_t asked;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void l4r_resample_draw(struct l4r_random *random, int64_t users,
                       void (*seen)(void *context, const uint32_t *drawn, int64_t count),
                       void *context) {
  uint32_t drawn[CHUNK];
  for (int64_t begin = 0; begin < users; begin += CHUNK) {
    const int64_t some = users - begin < CHUNK ? users - begin : CHUNK;
    l4r_random_many_below(random, (uint64_t)users, drawn, (size_t)some);
    seen(context, drawn, some);
  }
}

struct row {
  unsigned char *times;
  int is_full; /* a user was drawn more often than the table can say */
};

static void count_times(void *context, const uint32_t *drawn, int64_t count) {
  struct row *row = context;
  for (int64_t i = 0; i < count; i++) {
    row->is_full |= row->times[drawn[i]] == MOST_TIMES;
    row->times[drawn[i]]++;
  }
}

/* `times` is the caller's to free where this fails. */
static int fill(struct l4r_resamples *table) {
  struct l4r_random random;
  l4r_random_seed(&random, table->seed);
  for (int64_t r = 0; r < table->count; r++) {
    struct row row = {.times = table->times + r * table->users};
    l4r_resample_draw(&random, table->users, count_times, &row);
    if (row.is_full) return 0;
  }
  return 1;
}

static int is_of(const struct l4r_resamples *table, int64_t users, int64_t count, uint64_t seed) {
  return table->times && table->users == users && table->count == count && table->seed == seed;
}

static int64_t bytes_kept(void) {
  int64_t bytes = 0;
  for (int k = 0; k < KEPT; k++)
    if (kept[k].table.times) bytes += kept[k].table.users * kept[k].table.count;
  return bytes;
}

/* The place that nobody holds and was asked for the longest ago, empty ones first; NULL where all
 * are held. */
static struct kept *oldest(int is_full) {
  struct kept *place = NULL;
  for (int k = 0; k < KEPT; k++)
    if (!kept[k].holders && (!is_full || kept[k].table.times) &&
        (!place || kept[k].asked < place->asked))
      place = &kept[k];
  return place;
}

static struct kept *empty(struct kept *place) {
  if (place) {
    free(place->table.times);
    *place = (struct kept){0};
  }
  return place;
}

/* The place of the table wanted, or else an empty one beside which it has room; NULL without. */
static struct kept *place_of(int64_t users, int64_t count, uint64_t seed) {
  for (int k = 0; k < KEPT; k++)
    if (is_of(&kept[k].table, users, count, seed)) return &kept[k];
  while (bytes_kept() > MOST_BYTES - users * count)
    if (!empty(oldest(1))) return NULL;
  return empty(oldest(0));
}

static int make(struct l4r_resamples *table, int64_t users, int64_t count, uint64_t seed) {
  /* Short memory is no error here, so no message is made of it. */
  *table = (struct l4r_resamples){users, count, seed, calloc((size_t)users, (size_t)count)};
  if (table->times && fill(table)) return 1;
  free(table->times);
  table->times = NULL;
  return 0;
}

const struct l4r_resamples *l4r_resamples_take(int64_t users, int64_t count, uint64_t seed) {
  if (users < 1 || count < 1 || users > MOST_BYTES / count) return NULL;
  pthread_mutex_lock(&lock);
  struct kept *place = place_of(users, count, seed);
  if (place && !is_of(&place->table, users, count, seed) &&
      !make(&place->table, users, count, seed))
    place = NULL;
  if (place) {
    place->holders++;
    place->asked = ++asked;
  }
  pthread_mutex_unlock(&lock);
  return place ? &place->table : NULL;
}

void l4r_resamples_give_back(const struct l4r_resamples *resamples) {
  if (!resamples) return;
  pthread_mutex_lock(&lock);
  for (int k = 0; k < KEPT; k++) kept[k].holders -= &kept[k].table == resamples;
  pthread_mutex_unlock(&lock);
}
