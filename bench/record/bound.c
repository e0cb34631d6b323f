/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/bound.h"

#include "bench/record/plain.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_one_of(const char *key, const char *const *names) {
  for (; *names; names++)
    if (!strcmp(key, *names)) return 1;
  return 0;
}

/* The members that all records of an arm share, whatever their threads. */
static const char *const shared[] = {"schema", "engine",  "arm",      "options",
                                     "model",  "dataset", "settings", NULL};

/* Members that verify recomputes figure by figure from samples and rounds, which finds more than a
 * hash. */
static const char *const derived[] = {
    "samples",          "sha256",  "latency_ns",  "latency_over_rounds_ns",
    "users_per_second", "server",  "own_time",    "stages",
    "counters",         "ceiling", "overhead_ns", NULL};

static void strip_members(json_t *object, const char *const *names) {
  for (; *names; names++) json_object_del(object, *names);
}

/* Copies the rounds without the members that follow from samples. */
static json_t *bare_rounds(const json_t *rounds) {
  static const char *const figures[] = {"mean_ns", "p50_ns", "p99_ns", "users_per_second", NULL};
  static const char *const of_timer[] = {"ns_per_user", NULL}, *const of_tail[] = {"query", "ns",
                                                                                   NULL};
  json_t *bare = json_deep_copy(rounds), *round, *entry;
  size_t r, e;
  json_array_foreach(bare, r, round) {
    strip_members(round, figures);
    json_array_foreach(json_object_get(round, "timers"), e, entry) strip_members(entry, of_timer);
    json_array_foreach(json_object_get(round, "tails"), e, entry) strip_members(entry, of_tail);
  }
  return bare;
}

/* Returns the part of a member that is hashed, as a new reference. */
static json_t *content_of(const char *key, json_t *value) {
  if (!strcmp(key, "rounds")) return bare_rounds(value);
  if (!strcmp(key, "accuracy")) { /* its figures follow from the ranks that it names */
    json_t *name = json_object_get(value, "samples");
    return name ? json_incref(name) : json_null();
  }
  if (!strcmp(key, "resources")) { /* its peak is the largest of the rounds' peaks */
    json_t *bare = json_copy(value);
    json_object_del(bare, "peak_rss_bytes");
    return bare;
  }
  return json_incref(value);
}

static int hash_of(const char *key, json_t *value, char hash[65]) {
  json_t *content = content_of(key, value);
  /* Readers make texts plain before anything else looks at them. */
  json_t *plain = content ? l4r_make_plain(content) : NULL;
  char *text = plain ? json_dumps(plain, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) : NULL;
  json_decref(plain);
  json_decref(content);
  if (!text) return l4r_fail(L4R_ENVIRONMENT, "no memory to bind samples");
  l4r_sha256(text, strlen(text), hash);
  free(text);
  return L4R_OK;
}

static int is_bound_member(const char *key, enum l4r_bound bound) {
  if (bound == L4R_BOUND_RANKS) return is_one_of(key, shared);
  return key[0] != '_' && !is_one_of(key, derived);
}

int l4r_bind(const json_t *record, enum l4r_bound bound, json_t *meta) {
  json_t *of = json_object(), *value;
  const char *key;
  char hash[65];
  int status = of ? L4R_OK : l4r_fail(L4R_ENVIRONMENT, "no memory to bind samples");
  json_object_foreach((json_t *)record, key, value) {
    if (status || !is_bound_member(key, bound)) continue;
    status = hash_of(key, value, hash);
    if (!status && json_object_set_new(of, key, json_string(hash)))
      status = l4r_fail(L4R_ENVIRONMENT, "no memory to bind samples");
  }
  if (!status && json_object_set(meta, "of", of))
    status = l4r_fail(L4R_ENVIRONMENT, "no memory to bind samples");
  json_decref(of);
  return status;
}

static int check_members(const json_t *record, enum l4r_bound bound, const json_t *of,
                         l4r_bound_difference *report, void *context) {
  const char *key;
  json_t *value;
  char hash[65];
  json_object_foreach((json_t *)record, key, value) {
    if (!is_bound_member(key, bound)) continue;
    const json_t *bound_to = json_object_get(of, key);
    const char *stated = json_string_value(bound_to);
    const int status = hash_of(key, value, hash);
    if (status) return status;
    if (!bound_to)
      report(context, key, "the samples were taken for a record without it");
    else if (!stated || strcmp(stated, hash))
      report(context, key,
             bound == L4R_BOUND_RANKS ? "the ranks were made with another one"
                                      : "the samples were taken with another one");
  }
  return L4R_OK;
}

int l4r_bound_check(const json_t *record, enum l4r_bound bound, const json_t *meta,
                    l4r_bound_difference *report, void *context, int *is_bound) {
  const json_t *of = json_object_get(meta, "of");
  const char *key;
  json_t *value;
  *is_bound = of != NULL;
  if (!of) {
    if (json_integer_value(json_object_get(record, "schema")) >= L4R_SCHEMA_BOUND)
      report(context, bound == L4R_BOUND_RANKS ? "accuracy.samples" : "samples",
             "the samples do not say which arm, model and data set they are of, as those of this "
             "schema do");
    return L4R_OK;
  }
  const int status = check_members(record, bound, of, report, context);
  if (status) return status;
  json_object_foreach((json_t *)of, key, value) {
    if (!json_object_get(record, key))
      report(context, key, "the samples were taken for a record that has it");
  }
  return L4R_OK;
}
