/* SPDX-License-Identifier: BSD-3-Clause */
/* Edits between words, and which names are offered. */
#include "impl/base/nearest.h"

#include <criterion/criterion.h>
#include <string.h>

Test(nearest, edits_are_counted) {
  static const struct {
    const char *word, *name;
    int whole, anywhere;
  } cases[] = {{"", "", 0, 0},
               {"kitten", "sitting", 3, 2}, /* as in every textbook; "sittin" lies within */
               {"rounds", "ronuds", 1, 1},  /* neighbours exchanged */
               {"ca", "abc", 3, 1},         /* optimal string alignment: 3, not 2 */
               {"Matrix", "the matrix (1999)", 11, 0},
               {"abc", "", 3, 3},
               {"", "abc", 3, 0}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    cr_expect_eq(l4r_edits(cases[c].word, cases[c].name, 0), cases[c].whole, "%s %s: %d",
                 cases[c].word, cases[c].name, l4r_edits(cases[c].word, cases[c].name, 0));
    cr_expect_eq(l4r_edits(cases[c].word, cases[c].name, 1), cases[c].anywhere, "%s in %s: %d",
                 cases[c].word, cases[c].name, l4r_edits(cases[c].word, cases[c].name, 1));
  }
}

Test(nearest, long_names_are_cut_not_overrun) {
  char word[1000], name[2000];
  memset(word, 'a', sizeof word - 1), word[sizeof word - 1] = '\0';
  memset(name, 'a', sizeof name - 1), name[sizeof name - 1] = '\0';
  cr_assert_eq(l4r_edits(word, name, 0), 0);
  cr_assert_eq(l4r_edits(word, "", 0), 128);
}

Test(nearest, the_nearest_come_first_and_the_far_not_at_all) {
  static const char *const names[] = {"round", "rounds", "found", "rate", "seed", "bounds"};
  struct l4r_nearest nearest = {.word = "rouns"};
  char text[128];
  for (int i = 0; i < 6; i++) l4r_nearest_try(&nearest, names[i], i);
  cr_assert_str_eq(l4r_nearest_text(&nearest, "--", text, sizeof text),
                   "; did you mean '--round', '--rounds' or '--found'?");
  cr_assert_eq(nearest.found[1].at, 1);
  struct l4r_nearest far = {.word = "xyzzy"};
  for (int i = 0; i < 6; i++) l4r_nearest_try(&far, names[i], i);
  cr_assert_str_empty(l4r_nearest_text(&far, "", text, sizeof text));
}
