/* SPDX-License-Identifier: BSD-3-Clause */
/* What --help prints, and the parts of it that the manual page shares. */
#include "bench/cli/help.h"

#include "bench/cli/fold.h"
#include "impl/base/error.h"
#include "impl/base/nearest.h"
#include "impl/base/text.h"

#include <stdio.h>
#include <string.h>

enum { INDENT = 29 };

int l4r_argument_applies(const struct l4r_argument *argument, int kind) {
  return kind < 0 || !argument->kinds || (argument->kinds & 1u << kind);
}

const char *l4r_argument_meta(const struct l4r_argument *argument, char *out, size_t size) {
  size_t used = 0;
  l4r_text_add(out, size, &used, "%s", argument->meta ? argument->meta : "");
  for (int c = 0; !argument->meta && argument->choices && argument->choices[c]; c++)
    l4r_text_add(out, size, &used, "%s%s", c ? "|" : "", argument->choices[c]);
  if (argument->word) l4r_text_add(out, size, &used, "|%s", argument->word);
  return out;
}

/* "lite, sasrec" */
static void add_kinds(const struct l4r_usage *usage, unsigned kinds, char *out, size_t size,
                      size_t *used) {
  struct l4r_kind_word word;
  const char *comma = "";
  for (int k = 0; usage->kinds(k, &word); k++) {
    if (!(kinds & 1u << k)) continue;
    l4r_text_add(out, size, used, "%s%s", comma, word.name);
    comma = ", ";
  }
}

/* "default 50; p5, p5-head 20"; of one kind its own alone. */
static void add_default(const struct l4r_usage *usage, const struct l4r_argument *argument,
                        int kind, char *out, size_t size, size_t *used) {
  const int most = (int)(sizeof argument->by_kind / sizeof *argument->by_kind);
  const char *preset = argument->shown ? argument->shown : argument->preset;
  for (int i = 0; i < most && kind >= 0; i++)
    if (argument->by_kind[i].kinds & 1u << kind) preset = argument->by_kind[i].preset;
  if (preset) l4r_text_add(out, size, used, "default %s", preset);
  for (int i = 0; i < most && kind < 0; i++) {
    if (!argument->by_kind[i].kinds) break;
    l4r_text_add(out, size, used, i || preset ? "; " : "default ");
    add_kinds(usage, argument->by_kind[i].kinds, out, size, used);
    l4r_text_add(out, size, used, " %s", argument->by_kind[i].preset);
  }
}

const char *l4r_argument_help(const struct l4r_usage *usage, const struct l4r_argument *argument,
                              int kind, char *out, size_t size) {
  char tail[256] = "";
  size_t used = 0, behind = 0;
  if (usage->kinds && kind < 0 && argument->kinds && argument->kinds != usage->usual) {
    l4r_text_add(tail, sizeof tail, &behind, "for ");
    add_kinds(usage, argument->kinds, tail, sizeof tail, &behind);
  }
  if (argument->letter)
    l4r_text_add(tail, sizeof tail, &behind, "%salso -%c", behind ? "; " : "", argument->letter);
  char preset[160] = "";
  size_t shown = 0;
  add_default(usage, argument, kind, preset, sizeof preset, &shown);
  l4r_text_add(out, size, &used, "%s", argument->help);
  if (behind || shown)
    l4r_text_add(out, size, &used, " (%s%s%s)", tail, behind && shown ? "; " : "", preset);
  return out;
}

const char *l4r_usage_line(const struct l4r_usage *usage, int kind, char *out, size_t size) {
  struct l4r_kind_word word;
  char meta[160];
  size_t used = 0;
  l4r_text_add(out, size, &used, "lite4rec %s", usage->command);
  for (int k = 0; usage->kinds && usage->kinds(k, &word); k++)
    if (kind < 0 || kind == k)
      l4r_text_add(out, size, &used, "%s%s", k && kind < 0 ? "|" : " ", word.name);
  if (usage->positional && *usage->positional)
    l4r_text_add(out, size, &used, " %s", usage->positional);
  for (const struct l4r_argument *a = usage->arguments; a->name; a++)
    if (a->is_needed)
      l4r_text_add(out, size, &used, " --%s %s", a->name, l4r_argument_meta(a, meta, sizeof meta));
  l4r_text_add(out, size, &used, " [options]");
  return out;
}

/* Paragraphs, each a line of the text, folded; lines that begin with a blank stand as they are. */
static void print_paragraphs(const char *text) {
  char line[1024];
  while (*text) {
    const size_t n = strcspn(text, "\n");
    snprintf(line, sizeof line, "%.*s", (int)n, text);
    if (*line == ' ' || !*line)
      puts(line);
    else
      l4r_fold(stdout, line, 0, 0);
    text += n + (text[n] == '\n');
  }
}

static void print_option(const char *name, const char *meta, const char *help) {
  char left[192];
  snprintf(left, sizeof left, "--%s%s%s", name, *meta ? " " : "", meta);
  const int fits = strlen(left) < INDENT - 2;
  if (fits)
    printf("  %-26s ", left);
  else
    printf("  %s\n%*s", left, INDENT, "");
  l4r_fold(stdout, help, INDENT, INDENT);
}

/* The kinds with what is known of them; of one kind its line alone. */
static void print_kinds(const struct l4r_usage *usage, int kind) {
  struct l4r_kind_word word;
  if (!usage->kinds || !usage->kinds(0, &word) || !word.about) return;
  putchar('\n');
  for (int k = 0; usage->kinds(k, &word); k++)
    if (kind < 0 || k == kind) {
      printf("  %-18s ", word.name);
      l4r_fold(stdout, word.about, 21, 21);
    }
  if (kind >= 0) return;
  char line[128];
  usage->kinds(0, &word);
  l4r_text_set(line, sizeof line, "lite4rec %s %s --help shows the options of %s alone.",
               usage->command, word.name, word.name);
  putchar('\n');
  l4r_fold(stdout, line, 0, 0);
}

/* Whether an example line is of another kind: "  lite4rec train lite ..." of pop. */
static int is_of_another(const struct l4r_usage *usage, int kind, const char *line) {
  char begin[64];
  struct l4r_kind_word word;
  l4r_text_set(begin, sizeof begin, "  lite4rec %s ", usage->command);
  if (strncmp(line, begin, strlen(begin)) != 0) return 0;
  line += strlen(begin);
  const size_t n = strcspn(line, " \n");
  for (int k = 0; usage->kinds(k, &word); k++)
    if (k != kind && strlen(word.name) == n && !strncmp(word.name, line, n)) return 1;
  return 0;
}

/* Examples, of one kind its own alone; lines that begin with four blanks go on with one. */
static void print_examples(const struct l4r_usage *usage, int kind) {
  int shown = 0, skips = 0;
  if (!usage->examples || !*usage->examples) return;
  fputs("\nexamples:\n", stdout);
  for (const char *line = usage->examples; *line;) {
    const size_t n = strcspn(line, "\n") + 1;
    if (strncmp(line, "    ", 4) != 0)
      skips = usage->kinds && kind >= 0 && is_of_another(usage, kind, line);
    if (!skips) shown += printf("%.*s", (int)n, line);
    line += strlen(line) < n ? strlen(line) : n;
  }
  if (!shown) fputs(usage->examples, stdout);
}

void l4r_usage_print(const struct l4r_usage *usage, int kind) {
  char line[1024], meta[160];
  const int column = printf("usage: ");
  l4r_fold(stdout, l4r_usage_line(usage, kind, line, sizeof line), column, column);
  putchar('\n');
  print_paragraphs(usage->summary);
  print_kinds(usage, kind);
  putchar('\n');
  for (const struct l4r_argument *a = usage->arguments; a->name; ++a)
    if (l4r_argument_applies(a, kind))
      print_option(a->name, l4r_argument_meta(a, meta, sizeof meta),
                   l4r_argument_help(usage, a, kind, line, sizeof line));
  print_option("help", "", "print this help and exit");
  print_examples(usage, kind);
}

int l4r_actions_run(const char *command, const struct l4r_command *actions, int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "--help";
  for (const struct l4r_command *a = actions; a->name; a++)
    if (!strcmp(a->name, name)) return a->run(argc - 1, argv + 1);
  if (strcmp(name, "--help") && strcmp(name, "-h")) {
    struct l4r_nearest nearest = {.word = name};
    char text[320];
    for (const struct l4r_command *a = actions; a->name; a++) l4r_nearest_try(&nearest, a->name, 0);
    l4r_nearest_text(&nearest, "", text, sizeof text);
    return l4r_fail(L4R_USAGE, "%s has no action '%s'%s lite4rec %s --help lists them", command,
                    name, *text ? text : ";", command);
  }
  printf("usage: lite4rec %s ACTION [options]\n\n", command);
  for (; actions->name; actions++) {
    const int column = printf("  %-8s ", actions->name);
    l4r_fold(stdout, actions->about, column, column);
  }
  printf("\nlite4rec %s ACTION --help describes an action.\n\nexamples:\n  lite4rec %s %s --help\n",
         command, command, (actions - 1)->name);
  return L4R_OK;
}
