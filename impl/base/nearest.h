/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds what somebody may have meant: the names nearest to a word that names nothing. */
#ifndef L4R_BASE_NEAREST_H
#define L4R_BASE_NEAREST_H

#include <stddef.h>
#include <stdint.h>

/* Returns the least number of edits that turn `word` into `name`: a byte inserted, left out or
 * replaced, or two neighbours exchanged (optimal string alignment). Cases of ASCII letters are
 * equal. With `anywhere`, `word` may stand anywhere within `name`, and what is around it is free.
 * Bytes from the 128th on are not looked at. Pure. */
int l4r_edits(const char *word, const char *name, int anywhere);

enum { L4R_NEAREST = 3 };
struct l4r_nearest { /* begins as {.word = ...} */
  const char *word;
  int anywhere;
  int count; /* found so far, at most L4R_NEAREST, fewest edits first */
  struct {
    const char *name; /* borrowed */
    int64_t at;       /* the caller's number of it */
    int edits;
  } found[L4R_NEAREST];
};
/* Takes the name into account: it is kept when it is one of the nearest, and near enough to be
 * meant: about a third of the word may differ, one letter of a word of two to four. Of equals, the
 * first stays first. */
void l4r_nearest_try(struct l4r_nearest *nearest, const char *name, int64_t at);
/* Takes a name that the caller finds to be so many edits away, by whatever measure. */
void l4r_nearest_add(struct l4r_nearest *nearest, const char *name, int64_t at, int edits);
/* Writes "; did you mean 'a', 'b' or 'c'?" into out[size], or "" where nothing is near; returns
 * `out`. `before` is put before each name ("--"). */
const char *l4r_nearest_text(const struct l4r_nearest *nearest, const char *before, char *out,
                             size_t size);

#endif
