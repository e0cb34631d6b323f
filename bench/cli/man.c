/* SPDX-License-Identifier: BSD-3-Clause */
/* The manual page, in roff's man macros, from the tables that --help prints. */
#include "bench/cli/man.h"

#include "bench/cli/commands.h"

#include <stdio.h>
#include <string.h>

/* Text on one line of roff: nothing in it is a request or an escape. */
static void put(const char *text, size_t bytes) {
  if (bytes && (*text == '.' || *text == '\'')) fputs("\\&", stdout);
  for (size_t i = 0; i < bytes; i++) {
    if (text[i] == '\\')
      fputs("\\e", stdout);
    else if (text[i] == '-')
      fputs("\\-", stdout);
    else if (text[i] == '~' || text[i] == '^')
      printf("\\(%s", text[i] == '~' ? "ti" : "ha");
    else
      putchar(text[i]);
  }
}

static void put_text(const char *text) {
  put(text, strlen(text));
}

/* Lines that begin with a blank stand as they are; the others flow. */
static void put_lines(const char *text) {
  int as_is = 0;
  while (*text) {
    const size_t n = strcspn(text, "\n");
    if ((*text == ' ') != as_is) {
      as_is = !as_is;
      fputs(as_is ? ".nf\n" : ".fi\n", stdout);
    }
    put(text, n);
    if (n) putchar('\n');
    text += n + (text[n] == '\n');
  }
  if (as_is) fputs(".fi\n", stdout);
}

/* A line whose choices, "a|b|c", may go on in the next. */
static void put_breakable(const char *text) {
  for (size_t n; *text; text += n) {
    n = strcspn(text, "|") + (strchr(text, '|') != NULL);
    put(text, n);
    if (text[n - 1] == '|') fputs("\\:", stdout);
  }
}

static void put_option(const char *name, const char *meta, const char *help) {
  fputs(".TP\n\\fB\\-\\-", stdout);
  put_text(name);
  fputs("\\fR", stdout);
  if (*meta) {
    fputs(" \\fI", stdout);
    put_text(meta);
    fputs("\\fR", stdout);
  }
  putchar('\n');
  put_text(help);
  putchar('\n');
}

static void put_command(void *context, const char *name, const struct l4r_command *command) {
  (void)context;
  const struct l4r_usage *usage = command->usage;
  struct l4r_kind_word word;
  char text[1024], meta[160];
  printf(".SS %s\n", name); /* whose hyphen is one */
  put_text(command->about);
  fputs(".\n.PP\n.na\n\\fB", stdout); /* no blanks to stretch in it */
  put_breakable(l4r_usage_line(usage, -1, text, sizeof text));
  fputs("\\fR\n.ad\n.PP\n", stdout);
  put_lines(usage->summary);
  for (int k = 0; usage->kinds && usage->kinds(k, &word) && word.about; k++) {
    fputs(".TP\n", stdout);
    put_text(word.name);
    putchar('\n');
    put_text(word.about);
    putchar('\n');
  }
  for (const struct l4r_argument *a = usage->arguments; a->name; a++)
    put_option(a->name, l4r_argument_meta(a, meta, sizeof meta),
               l4r_argument_help(usage, a, -1, text, sizeof text));
  put_option("help", "", "print this help and exit");
  if (!usage->examples || !*usage->examples) return;
  fputs(".PP\nExamples:\n.PP\n.EX\n", stdout);
  for (const char *line = usage->examples; *line;) {
    const size_t n = strcspn(line, "\n");
    put(line, n);
    putchar('\n');
    line += n + (line[n] == '\n');
  }
  fputs(".EE\n", stdout);
}

void l4r_man_print(const struct l4r_command *commands) {
  fputs(".TH LITE4REC 1 \"\" \"lite4rec\" \"User Commands\"\n"
        ".SH NAME\nlite4rec \\- accuracy and latency of language\\-model recommenders on CPUs, "
        "measured together\n"
        ".SH SYNOPSIS\n\\fBlite4rec\\fR \\fICOMMAND\\fR [options]\n.br\n"
        "\\fBlite4rec\\fR \\fICOMMAND\\fR \\fB\\-\\-help\\fR\n.br\n"
        "\\fBlite4rec\\fR \\fB\\-\\-version\\fR\n"
        ".SH DESCRIPTION\n"
        "Trains, serves and measures recommenders under one harness, which pins threads, counts "
        "what the processor did, and tells accuracy and latency of the same arm in the same row. "
        "A model is a folder made by \\fBtrain\\fR; an arm, ENGINE@MODEL[:key=value,...], is what "
        "\\fBrun\\fR measures; a record is a line of what it wrote.\n"
        ".SH COMMANDS\n",
        stdout);
  l4r_commands_visit(commands, put_command, NULL);
  fputs(".SH EXIT STATUS\n"
        ".TP\n0\ndone\n.TP\n1\na check or gate failed\n.TP\n2\nbad usage\n.TP\n3\nbad input\n"
        ".TP\n4\nenvironment: memory, disk, rights, processors, a library\n"
        ".SH FILES\nEverything is written beside its target and renamed; a kill at any instant "
        "leaves the old file or the new one.\n"
        ".SH SEE ALSO\n\\fBgnuplot\\fR(1), \\fBhwloc\\fR(7)\n",
        stdout);
}
