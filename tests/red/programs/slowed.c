/* SPDX-License-Identifier: BSD-3-Clause */
/* An engine that can be slowed on purpose, a program of its own (baselines/peers/README.md has the
 * protocol): ranks by training popularity after a chain of multiplications for every user, `slow`
 * percent more of them than `work` says. Each waits for the one before, so that a chain takes what
 * its length says and nothing else does: not memory, not the program's layout. For
 * bench/experiments/gate.sh.
 *
 *     lite4rec run --arm peer:build/slowed@MODEL --arm peer:build/slowed@MODEL:slow=6 --data DATA
 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const json_t *popularity;

static int by_popularity(const void *a, const void *b) {
  const int x = *(const int *)a, y = *(const int *)b;
  const json_int_t m = json_integer_value(json_array_get(popularity, (size_t)x - 1));
  const json_int_t n = json_integer_value(json_array_get(popularity, (size_t)y - 1));
  return m != n ? (n > m) - (n < m) : x - y;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void say(json_t *message) {
  json_dumpf(message, stdout, JSON_COMPACT);
  putchar('\n');
  fflush(stdout);
  json_decref(message);
}

static uint64_t chain(int64_t steps, uint64_t x) {
  for (int64_t s = 0; s < steps; s++) x = x * UINT64_C(6364136223846793005) + 1;
  return x;
}

static double option(const json_t *options, const char *key, double otherwise) {
  const char *text = json_string_value(json_object_get(options, key));
  return text ? atof(text) : otherwise;
}

/* The line's request and its answer; the chain's end goes into nothing that is shown. */
static void answer(const json_t *request, const int *order, int64_t steps) {
  static volatile uint64_t end;
  const size_t k = (size_t)json_integer_value(json_object_get(request, "k"));
  const size_t users = json_array_size(json_object_get(request, "histories"));
  const int64_t began = now();
  for (size_t u = 0; u < users; u++) end = chain(steps, end);
  const int64_t took = now() - began;
  json_t *items = json_array(), *scores = json_array();
  for (size_t u = 0; u < users; u++) {
    json_t *item = json_array(), *score = json_array();
    for (size_t i = 0; i < k && i < json_array_size(popularity); i++) {
      json_array_append_new(item, json_integer(order[i]));
      json_array_append(score, json_array_get(popularity, (size_t)order[i] - 1));
    }
    json_array_append_new(items, item);
    json_array_append_new(scores, score);
  }
  say(json_pack("{s:I, s:o, s:o}", "ns", (json_int_t)(took > 0 ? took : 1), "items", items,
                "scores", scores));
}

int main(void) {
  char *line = NULL;
  size_t room = 0;
  if (getline(&line, &room, stdin) < 0) return 2;
  const int64_t started = now();
  json_t *hello = json_loads(line, 0, NULL);
  const json_t *options = json_object_get(hello, "options");
  popularity = json_object_get(hello, "popularity");
  const size_t items = json_array_size(popularity);
  int *order = calloc(items + 1, sizeof *order);
  if (!order || !items) return 2;
  for (size_t i = 0; i < items; i++) order[i] = (int)i + 1;
  qsort(order, items, sizeof *order, by_popularity);
  const int64_t steps = (int64_t)(option(options, "work", 300000) *
                                  (1 + option(options, "slow", 0) / 100));
  say(json_pack("{s:i, s:s, s:s, s:s, s:o, s:I}", "protocol", 1, "engine", "slowed", "isa",
                "scalar", "precision", "fp32", "settings",
                json_sprintf("steps=%lld", (long long)steps), "load_ns",
                (json_int_t)(now() - started)));
  while (getline(&line, &room, stdin) > 0) {
    json_t *request = json_loads(line, 0, NULL);
    if (!request) return 2;
    answer(request, order, steps);
    json_decref(request);
  }
  free(order);
  free(line);
  json_decref(hello);
  return 0;
}
