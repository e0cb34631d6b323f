/* SPDX-License-Identifier: BSD-3-Clause */
/* The tree of ids: what it holds is compared with the list it was built from. */
#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/search/trie.h"

#include "impl/base/error.h"

#include <criterion/criterion.h>
#include <string.h>

/* items: "5 6", "5", "7 6 6", "7", "5 6 2" */
static int64_t id_start[] = {0, 2, 3, 6, 7, 10};
static int32_t id_token[] = {5, 6, 5, 7, 6, 6, 7, 5, 6, 2};
static struct l4r_id_tokens ids = {.items = 5, .longest = 3, .start = id_start, .token = id_token};

Test(beam_trie, finds_every_id_and_nothing_else) {
  struct l4r_trie trie;
  cr_assert_eq(l4r_trie_build(&ids, &trie), L4R_OK, "%s", l4r_error_message());
  for (l4r_item item = 1; item <= 5; item++)
    cr_expect_eq(
        l4r_trie_find(&trie, id_token + id_start[item - 1], id_start[item] - id_start[item - 1]),
        item);
  cr_expect_eq(l4r_trie_find(&trie, (int32_t[]){7, 6}, 2), 0, "an inner node is no id");
  cr_expect_eq(l4r_trie_find(&trie, (int32_t[]){6}, 1), 0);
  cr_expect_eq(l4r_trie_find(&trie, (int32_t[]){5, 6, 2, 2}, 4), 0, "beyond a leaf");
  cr_expect_eq(l4r_trie_find(&trie, NULL, 0), 0, "the root");
  /* root, 5, 7, 5 6, 7 6, 5 6 2, 7 6 6 */
  cr_expect_eq(trie.nodes, 7);
  l4r_trie_free(&trie);
}

Test(beam_trie, children_are_ascending_neighbours) {
  struct l4r_trie trie;
  cr_assert_eq(l4r_trie_build(&ids, &trie), L4R_OK);
  int64_t reached = 1, ends = 0;
  for (int32_t node = 0; node < trie.nodes; node++) {
    ends += trie.item[node] != 0;
    for (int32_t child = trie.child[node]; child < trie.child[node + 1]; child++, reached++) {
      if (child > trie.child[node]) cr_expect_lt(trie.token[child - 1], trie.token[child]);
      cr_expect_eq(l4r_trie_step(&trie, node, trie.token[child]), child);
    }
    cr_expect_eq(l4r_trie_step(&trie, node, 99), -1);
  }
  cr_expect_eq(reached, trie.nodes);
  cr_expect_eq(ends, 5);
  l4r_trie_free(&trie);
}

Test(beam_trie, refuses_two_items_with_one_id) {
  int32_t same[] = {5, 6, 5, 7, 6, 6, 5, 5, 6, 2}; /* items 2 and 4 are both "5" */
  struct l4r_id_tokens twice = ids;
  twice.token = same;
  struct l4r_trie trie;
  cr_assert_eq(l4r_trie_build(&twice, &trie), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "items 2 and 4"), "%s", l4r_error_message());
}
