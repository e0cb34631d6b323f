/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/notes.h"

#include <string.h>

int l4r_note(struct l4r_notes *notes, const char *text) {
  for (int n = 0; n < notes->count; n++)
    if (!strcmp(notes->text[n], text)) return n + 1;
  if (notes->count == L4R_NOTES) { /* a number must not point to the text of another */
    notes->text[L4R_NOTES - 1] = "there are more notes than numbers; the records hold them";
    return L4R_NOTES;
  }
  notes->text[notes->count] = text;
  return ++notes->count;
}
