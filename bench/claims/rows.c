/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/claims/rows.h"

static const json_t *at(const json_t *record, const char *object, const char *key) {
  return json_object_get(object ? json_object_get(record, object) : record, key);
}

static int same(const json_t *a, const json_t *b, const char *object, const char *key) {
  const json_t *x = at(a, object, key), *y = at(b, object, key);
  return x == y || (x && y && json_equal(x, y));
}

static int same_variant(const json_t *a, const json_t *b) {
  static const char *const model[] = {"kind", "size", "init", "loss", "settings"};
  for (size_t i = 0; i < sizeof model / sizeof *model; i++)
    if (!same(a, b, "model", model[i])) return 0;
  return same(a, b, NULL, "engine") && same(a, b, NULL, "options") &&
         same(a, b, NULL, "precision") && same(a, b, NULL, "controls") &&
         same(a, b, "dataset", "sha256");
}

static int same_footing(const json_t *a, const json_t *b) {
  return same(a, b, "dataset", "sha256") && same(a, b, "model", "size") &&
         same(a, b, NULL, "precision");
}

static json_int_t seed_of(const json_t *record) {
  return json_integer_value(at(record, "model", "seed"));
}

static void add(struct l4r_variant *variant, const json_t *record) {
  int64_t i = variant->seeds;
  for (int64_t k = 0; k < variant->seeds; k++)
    if (seed_of(variant->seed[k]) == seed_of(record)) return;
  if (i == L4R_SEEDS_MAX) return;
  for (; i > 0 && seed_of(variant->seed[i - 1]) > seed_of(record); i--)
    variant->seed[i] = variant->seed[i - 1];
  variant->seed[i] = record;
  variant->seeds++;
}

/* All records of the variant that `like` belongs to. */
const json_t *l4r_record_validation(const json_t *record) {
  return json_object_get(at(record, "model", "validation"), "NDCG@10");
}

static void collect(const json_t *records, const json_t *like, struct l4r_variant *variant) {
  size_t i;
  const json_t *record;
  *variant = (struct l4r_variant){0};
  json_array_foreach(records, i, record) {
    if (same_variant(record, like)) add(variant, record);
  }
  for (int64_t k = 0; k < variant->seeds; k++) {
    const json_t *ndcg = l4r_record_validation(variant->seed[k]);
    if (!json_is_number(ndcg)) {
      variant->validation = -1;
      return;
    }
    variant->validation += json_number_value(ndcg) / (double)variant->seeds;
  }
}

/* The best variant of one side among records on the same footing as `like`. */
static int64_t choose(const json_t *records, int (*is_side)(const json_t *), const json_t *like,
                      struct l4r_variant *best) {
  int64_t variants = 0;
  size_t i, j;
  const json_t *record, *earlier;
  json_array_foreach(records, i, record) {
    if (!is_side(record) || !same_footing(record, like)) continue;
    int known = 0;
    json_array_foreach(records, j, earlier) {
      if (j >= i || known) break;
      known = same_variant(earlier, record);
    }
    if (known) continue;
    struct l4r_variant variant;
    collect(records, record, &variant);
    if (!variants++ || variant.validation > best->validation) *best = variant;
  }
  return variants;
}

static int64_t fewer_seeds(const struct l4r_accuracy_rows *rows) {
  return rows->lite.seeds < rows->beam.seeds ? rows->lite.seeds : rows->beam.seeds;
}

/* 1 when an earlier record of that side led to the same choice: all that decides it is equal. */
static int is_again(const json_t *records, size_t place, const struct l4r_row_filter *filter) {
  const json_t *record = json_array_get(records, place);
  for (size_t i = 0; i < place; i++) {
    const json_t *earlier = json_array_get(records, i);
    if (filter->is_lite(earlier) && same_footing(earlier, record) &&
        filter->is_data(filter->claim, earlier) == filter->is_data(filter->claim, record))
      return 1;
  }
  return 0;
}

int l4r_accuracy_rows_find(const json_t *records, const struct l4r_row_filter *filter,
                           struct l4r_accuracy_rows *rows) {
  int found = 0, best_is_data = 0;
  size_t i;
  const json_t *record;
  json_array_foreach(records, i, record) {
    if (!filter->is_lite(record) || is_again(records, i, filter)) continue;
    struct l4r_accuracy_rows here = {0};
    here.beam_variants = choose(records, filter->is_beam, record, &here.beam);
    if (!here.beam_variants) continue;
    here.lite_variants = choose(records, filter->is_lite, record, &here.lite);
    const int is_data = filter->is_data(filter->claim, record);
    if (found && (is_data < best_is_data ||
                  (is_data == best_is_data && fewer_seeds(&here) <= fewer_seeds(rows))))
      continue;
    *rows = here;
    best_is_data = is_data;
    found = 1;
  }
  return found;
}
