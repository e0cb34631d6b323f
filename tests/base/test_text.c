/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts put together in buffers of every size. */
#include "impl/base/text.h"

#include <criterion/criterion.h>
#include <string.h>

enum { GUARD = 64 };

/* What a text becomes in `size` bytes, in two pieces; nothing behind the buffer is touched. */
static const char *added(size_t size, const char *first, const char *second) {
  static char memory[512];
  size_t used = 0, bad;
  memset(memory, '#', sizeof memory);
  int cut = l4r_text_add(memory, size, &used, "%s", first);
  cut |= l4r_text_add(memory, size, &used, "%s", second);
  cr_assert_eq(cut, strlen(first) + strlen(second) >= size);
  cr_assert_lt(used, size);
  cr_assert_lt(strlen(memory), size);
  cr_assert(l4r_utf8_valid(memory, strlen(memory), &bad), "'%s' in %zu bytes", memory, size);
  for (int i = 0; i < GUARD; i++) cr_assert_eq(memory[size + (size_t)i], '#');
  return memory;
}

Test(text, what_fits_is_there_whole) {
  cr_assert_str_eq(added(9, "four", "four"), "fourfour");
  cr_assert_str_eq(added(1, "", ""), "");
}

Test(text, what_is_cut_says_so_at_its_end) {
  cr_assert_str_eq(added(8, "four", "four"), "four...");
  cr_assert_str_eq(added(6, "four", "four"), "fo...");
  cr_assert_str_eq(added(4, "four", "four"), "...");
  cr_assert_str_eq(added(3, "four", "four"), "..");
  cr_assert_str_eq(added(1, "four", "four"), "");
}

Test(text, no_size_splits_a_character_or_overflows) {
  for (size_t size = 1; size < 40; size++) {
    added(size, "h\xc3\xa9\xc3\xa9", "\xe2\x82\xac\xe2\x82\xac\xf0\x9f\x98\x80\xf0\x9f\x98\x80");
    added(size, "", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80");
  }
}

Test(text, once_cut_it_stays_as_it_is) {
  char text[8];
  size_t used = 0;
  l4r_text_add(text, sizeof text, &used, "\xf0\x9f\x98\x80\xf0\x9f\x98\x80");
  cr_assert_str_eq(text, "\xf0\x9f\x98\x80...");
  for (int i = 0; i < 3; i++) cr_assert(l4r_text_add(text, sizeof text, &used, "more"));
  cr_assert_str_eq(text, "\xf0\x9f\x98\x80...");
}

Test(text, the_digits_of_a_large_number_are_cut_too) {
  char text[32];
  size_t used = 0;
  cr_assert(l4r_text_add(text, sizeof text, &used, "reach %.4f", 1e300));
  cr_assert_eq(strlen(text), 31);
  cr_assert_str_eq(text + 28, "...");
}

Test(text, what_a_precision_cuts_becomes_a_mark) {
  char text[32];
  size_t used = 0;
  cr_assert_not(l4r_text_add(text, sizeof text, &used, "%.3s|", "\xc3\xa9\xc3\xa9"));
  cr_assert_str_eq(text, "\xc3\xa9?|");
}
