/* SPDX-License-Identifier: BSD-3-Clause */
/* Users and items by the names people give them. */
#include "impl/base/error.h"
#include "impl/data/dataset_names.h"
#include "tests/support/command.h"

#include <criterion/criterion.h>

static struct l4r_item_text text[] = {{0},
                                      {.source_id = "10", .title = "Toy Story (1995)"},
                                      {.source_id = "11", .title = "Matrix, The (1999)"},
                                      {.source_id = "12", .title = "Hamlet"},
                                      {.source_id = "13", .title = "Hamlet"},
                                      {.source_id = "14", .title = "Heat (1995)"},
                                      {.source_id = "15", .title = ""}};
static const char *users[] = {"anna", "bert", "anne"};

static struct l4r_dataset dataset(void) {
  return (struct l4r_dataset){
      .path = "data/x", .items = 6, .users = 3, .text = text, .user_id = (void *)users};
}

Test(names, an_item_is_found_by_id_title_or_beginning) {
  const struct l4r_dataset data = dataset();
  l4r_item item;
  OK(l4r_dataset_item_named(&data, "13", &item));
  cr_assert_eq(item, 4);
  OK(l4r_dataset_item_named(&data, "heat (1995)", &item));
  cr_assert_eq(item, 5);
  OK(l4r_dataset_item_named(&data, "toy", &item));
  cr_assert_eq(item, 1);
}

Test(names, what_is_meant_is_asked_for) {
  const struct l4r_dataset data = dataset();
  l4r_item item;
  FAILS(l4r_dataset_item_named(&data, "Hamlet", &item), L4R_INPUT,
        "2 titles are 'Hamlet': 'Hamlet' (12), 'Hamlet' (13); write the item's id");
  FAILS(l4r_dataset_item_named(&data, "H", &item), L4R_INPUT, "3 titles begin with 'H'");
  FAILS(l4r_dataset_item_named(&data, "Toy Stroy", &item), L4R_INPUT,
        "did you mean 'Toy Story (1995)'? items.tsv");
  FAILS(l4r_dataset_item_named(&data, "The Matrix", &item), L4R_INPUT, "'Matrix, The (1999)'");
  FAILS(l4r_dataset_item_named(&data, "Casablanca", &item), L4R_INPUT,
        "a title that begins so; items.tsv in that folder lists them");
}

Test(names, a_user_nobody_is_has_neighbours) {
  struct l4r_dataset data = dataset();
  int64_t user;
  OK(l4r_dataset_user_named(&data, "anne", &user));
  cr_assert_eq(user, 2);
  FAILS(l4r_dataset_user_named(&data, "anno", &user), L4R_INPUT,
        "'anno'; did you mean 'anna' or 'anne'? users.tsv in that folder lists all 3");
  FAILS(l4r_dataset_user_named(&data, "zebra", &user), L4R_INPUT, "'zebra'; users.tsv");
  data.user_id = NULL;
  OK(l4r_dataset_user_named(&data, "3", &user));
  cr_assert_eq(user, 2);
  FAILS(l4r_dataset_user_named(&data, "4", &user), L4R_INPUT, "called 1 to 3");
}
