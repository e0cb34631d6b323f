/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/record/notes.h"

#include <string.h>

int l4r_note(struct l4r_notes *notes, const char *text) {
  for (int n = 0; n < notes->count; n++)
    if (!strcmp(notes->text[n], text)) return n + 1;
  if (notes->count == L4R_NOTES) return L4R_NOTES;
  notes->text[notes->count] = text;
  return ++notes->count;
}
