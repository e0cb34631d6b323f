/* SPDX-License-Identifier: BSD-3-Clause */
/* The documents: every link leads somewhere, and README stays what a newcomer reads in ten minutes.
 */
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "tests/support/shell.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME = 512 };

static char *text_of(const char *path) {
  char *text;
  size_t bytes;
  cr_assert_eq(l4r_read_file(path, 0, &text, &bytes), 0, "%s", path);
  return text;
}

/* Where the line after this one begins; NULL after the last. */
static const char *after(const char *line) {
  const char *end = strchr(line, '\n');
  return end && end[1] ? end + 1 : NULL;
}

/* A heading's anchor by GitHub's rule: letters (those beyond ASCII too), digits, '-' and '_' stay,
 * in lower case; a blank becomes '-'; what else there is goes. */
static void slug_of(const char *heading, char *slug) {
  char *end = slug;
  for (const char *c = heading; *c && *c != '\n' && end - slug < NAME - 1; c++) {
    const unsigned char letter = (unsigned char)*c;
    if (letter >= 0x80 || isalnum(letter) || letter == '_' || letter == '-')
      *end++ = (char)tolower(letter);
    else if (letter == ' ')
      *end++ = '-';
  }
  *end = '\0';
}

/* Whether a document has a heading with that anchor. A second heading of the same text, to which
 * GitHub adds a number, is not linked to here. */
static int has_anchor(const char *path, const char *anchor) {
  char *text = text_of(path), slug[NAME];
  int fenced = 0, found = 0;
  for (const char *line = text; line && !found; line = after(line)) {
    fenced ^= !strncmp(line, "```", 3);
    const size_t marks = strspn(line, "#");
    if (fenced || !marks || line[marks] != ' ') continue;
    slug_of(line + marks + 1, slug);
    found = !strcmp(slug, anchor);
  }
  l4r_free(text);
  return found;
}

/* Follows one link of a document; what is on the web is not asked for. */
static void follow(const char *document, const char *link) {
  char target[NAME], path[2 * NAME];
  snprintf(target, sizeof target, "%.*s", (int)strcspn(link, ")\n"), link);
  cr_assert_eq(link[strlen(target)], ')', "%s: a link does not end: %.80s", document, link);
  if (!strncmp(target, "https://", 8)) return;
  char *anchor = strchr(target, '#');
  if (anchor) *anchor++ = '\0';
  const char *slash = strrchr(document, '/');
  if (*target)
    snprintf(path, sizeof path, "%.*s/%s", slash ? (int)(slash - document) : 1,
             slash ? document : ".", target);
  else
    snprintf(path, sizeof path, "%s", document);
  cr_expect_eq(access(path, F_OK), 0, "%s links to %s, which is not there", document, target);
  if (anchor && !access(path, F_OK))
    cr_expect(has_anchor(path, anchor), "%s links to %s#%s, and no heading has that anchor",
              document, target, anchor);
}

/* Follows the links of a document, and returns how many there are. */
static int follow_all(const char *document) {
  char *text = text_of(document);
  int fenced = 0, links = 0;
  for (const char *line = text; line; line = after(line)) {
    fenced ^= !strncmp(line, "```", 3);
    if (fenced || !strncmp(line, "    ", 4)) continue; /* code */
    const char *end = line + strcspn(line, "\n");
    for (const char *at = line; (at = strstr(at, "](")) && at < end; at += 2, links++)
      follow(document, at + 2);
  }
  l4r_free(text);
  return links;
}

Test(documents, every_link_and_anchor_resolves) {
  const char *list;
  int links = 0, documents = 0;
  test_shell(&list, "find README.md REPRODUCE.md impl baselines bench results tests -name '*.md' "
                    "-not -path '*/golden/*'");
  char *all = strdup(list);
  for (char *next = all, *document; (document = strsep(&next, "\n"));)
    if (*document) links += follow_all(document), documents++;
  free(all);
  cr_expect_geq(documents, 12);
  cr_expect_geq(links, 40, "%d", links);
}

Test(documents, readme_is_short_and_in_the_order_that_a_newcomer_needs) {
  static const char *const order[] = {"# lite4rec\n",
                                      "(https://arxiv.org/abs/2402.09543)",
                                      ".png)\n",
                                      "\n## Quick start\n",
                                      "\n## What it found\n",
                                      "\n## Measure your machine\n",
                                      "\n## Measure your data",
                                      "\n## Add your engine\n",
                                      "\n## Concepts\n",
                                      "\n## How a number is",
                                      "\n## Limits and plat",
                                      "\n## Layout, dependencies, licence\n"};
  char *text = text_of("README.md");
  const char *at = text;
  cr_expect_leq(strlen(text), 13000, "README.md has %zu bytes", strlen(text));
  for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
    const char *found = strstr(at, order[i]);
    cr_assert_not_null(found, "'%s' does not stand after '%.40s'", order[i], at);
    at = found;
  }
  l4r_free(text);
}
