/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/verify.h"

#include "bench/derive/accuracy.h"
#include "bench/record/bound.h"
#include "bench/derive/derive.h"
#include "bench/record/read.h"
#include "bench/derive/whole.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct check {
  const json_t *record;
  char where[L4R_PATH_MAX + 32];
  l4r_difference *report;
  void *context;
  struct l4r_verified *verified;
  int is_missing, is_unbound;
};

static void differ(struct check *check, const char *field, const char *what) {
  check->verified->differences++;
  check->report(check->context, check->where, field, what);
}

static void differ_of(void *check, const char *field, const char *what) {
  differ(check, field, what);
}

/* Sums are the same operations in the same order; a last digit may still differ between compilers.
 */
static int same_number(double a, double b) {
  return a == b || fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

static void describe(const json_t *value, char *out, size_t size) {
  char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
  l4r_text_set(out, size, "%.60s", text ? text : "nothing");
  free(text);
}

/* Every member of `computed` must be in `said`; other members of `said` are not derived here. */
static void compare(struct check *check, const char *field, const json_t *said,
                    const json_t *computed) {
  char path[512], what[256], a[64], b[64];
  if (json_is_object(computed) && json_is_object(said)) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)computed, key, value) {
      snprintf(path, sizeof path, "%s%s%s", field, *field ? "." : "", key);
      compare(check, path, json_object_get(said, key), value);
    }
    return;
  }
  if (json_is_array(computed) && json_array_size(said) == json_array_size(computed)) {
    for (size_t i = 0; i < json_array_size(computed); i++) {
      snprintf(path, sizeof path, "%s[%zu]", field, i);
      compare(check, path, json_array_get(said, i), json_array_get(computed, i));
    }
    return;
  }
  check->verified->figures += json_is_number(computed);
  if (json_is_number(said) && json_is_number(computed)
          ? same_number(json_number_value(said), json_number_value(computed))
          : json_equal(said, computed))
    return;
  describe(said, a, sizeof a);
  describe(computed, b, sizeof b);
  l4r_text_set(what, sizeof what, "the record says %s, the samples give %s", a, b);
  differ(check, field, what);
}

/* Reads a sample file that `name` (of the field `field`) names by its hash. */
static int open_samples(struct check *check, const char *field, const json_t *name,
                        struct l4r_bundle *bundle) {
  char path[L4R_PATH_MAX], hash[65];
  const char *base = json_string_value(name);
  if (!name && check->verified->allow_missing) {
    check->is_missing = 1;
    return L4R_CHECK;
  }
  if (!base || strchr(base, '/') || strlen(base) < 64) {
    differ(check, field, "names no file of samples");
    return L4R_CHECK;
  }
  int status = l4r_record_sibling_path(check->record, base, path);
  if (!status && check->verified->allow_missing && access(path, F_OK)) {
    check->is_missing = 1;
    return L4R_CHECK;
  }
  if (!status) status = l4r_sha256_file(path, hash);
  if (!status && strncmp(hash, base, 64)) {
    differ(check, field, "the file's content does not have the hash it is named by");
    return L4R_CHECK;
  }
  if (!status) status = l4r_bundle_read(path, bundle);
  return status ? l4r_fail_context(status, "%s: %s", check->where, field) : L4R_OK;
}

/* What the samples belong to. */
static int check_bound(struct check *check, enum l4r_bound bound,
                       const struct l4r_bundle *samples) {
  int is_bound = 1;
  const int status = l4r_bound_check(check->record, bound, samples->meta, differ_of, check,
                                     &is_bound);
  check->is_unbound |= !is_bound;
  return status;
}

/* Records of one arm name the same ranks, and their intervals take longer than all else here. */
static int derive_accuracy(struct check *check, const char *name, const struct l4r_bundle *ranks,
                           json_t **computed) {
  json_t *known = json_object_get(check->verified->accuracy, name);
  if (known) {
    *computed = json_incref(known);
    return L4R_OK;
  }
  const int status = l4r_accuracy_derive(ranks, computed);
  if (status) return status;
  if (!check->verified->accuracy) check->verified->accuracy = json_object();
  json_object_set(check->verified->accuracy, name, *computed); /* without memory: not kept */
  return L4R_OK;
}

static int verify_accuracy(struct check *check) {
  const json_t *said = json_object_get(check->record, "accuracy");
  const json_t *name = json_object_get(said, "samples");
  struct l4r_bundle ranks = {0};
  json_t *computed = NULL;
  int status = open_samples(check, "accuracy.samples", name, &ranks);
  if (!status && (status = derive_accuracy(check, json_string_value(name), &ranks, &computed)))
    l4r_fail_context(status, "%s: accuracy.samples", check->where);
  if (!status) compare(check, "accuracy", said, computed);
  if (!status) status = check_bound(check, L4R_BOUND_RANKS, &ranks);
  if (!status) l4r_whole_ranks(check->record, &ranks, differ_of, check);
  json_decref(computed);
  l4r_bundle_free(&ranks);
  return status == L4R_CHECK ? L4R_OK : status;
}

static int derive_all(const struct check *check, const struct l4r_bundle *samples,
                      json_t **computed) {
  json_t *rounds = json_deep_copy(json_object_get(check->record, "rounds"));
  json_t *latency = NULL, *throughput = NULL, *serving = NULL, *server = NULL;
  json_t *own = NULL;
  json_t *over_rounds = NULL; /* which records of before it was derived lack */
  const int has_over_rounds = json_object_get(check->record, "latency_over_rounds_ns") ||
                              json_integer_value(json_object_get(check->record, "schema")) >=
                                  L4R_SCHEMA_BOUND;
  int status = json_is_array(rounds) ? l4r_derive_rounds(samples, rounds)
                                     : l4r_fail(L4R_INPUT, "%s: no rounds", check->where);
  if (!status) status = l4r_derive_latency(samples, &latency);
  if (!status && has_over_rounds) status = l4r_derive_over_rounds(samples, latency, &over_rounds);
  if (!status) status = l4r_derive_throughput(samples, &throughput);
  if (!status) status = l4r_derive_serving(samples, &serving);
  if (!status) status = l4r_derive_server(samples, latency, &server);
  if (!status) status = l4r_derive_own(samples, rounds, &own);
  if (status) {
    json_decref(rounds);
    json_decref(latency);
    json_decref(over_rounds);
    json_decref(throughput);
    json_decref(serving);
    json_decref(server);
    return status;
  }
  json_int_t peak = 0, queries = json_integer_value(json_object_get(latency, "count"));
  size_t index;
  json_t *round;
  json_array_foreach(rounds, index, round) {
    json_int_t bytes = json_integer_value(json_object_get(round, "peak_rss_bytes"));
    if (bytes > peak) peak = bytes;
  }
  const json_t *description = json_object_get(check->record, "description");
  json_t *ceiling = l4r_derive_ceiling(rounds, description, serving);
  json_decref(serving);
  /* records of before there were timers have no stages */
  json_t *stages = json_object_get(json_array_get(rounds, 0), "timers")
                       ? l4r_derive_stages(rounds, description, latency)
                       : NULL;
  *computed = json_pack(
      "{s:o*, s:o, s:o*, s:o, s:o, s:o, s:o*, s:o*, s:o, s:o*, s:{s:I}}", "own_time", own,
      "latency_ns", latency, "latency_over_rounds_ns", over_rounds, "users_per_second", throughput,
      "counters", l4r_derive_counters(rounds, description, queries + l4r_derive_novel(rounds)),
      "ceiling", ceiling, "server", server, "overhead_ns", l4r_derive_overhead(rounds), "rounds",
      rounds, "stages", stages, "resources", "peak_rss_bytes", peak);
  return *computed ? L4R_OK : l4r_fail(L4R_ENVIRONMENT, "no memory to verify");
}

static int verify_samples(struct check *check) {
  struct l4r_bundle samples = {0};
  json_t *computed = NULL;
  int status = open_samples(check, "samples", json_object_get(check->record, "samples"), &samples);
  if (!status && (status = derive_all(check, &samples, &computed)))
    l4r_fail_context(status, "%s: samples", check->where);
  if (!status) compare(check, "", check->record, computed);
  if (!status) status = check_bound(check, L4R_BOUND_TIMES, &samples);
  if (!status) l4r_whole_rounds(check->record, &samples, differ_of, check);
  json_decref(computed);
  l4r_bundle_free(&samples);
  return status == L4R_CHECK ? L4R_OK : status;
}

int l4r_record_verify(const json_t *record, l4r_difference *report, void *context,
                      struct l4r_verified *verified) {
  struct check check = {
      .record = record, .report = report, .context = context, .verified = verified};
  const char *path = json_string_value(json_object_get(record, "_path"));
  l4r_text_set(check.where, sizeof check.where, "%s:%lld", path ? path : "record",
               (long long)json_integer_value(json_object_get(record, "_line")));
  char hash[65];
  int status = l4r_record_hash(record, hash);
  if (status) return status;
  const char *sealed = json_string_value(json_object_get(record, "sha256"));
  if (!json_is_true(json_object_get(record, "_sealed")) && (!sealed || strcmp(hash, sealed)))
    differ(&check, "sha256", "the record does not have the hash it states: it was edited");
  status = verify_accuracy(&check);
  if (!status) status = verify_samples(&check);
  verified->missing += check.is_missing;
  verified->unbound += check.is_unbound;
  return status;
}
