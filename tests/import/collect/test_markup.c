/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/import/collect/entities.h"
#include "bench/import/collect/markup.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct {
  const char *text, *clean;
  unsigned found;
} texts[] = {
    {"plain", "plain", 0},
    {"Women&#39;s Soap &amp; Water &quot;Fresh&quot; &eacute;",
     "Women's Soap & Water \"Fresh\" \xc3\xa9", L4R_TEXT_MARKUP},
    {"&amp;amp; &amp;amp;#39; &amp;lt;b&amp;gt;x&amp;lt;/b&amp;gt;", "& ' x", L4R_TEXT_MARKUP},
    {"Zeta & Co, AT&T, R&D;, a&b", "Zeta & Co, AT&T, R&D;, a&b", 0},
    {"&#8230; &#x2026; &#X2026; &hellip;", "\xe2\x80\xa6 \xe2\x80\xa6 \xe2\x80\xa6 \xe2\x80\xa6",
     L4R_TEXT_MARKUP},
    {"&#146;s &#150;", "\xe2\x80\x99s \xe2\x80\x93", L4R_TEXT_MARKUP}, /* Windows-1252 by number */
    {"a&nbsp;b&nbsp;", "a b", L4R_TEXT_MARKUP},
    {"Salt &amp Pepper &lt 3", "Salt & Pepper < 3", L4R_TEXT_MARKUP},
    {"x?a=1&copy=2&lang=en", "x?a=1&copy=2&lang=en", 0},
    {"&unknown; &#; &#xzz; &", "&unknown; &#; &#xzz; &", 0},
    {"&#0;&#xd800;&#99999999;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", L4R_TEXT_MARKUP},
    {"<p>One</p><p>two<br/>three</p>", "One two three", L4R_TEXT_MARKUP},
    {"H<sub>2</sub>O <b>bold</B>ly <A HREF=\"x>y\">z", "H2O boldly z", L4R_TEXT_MARKUP},
    {"<img alt='a>b' src=\"c>d\"/>x <b title=\"open>y", "x y", L4R_TEXT_MARKUP},
    {"<b class=x title = '>'>a</b>", "a", L4R_TEXT_MARKUP},
    {"&copy 2020 &eacute caf&eacute", "\xc2\xa9 2020 \xc3\xa9 caf\xc3\xa9", L4R_TEXT_MARKUP},
    {"R &hellip x &apos &bogus", "R &hellip x &apos &bogus", 0}, /* never without a semicolon */
    {"<span id=\"t\" class='x'>Title</span><!-- no --> end", "Title end", L4R_TEXT_MARKUP},
    {"<script>var a = '<b>';</script>Shoe<style>p {}</style>", "Shoe", L4R_TEXT_MARKUP},
    {"I <3 you, a < b > c, <Untitled>, <i", "I <3 you, a < b > c, <Untitled>, <i", 0},
    {"tab\there\r\nand \x01 there ", "tab here and there", L4R_TEXT_CONTROL},
    {"\xc2\xa0no-break\xc2\xa0\xc2\xa0"
     "blanks",
     "no-break blanks", 0},
    {"line\xe2\x80\xa8separator \xef\xbb\xbfmark", "line separator mark", L4R_TEXT_CONTROL},
    {"", "", 0},
    {"&nbsp;", "", L4R_TEXT_MARKUP},
    {"<", "<", 0},
    {"&", "&", 0},
};

Test(markup, texts_become_what_people_read) {
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char text[256];
    strcpy(text, texts[i].text);
    const unsigned found = l4r_text_clean(text, 0);
    cr_assert_str_eq(text, texts[i].clean, "%s became %s", texts[i].text, text);
    cr_assert_eq(found, texts[i].found, "%s: %u", texts[i].text, found);
  }
}

Test(markup, kept_markup_is_kept_byte_for_byte) {
  char text[] = "<b>A&amp;B</b>\xc2\xa0 \tc";
  cr_assert_eq(l4r_text_clean(text, 1), L4R_TEXT_CONTROL);
  cr_assert_str_eq(text, "<b>A&amp;B</b>\xc2\xa0 c");
}

Test(markup, entities_are_known_by_their_whole_name) {
  cr_assert_eq(l4r_entity("AElig"), 0xc6);
  cr_assert_eq(l4r_entity("zwnj"), 0x200c);
  cr_assert_eq(l4r_entity("eacute"), 0xe9);
  cr_assert_eq(l4r_entity("Eacute"), 0xc9);
  cr_assert_eq(l4r_entity("eacut"), 0);
  cr_assert_eq(l4r_entity(""), 0);
}

Test(markup, windows_1252_has_its_own_thirty_two) {
  cr_assert_eq(l4r_windows_1252(0x80), 0x20ac);
  cr_assert_eq(l4r_windows_1252(0x92), 0x2019);
  cr_assert_eq(l4r_windows_1252(0x9f), 0x178);
  cr_assert_eq(l4r_windows_1252(0x81), 0x81);
  cr_assert_eq(l4r_windows_1252(0xe9), 0xe9);
  cr_assert_eq(l4r_windows_1252('A'), 'A');
}
