/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/decode_choices.h"

#include "impl/base/error.h"

#include <inttypes.h>

int l4r_decode_choices_check(const struct l4r_decode_rows *rows, int64_t vocabulary) {
  if (!rows->choice_start || !rows->choice)
    return l4r_fail(L4R_USAGE,
                    "decode: this decoder was opened restricted, so every row needs its choices");
  const int64_t *start = rows->choice_start;
  for (int64_t r = 0; r < rows->rows; r++) {
    if (start[0] || start[r + 1] < start[r])
      return l4r_fail(L4R_USAGE, "decode: choices of row %" PRId64 " are %" PRId64 " to %" PRId64,
                      r, start[r], start[r + 1]);
    for (int64_t i = start[r]; i < start[r + 1]; i++)
      if (rows->choice[i] < 0 || rows->choice[i] >= vocabulary)
        return l4r_fail(L4R_USAGE,
                        "decode: row %" PRId64 " may choose token %d, the vocabulary has %" PRId64,
                        r, rows->choice[i], vocabulary);
  }
  return L4R_OK;
}
