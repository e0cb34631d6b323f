/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cli/completion_value.h"

#include "bench/cli/help.h"
#include "impl/base/text.h"

#include <ctype.h>
#include <string.h>

/* The words of "file|item" or "N|all" that stand for themselves, blanks between. What would end the
 * shell's quotes is left out; names of ours hold none of it. */
static void add_choices(const char *meta, char *out, size_t size) {
  size_t used = 0;
  *out = '\0';
  for (const char *at = meta; *at;) {
    const size_t n = strcspn(at, "|");
    if (n && islower((unsigned char)*at) && !memchr(at, '\'', n) && !memchr(at, '\n', n))
      l4r_text_add(out, size, &used, "%s%.*s", used ? " " : "", (int)n, at);
    at += n + (at[n] == '|');
  }
}

enum l4r_value l4r_completion_value(const struct l4r_argument *argument, char *words, size_t size) {
  char meta[160];
  *words = '\0';
  if (argument->type == L4R_ARG_FLAG) return L4R_VALUE_NONE;
  l4r_argument_meta(argument, meta, sizeof meta);
  if (!strcmp(meta, "FOLDER")) return L4R_VALUE_FOLDER;
  if (!strcmp(meta, "ARM")) {
    l4r_text_set(words, size, "reference@ blis@ beam@ heuristic@ largest-id@ peer: so:");
    return L4R_VALUE_ARM;
  }
  if (strstr(meta, "FILE") || strstr(meta, "FOLDER") || !strcmp(meta, "PATH") ||
      !strcmp(meta, "MODEL"))
    return L4R_VALUE_PATH;
  if (argument->offers)
    l4r_text_set(words, size, "%s", argument->offers);
  else if (strchr(meta, '|'))
    add_choices(meta, words, size);
  return L4R_VALUE_WORDS;
}
