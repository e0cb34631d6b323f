/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/verify.h"

#include "bench/derive/accuracy.h"
#include "bench/record/bound.h"
#include "bench/derive/derive.h"
#include "bench/record/decode.h"
#include "bench/record/encode.h"
#include "bench/record/path.h"
#include "bench/record/read.h"
#include "bench/derive/whole.h"
#include "bench/record/write.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct check {
  const struct l4r_record *record;
  struct l4r_member_path path; /* of the member under comparison */
  char where[L4R_PATH_MAX + 32];
  l4r_difference *report;
  void *context;
  struct l4r_verified *verified;
  struct l4r_bundle ranks; /* empty where they could not be read */
  int is_missing, is_unbound;
};

static void differ(struct check *check, const char *field, const char *what) {
  check->verified->differences++;
  check->report(check->context, check->where, field, what);
}

static void differ_of(void *check, const char *field, const char *what) {
  differ(check, field, what);
}

/* Sums are the same operations in the same order, but compilers may still differ in the last
 * digit. */
static int same_number(double a, double b) {
  return a == b || fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

static void describe(const struct l4r_field *field, const void *object, char *out, size_t size) {
  json_t *value = l4r_member_json(field, object);
  char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
  l4r_text_set(out, size, "%.60s", !text || json_is_null(value) ? "nothing" : text);
  free(text);
  json_decref(value);
}

static void differ_in(struct check *check, const struct l4r_field *field, const void *said,
                      const void *computed) {
  char what[256], a[64], b[64];
  describe(field, said, a, sizeof a);
  describe(field, computed, b, sizeof b);
  l4r_text_set(what, sizeof what, "the record says %s, the samples give %s", a, b);
  differ(check, check->path.text, what);
}

static int same_texts(const struct l4r_texts *a, const struct l4r_texts *b) {
  int same = a->count == b->count;
  for (int64_t i = 0; i < b->count && same; i++) same = !strcmp(a->at[i], b->at[i]);
  return same;
}

static int same_wholes(struct check *check, const struct l4r_wholes *a,
                       const struct l4r_wholes *b) {
  int same = a->count == b->count;
  check->verified->figures += b->count;
  for (int64_t i = 0; i < b->count && same; i++) same = a->at[i] == b->at[i];
  return same;
}

/* Compares members that are not objects. */
static int same_value(struct check *check, const struct l4r_field *field, const void *said,
                      const void *computed) {
  const struct l4r_member_value a = l4r_member_value_of(field, said);
  const struct l4r_member_value b = l4r_member_value_of(field, computed);
  const void *x = l4r_member_of(field, said), *y = l4r_member_of(field, computed);
  const struct l4r_pair *pair_x = x, *pair_y = y;
  switch (field->kind) {
  case L4R_IS_TEXT:
  case L4R_IS_HASH:
    return a.text && !strcmp(a.text, b.text);
  case L4R_IS_WHOLE:
  case L4R_IS_REAL:
    check->verified->figures++;
    return same_number(a.real, b.real);
  case L4R_IS_PAIR:
    check->verified->figures += 2;
    return same_number(pair_x->lo, pair_y->lo) && same_number(pair_x->hi, pair_y->hi);
  case L4R_IS_FLAG:
    return *(const int *)x == *(const int *)y;
  case L4R_IS_WHOLES:
    return same_wholes(check, x, y);
  case L4R_IS_TEXTS:
    return same_texts(x, y);
  default:
    return json_equal(*(json_t *const *)x, *(json_t *const *)y);
  }
}

static void compare(struct check *check, const struct l4r_shape *shape, const void *said,
                    const void *computed);

static void compare_lists(struct check *check, const struct l4r_shape *shape,
                          const struct l4r_list *said, const struct l4r_list *computed) {
  for (int64_t i = 0; i < computed->count; i++) {
    const size_t used = l4r_path_index(&check->path, (size_t)i), at = (size_t)i * shape->size;
    compare(check, shape, (const char *)said->at + at, (const char *)computed->at + at);
    l4r_path_cut(&check->path, used);
  }
}

static void compare_member(struct check *check, const struct l4r_shape *shape,
                           const struct l4r_field *field, const void *said, const void *computed) {
  const size_t used = l4r_path_name(&check->path, field->name);
  const void *x = l4r_member_of(field, said), *y = l4r_member_of(field, computed);
  const int is_said = l4r_member_value_of(field, said).is_there;
  const int is_computed = l4r_member_value_of(field, computed).is_there;
  const int same_size = field->kind != L4R_IS_LIST ||
                        ((const struct l4r_list *)x)->count == ((const struct l4r_list *)y)->count;
  if (!is_computed) {
    /* A figure that samples do not give must not be said either, or a withheld percentile could
     * have a value beside its reason. */
    if (is_said) differ_in(check, field, said, computed);
  } else if (field->shape && is_said && same_size) {
    if (field->kind == L4R_IS_LIST)
      compare_lists(check, field->shape(), x, y);
    else
      compare(check, field->shape(), x, y);
  } else if (field->shape || !same_value(check, field, said, computed)) {
    differ_in(check, field, said, computed);
  }
  l4r_path_cut(&check->path, used);
}

static void compare(struct check *check, const struct l4r_shape *shape, const void *said,
                    const void *computed) {
  for (size_t f = 0; f < shape->fields; f++)
    compare_member(check, shape, &shape->field[f], said, computed);
}

/* Compares the named members of the record. */
static void compare_named(struct check *check, const struct l4r_record *computed,
                          const char *const *names) {
  const struct l4r_shape *shape = l4r_shape_record();
  for (; *names; names++)
    compare_member(check, shape, l4r_field_named(shape, *names), &check->record->data,
                   &computed->data);
}

/* Reads a sample file that `name` (the value of `field`) names by its hash. */
static int open_samples(struct check *check, const char *field, const char *base,
                        struct l4r_bundle *bundle) {
  char path[L4R_PATH_MAX], hash[65];
  if (!base && check->verified->allow_missing) {
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

/* Checks that the samples belong to this record. */
static int check_bound(struct check *check, enum l4r_bound bound,
                       const struct l4r_bundle *samples) {
  int is_bound = 1;
  const int status = l4r_bound_check(check->record->from.json, bound, samples->meta, differ_of,
                                     check, &is_bound);
  check->is_unbound |= !is_bound;
  return status;
}

/* Records of one arm share their ranks, and the intervals of these cost more than all other
 * checks. */
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
  json_object_set(check->verified->accuracy, name, *computed); /* not kept without memory */
  return L4R_OK;
}

/* Converts `computed` from JSON to C types, which can be compared with the record. */
static int compare_accuracy(struct check *check, json_t *computed) {
  static const char *const names[] = {"accuracy", NULL};
  struct l4r_record record = {0};
  json_t *json = json_pack("{s:O}", "accuracy", computed);
  const int status = json ? l4r_record_parse(json, NULL, 0, &record)
                          : l4r_fail(L4R_ENVIRONMENT, "no memory to verify");
  record.data.accuracy.samples = check->record->data.accuracy.samples; /* the one they are of */
  if (!status) compare_named(check, &record, names);
  l4r_record_free(&record);
  json_decref(json);
  return status;
}

static int verify_accuracy(struct check *check) {
  const char *name = check->record->data.accuracy.samples;
  struct l4r_bundle *ranks = &check->ranks;
  json_t *computed = NULL;
  int status = open_samples(check, "accuracy.samples", name, ranks);
  if (!status && (status = derive_accuracy(check, name, ranks, &computed)))
    l4r_fail_context(status, "%s: accuracy.samples", check->where);
  if (!status) status = compare_accuracy(check, computed);
  if (!status) status = check_bound(check, L4R_BOUND_RANKS, ranks);
  if (!status) l4r_whole_ranks(check->record, ranks, differ_of, check);
  json_decref(computed);
  return status == L4R_CHECK ? L4R_OK : status;
}

/* Copies the record and derives its figures again from the samples. */
static int derive_again(const struct check *check, const struct l4r_bundle *samples,
                        struct l4r_record *computed) {
  int status = l4r_record_parse(check->record->from.json, NULL, 0, computed);
  if (!status && !computed->data.rounds.is_there)
    status = l4r_fail(L4R_INPUT, "%s: no rounds", check->where);
  return status ? status : l4r_derive(samples, computed);
}

/* Compares the only member of resources that follows from the rounds. */
static void compare_peak(struct check *check, const struct l4r_record *computed) {
  const size_t used = l4r_path_name(&check->path, "resources");
  const struct l4r_shape *shape = l4r_shape_resources();
  compare_member(check, shape, l4r_field_named(shape, "peak_rss_bytes"),
                 &check->record->data.resources, &computed->data.resources);
  l4r_path_cut(&check->path, used);
}

static int verify_samples(struct check *check) {
  static const char *const derived[] = {"own_time",         "latency_ns",  "latency_over_rounds_ns",
                                        "users_per_second", "counters",    "ceiling",
                                        "server",           "overhead_ns", "rounds",
                                        "stages",           NULL};
  struct l4r_bundle samples = {0};
  struct l4r_record computed = {0};
  int status = open_samples(check, "samples", check->record->data.samples, &samples);
  if (!status && (status = derive_again(check, &samples, &computed)))
    l4r_fail_context(status, "%s: samples", check->where);
  if (!status) {
    compare_named(check, &computed, derived);
    compare_peak(check, &computed);
    status = check_bound(check, L4R_BOUND_TIMES, &samples);
  }
  if (!status) l4r_whole_rounds(check->record, &samples, differ_of, check);
  if (!status) l4r_whole_people(check->record, &samples, &check->ranks, differ_of, check);
  l4r_record_free(&computed);
  l4r_bundle_free(&samples);
  return status == L4R_CHECK ? L4R_OK : status;
}

int l4r_record_verify(const struct l4r_record *record, l4r_difference *report, void *context,
                      struct l4r_verified *verified) {
  struct check check = {
      .record = record, .report = report, .context = context, .verified = verified};
  char hash[65];
  l4r_record_where(record, check.where, sizeof check.where);
  int status = l4r_record_hash(record->from.json, hash);
  if (status) return status;
  const char *sealed = record->data.sha256;
  if (!record->from.is_sealed && (!sealed || strcmp(hash, sealed)))
    differ(&check, "sha256", "the record does not have the hash it states: it was edited");
  status = verify_accuracy(&check);
  if (!status) status = verify_samples(&check);
  l4r_bundle_free(&check.ranks);
  verified->missing += check.is_missing;
  verified->below += record->data.ceiling.fault != NULL;
  verified->rivals += record->data.ceiling.name && !record->data.ceiling.precision;
  verified->unbound += check.is_unbound;
  return status;
}
