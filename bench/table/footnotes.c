/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/footnotes.h"

#include <string.h>

int l4r_footnote(struct l4r_footnotes *footnotes, const char *text) {
  for (int n = 0; n < footnotes->count; n++)
    if (!strcmp(footnotes->text[n], text)) return n + 1;
  if (footnotes->count == L4R_FOOTNOTES) { /* a number must not point to the text of another */
    footnotes->text[L4R_FOOTNOTES - 1] = "there are more notes than numbers; the records hold them";
    return L4R_FOOTNOTES;
  }
  footnotes->text[footnotes->count] = text;
  return ++footnotes->count;
}
