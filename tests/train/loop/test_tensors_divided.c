/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/train/loop/tensors_divided.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <string.h>

static const char table_name[] = "item_llm.id.weight";

static struct l4r_tensors listed(int64_t items) {
  struct l4r_model_config config = test_config(L4R_KIND_SASREC, "tiny", items, 0);
  struct l4r_tensors tensors;
  cr_assert_eq(l4r_tensors_of(&config, &tensors), 0, "%s", l4r_error_message());
  return tensors;
}

static float *drawn(const struct l4r_tensors *tensors) {
  float *values = l4r_alloc((size_t)tensors->floats, sizeof *values, "values");
  l4r_tensors_init(tensors, 7, values);
  return values;
}

static void is_same(const struct l4r_tensors *part, const float *values,
                    const struct l4r_tensors *whole, const float *all) {
  for (int64_t i = 0; i < part->count; i++) {
    const struct l4r_tensor *own = &part->tensor[i], *other = &whole->tensor[i];
    const int64_t first = own->first * own->columns;
    int64_t count = own->whole ? l4r_tensor_held(own) * own->columns : own->count;
    cr_assert_str_eq(own->name, other->name);
    cr_assert_eq(own->offset % 16, 0);
    cr_assert_arr_eq(values + own->offset, all + other->offset + (count ? first : 0),
                     (size_t)count * sizeof *values, "%s from row %lld on", own->name,
                     (long long)own->first);
    for (; count < own->count; count++) cr_assert_eq(values[own->offset + count], 0);
  }
}

/* Begins of trainings on one rank and on many are the same, and so are lengths of files. */
Test(tensors_divided, ranks_have_the_rows_of_one_rank_and_all_else_whole) {
  static const int64_t items[] = {1, 7, 10, 64};
  for (size_t n = 0; n < sizeof items / sizeof *items; n++) {
    struct l4r_tensors whole = listed(items[n]);
    float *all = drawn(&whole);
    cr_assert_null(l4r_tensors_divided(&whole));
    cr_assert_eq(l4r_tensors_whole(&whole, whole.floats), whole.floats);
    for (int ranks = 1; ranks <= 11; ranks++) {
      int64_t held = 0, floats = 0;
      for (int rank = 0; rank < ranks; rank++) {
        struct l4r_tensors part = listed(items[n]);
        l4r_tensors_divide(&part, table_name, rank, ranks);
        const struct l4r_tensor *table = l4r_tensors_divided(&part);
        float *values = drawn(&part);
        cr_assert_str_eq(table->name, table_name);
        cr_assert_eq(table->whole, items[n]);
        cr_assert_eq(l4r_tensors_whole(&part, part.floats), whole.floats);
        cr_assert(!rank || part.floats == floats, "every rank has the same offsets");
        is_same(&part, values, &whole, all);
        held += l4r_tensor_held(table);
        floats = part.floats;
        l4r_free(values);
        l4r_tensors_free(&part);
      }
      cr_assert_eq(held, items[n], "%d ranks", ranks);
    }
    l4r_free(all);
    l4r_tensors_free(&whole);
  }
}
