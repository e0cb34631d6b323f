/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/nearest.h"

#include "impl/base/text.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 128 };

static int least(int a, int b) {
  return a < b ? a : b;
}

/* Three rows of the table of prefixes: row[i % 3][j] are the edits between the first i bytes of the
 * word and the first j of the name. */
int l4r_edits(const char *word, const char *name, int anywhere) {
  int row[3][LONGEST + 1] = {{0}};
  const int n = (int)strnlen(word, LONGEST), m = (int)strnlen(name, LONGEST);
  for (int j = 0; j <= m; j++) row[0][j] = anywhere ? 0 : j;
  for (int i = 1; i <= n; i++) {
    int *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
    const int a = tolower((unsigned char)word[i - 1]);
    now[0] = i;
    for (int j = 1; j <= m; j++) {
      const int b = tolower((unsigned char)name[j - 1]);
      now[j] = least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + (a != b));
      if (i > 1 && j > 1 && a == tolower((unsigned char)name[j - 2]) &&
          b == tolower((unsigned char)word[i - 2]))
        now[j] = least(now[j], before[j - 2] + 1);
    }
  }
  int edits = row[n % 3][m];
  for (int j = 0; anywhere && j < m; j++) edits = least(edits, row[n % 3][j]);
  return edits;
}

/* Edits up to which a name may have been meant. */
static int bound_of(const char *word) {
  const int letters = (int)strnlen(word, LONGEST);
  return letters < 2 ? 0 : letters < 6 ? 1 + letters / 5 : letters / 3;
}

void l4r_nearest_add(struct l4r_nearest *nearest, const char *name, int64_t at, int edits) {
  int place = nearest->count;
  while (place > 0 && nearest->found[place - 1].edits > edits) place--;
  if (place == L4R_NEAREST) return;
  if (nearest->count < L4R_NEAREST) nearest->count++;
  for (int f = nearest->count - 1; f > place; f--) nearest->found[f] = nearest->found[f - 1];
  nearest->found[place].name = name;
  nearest->found[place].at = at;
  nearest->found[place].edits = edits;
}

void l4r_nearest_try(struct l4r_nearest *nearest, const char *name, int64_t at) {
  const int edits = l4r_edits(nearest->word, name, nearest->anywhere);
  if (edits <= bound_of(nearest->word)) l4r_nearest_add(nearest, name, at, edits);
}

const char *l4r_nearest_text(const struct l4r_nearest *nearest, const char *before, char *out,
                             size_t size) {
  size_t used = 0;
  *out = '\0';
  for (int f = 0; f < nearest->count; f++)
    l4r_text_add(out, size, &used, "%s'%s%.80s'",
                 !f                       ? "; did you mean "
                 : f + 1 < nearest->count ? ", "
                                          : " or ",
                 before, nearest->found[f].name);
  if (nearest->count) l4r_text_add(out, size, &used, "?");
  return out;
}
