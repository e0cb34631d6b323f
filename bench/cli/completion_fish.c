/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cli/completion_fish.h"

#include "bench/cli/commands.h"
#include "bench/cli/completion.h"

#include <stdio.h>
#include <string.h>

/* Within single quotes of fish, which knows \' and \\ there. */
static void put_quoted(const char *text) {
  putchar('\'');
  for (; *text; text++) {
    if (*text == '\'' || *text == '\\') putchar('\\');
    putchar(*text == '\n' ? ' ' : *text);
  }
  putchar('\'');
}

static void put_word(const char *condition, const char *of, const char *word, const char *about) {
  printf("complete -c lite4rec -f -n '%s%s%s' -a ", condition, *of ? " " : "", of);
  put_quoted(word);
  if (about) {
    fputs(" -d ", stdout);
    put_quoted(about);
  }
  putchar('\n');
}

static void put_option(const char *command, const struct l4r_argument *argument) {
  char words[256];
  const enum l4r_value value = l4r_completion_value(argument, words, sizeof words);
  printf("complete -c lite4rec -n '__lite4rec_in %s' -l %s", command, argument->name);
  if (argument->letter) printf(" -s %c", argument->letter);
  if (value == L4R_VALUE_PATH)
    fputs(" -r -F", stdout);
  else if (value == L4R_VALUE_FOLDER)
    fputs(" -x -a '(__fish_complete_directories)'", stdout);
  else if (value == L4R_VALUE_ARM)
    fputs(" -x -a '(__lite4rec_arms)'", stdout);
  else if (value == L4R_VALUE_WORDS)
    printf(" -x%s%s%s", *words ? " -a '" : "", words, *words ? "'" : "");
  fputs(" -d ", stdout);
  put_quoted(argument->help);
  putchar('\n');
}

static void put_command(void *context, const char *name, const struct l4r_command *command) {
  (void)context;
  const struct l4r_usage *usage = command->usage;
  struct l4r_kind_word word;
  for (int k = 0; usage->kinds && usage->kinds(k, &word); k++)
    put_word("__lite4rec_at", name, word.name, word.about);
  for (const struct l4r_argument *a = usage->arguments; a->name; a++) put_option(name, a);
  printf("complete -c lite4rec -f -n '__lite4rec_in %s' -l help -d 'print this help and exit'\n",
         name);
}

void l4r_completion_print_fish(const struct l4r_command *commands) {
  fputs("# fish completion of lite4rec, made by `lite4rec completion fish`\n"
        "# The words before the one that is written, without the program's name.\n"
        "function __lite4rec_words\n"
        "  commandline -opc | tail -n +2\n"
        "end\n"
        "# They begin with the command, of one word or two.\n"
        "function __lite4rec_in\n"
        "  set -l words (__lite4rec_words)\n"
        "  set -l n (count $argv)\n"
        "  test (count $words) -ge $n; and test \"$words[1..$n]\" = \"$argv\"\n"
        "end\n"
        "# They are the command and nothing else.\n"
        "function __lite4rec_at\n"
        "  set -l words (__lite4rec_words)\n"
        "  test (count $words) -eq (count $argv); and test \"$words\" = \"$argv\"\n"
        "end\n"
        "# engine@folder\n"
        "function __lite4rec_arms\n"
        "  set -l parts (string split -m 1 @ -- (commandline -ct))\n"
        "  if test (count $parts) -eq 2\n"
        "    for folder in (__fish_complete_directories $parts[2]); echo $parts[1]@$folder; end\n"
        "  else\n"
        "    string split ' ' -- 'reference@ blis@ beam@ heuristic@ largest-id@ peer: so:'\n"
        "  end\n"
        "end\n",
        stdout);
  for (const struct l4r_command *c = commands; c->name; c++) {
    if (c->about) put_word("test (count (__lite4rec_words)) -eq 0", "", c->name, c->about);
    for (const struct l4r_command *a = c->actions; a && a->name; a++)
      put_word("__lite4rec_at", c->name, a->name, a->about);
  }
  l4r_commands_visit(commands, put_command, NULL);
}
