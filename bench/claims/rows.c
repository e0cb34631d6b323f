/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/rows.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The members that define a variant or a footing; joined to one text, which is equal when they
 * are. */
static const char *const variant_members[] = {
    "model.kind",     "model.size",     "model.init", "model.loss",
    "model.settings", "engine",         "options",    "precision",
    "controls",       "dataset.sha256", NULL};
static const char *const footing_members[] = {"dataset.sha256", "model.size", "precision", NULL};

/* Returns a new text; NULL when memory is short. */
static char *key_of(const struct l4r_record *record, const char *const *member) {
  json_t *list = json_array();
  int failed = !list;
  for (; *member && !failed; member++) {
    const struct l4r_member_value value = l4r_member_at(l4r_shape_record(), &record->data, *member);
    json_t *one = json_array(); /* empty where the member is absent */
    failed = !one;
    if (one && value.text) failed = json_array_append_new(one, json_string(value.text));
    if (one && value.is_there && !value.text) failed = json_array_append(one, (json_t *)value.at);
    failed |= json_array_append_new(list, one) != 0;
  }
  char *text = failed ? NULL : json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
  json_decref(list);
  return text;
}

static int64_t seed_of(const struct l4r_record *record) {
  return record->data.model.seed == L4R_NONE ? 0 : record->data.model.seed;
}

static void add(struct l4r_variant *variant, const struct l4r_record *record) {
  int64_t i = variant->seeds;
  for (int64_t k = 0; k < variant->seeds; k++)
    if (seed_of(variant->seed[k]) == seed_of(record)) return;
  if (i == L4R_SEEDS_MAX) return;
  for (; i > 0 && seed_of(variant->seed[i - 1]) > seed_of(record); i--)
    variant->seed[i] = variant->seed[i - 1];
  variant->seed[i] = record;
  variant->seeds++;
}

double l4r_record_validation(const struct l4r_record *record) {
  return record->data.model.validation.ndcg10;
}

static void take_validation(struct l4r_variant *variant) {
  for (int64_t k = 0; k < variant->seeds; k++) {
    const double ndcg = l4r_record_validation(variant->seed[k]);
    if (isnan(ndcg)) {
      variant->validation = -1;
      return;
    }
    variant->validation += ndcg / (double)variant->seeds;
  }
}

/* Records with their keys, sorted by variant, in the order of reading within each variant. */
struct keyed {
  const struct l4r_record *record;
  char *variant, *footing;
  size_t place;
};

static int by_variant(const void *left, const void *right) {
  const struct keyed *a = left, *b = right;
  const int order = strcmp(a->variant, b->variant);
  return order ? order : (a->place > b->place) - (a->place < b->place);
}

static void free_keys(struct keyed *keyed, size_t count) {
  for (size_t i = 0; keyed && i < count; i++) {
    free(keyed[i].variant);
    free(keyed[i].footing);
  }
  l4r_free(keyed);
}

static struct keyed *keys_of(const struct l4r_records *records) {
  const size_t count = (size_t)records->count;
  struct keyed *keyed = l4r_alloc(count, sizeof *keyed, "keys of records");
  int failed = !keyed;
  for (size_t i = 0; i < count && !failed; i++) {
    keyed[i].place = i;
    keyed[i].record = &records->at[i];
    keyed[i].variant = key_of(keyed[i].record, variant_members);
    keyed[i].footing = key_of(keyed[i].record, footing_members);
    failed = !keyed[i].variant || !keyed[i].footing;
  }
  if (failed) {
    free_keys(keyed, count);
    l4r_fail(L4R_ENVIRONMENT, "no memory for the keys of %zu records", count);
    return NULL;
  }
  qsort(keyed, count, sizeof *keyed, by_variant);
  return keyed;
}

/* Chooses the best variant of one side on a footing; among equal ones, the first that was read. */
static int64_t choose(const struct keyed *keyed, size_t count,
                      int (*is_side)(const struct l4r_record *), const char *footing,
                      struct l4r_variant *best) {
  int64_t variants = 0;
  size_t first = 0;
  for (size_t begin = 0, end; begin < count; begin = end) {
    const char *key = keyed[begin].variant;
    for (end = begin + 1; end < count && !strcmp(keyed[end].variant, key);) end++;
    if (!is_side(keyed[begin].record) || strcmp(keyed[begin].footing, footing)) continue;
    struct l4r_variant variant = {0};
    for (size_t i = begin; i < end; i++) add(&variant, keyed[i].record);
    take_validation(&variant);
    if (!variants++ || variant.validation > best->validation ||
        (variant.validation >= best->validation && keyed[begin].place < first)) {
      *best = variant;
      first = keyed[begin].place;
    }
  }
  return variants;
}

static int64_t fewer_seeds(const struct l4r_accuracy_rows *rows) {
  return rows->lite.seeds < rows->beam.seeds ? rows->lite.seeds : rows->beam.seeds;
}

/* A choice is made for each footing, separately for the claim's own data. */
struct question {
  const struct keyed *of;
  int is_data;
};

static int by_footing(const void *left, const void *right) {
  const struct question *a = left, *b = right;
  const int order = strcmp(a->of->footing, b->of->footing);
  if (order) return order;
  if (a->is_data != b->is_data) return a->is_data - b->is_data;
  return (a->of->place > b->of->place) - (a->of->place < b->of->place);
}

static int by_place(const void *left, const void *right) {
  const struct question *a = left, *b = right;
  return (a->of->place > b->of->place) - (a->of->place < b->of->place);
}

/* Lists each question once, in the order in which records raise them. */
static size_t questions_of(const struct keyed *keyed, size_t count,
                           const struct l4r_row_filter *filter, struct question *question) {
  size_t asked = 0, kept = 0;
  for (size_t i = 0; i < count; i++)
    if (filter->is_lite(keyed[i].record))
      question[asked++] = (struct question){&keyed[i],
                                            filter->is_data(filter->claim, keyed[i].record)};
  qsort(question, asked, sizeof *question, by_footing);
  for (size_t i = 0; i < asked; i++)
    if (!kept || question[i].is_data != question[kept - 1].is_data ||
        strcmp(question[i].of->footing, question[kept - 1].of->footing) != 0)
      question[kept++] = question[i];
  qsort(question, kept, sizeof *question, by_place);
  return kept;
}

int l4r_accuracy_rows_find(const struct l4r_records *records, const struct l4r_row_filter *filter,
                           struct l4r_accuracy_rows *rows) {
  int found = 0, best_is_data = 0;
  const size_t count = (size_t)records->count;
  struct keyed *keyed = keys_of(records);
  struct question *question = keyed ? l4r_alloc(count, sizeof *question, "footings") : NULL;
  const size_t questions = question ? questions_of(keyed, count, filter, question) : 0;
  for (size_t q = 0; q < questions; q++) {
    const char *footing = question[q].of->footing;
    struct l4r_accuracy_rows here = {0};
    here.beam_variants = choose(keyed, count, filter->is_beam, footing, &here.beam);
    if (!here.beam_variants) continue;
    here.lite_variants = choose(keyed, count, filter->is_lite, footing, &here.lite);
    const int is_data = question[q].is_data;
    if (found && (is_data < best_is_data ||
                  (is_data == best_is_data && fewer_seeds(&here) <= fewer_seeds(rows))))
      continue;
    *rows = here;
    best_is_data = is_data;
    found = 1;
  }
  const int status = question ? found : L4R_ENVIRONMENT;
  l4r_free(question);
  free_keys(keyed, count);
  return status;
}
