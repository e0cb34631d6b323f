/* SPDX-License-Identifier: BSD-3-Clause */
/* A completion script for bash, from the tables that --help prints. What an option may be given is
 * read from its meta word: FOLDER and FILE are completed as paths, words in lower case between bars
 * as they are. */
#include "bench/cli/completion.h"

#include "bench/cli/commands.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Single quotes of the shell; names of ours hold none, metas might. */
static void put_word(const char *text, size_t bytes) {
  for (size_t i = 0; i < bytes; i++)
    if (text[i] != '\'' && text[i] != '\n') putchar(text[i]);
}

/* The words of "file|item" or "N|all" that stand for themselves, blanks between; their number. */
static int put_choices(const char *meta, size_t bytes) {
  int words = 0;
  for (const char *at = meta, *end = meta + bytes; at < end;) {
    size_t n = 0;
    while (at + n < end && at[n] != '|') n++;
    if (n && islower((unsigned char)*at)) {
      if (words++) putchar(' ');
      put_word(at, n);
    }
    at += n + 1;
  }
  return words;
}

/* A case of the value after an option. */
static void put_value(const struct l4r_argument *argument) {
  char meta[160];
  if (argument->type == L4R_ARG_FLAG) return;
  printf("        --%s) ", argument->name);
  l4r_argument_meta(argument, meta, sizeof meta);
  if (!strcmp(meta, "FOLDER"))
    fputs("kind=folder", stdout);
  else if (strstr(meta, "FILE") || strstr(meta, "FOLDER") || !strcmp(meta, "PATH") ||
           !strcmp(meta, "MODEL"))
    fputs("kind=path", stdout);
  else {
    fputs("kind=words; words='", stdout);
    if (strchr(meta, '|')) put_choices(meta, strlen(meta));
    putchar('\'');
  }
  fputs(" ;;\n", stdout);
}

static void put_command(void *context, const char *name, const struct l4r_command *command) {
  (void)context;
  const struct l4r_usage *usage = command->usage;
  struct l4r_kind_word word;
  printf("    '%s')\n      options='", name);
  for (const struct l4r_argument *a = usage->arguments; a->name; a++) printf("--%s ", a->name);
  fputs("--help'\n      first='", stdout);
  for (int k = 0; usage->kinds && usage->kinds(k, &word); k++)
    printf("%s%s", k ? " " : "", word.name);
  fputs("'\n      case $previous in\n", stdout);
  for (const struct l4r_argument *a = usage->arguments; a->name; a++) put_value(a);
  fputs("      esac\n      ;;\n", stdout);
}

/* Actions of commands, "data" as a case of `actions`. */
static void put_actions(const struct l4r_command *commands) {
  for (const struct l4r_command *c = commands; c->name; c++) {
    if (!c->actions) continue;
    printf("    %s) actions='", c->name);
    for (const struct l4r_command *a = c->actions; a->name; a++)
      printf("%s%s", a == c->actions ? "" : " ", a->name);
    fputs("' ;;\n", stdout);
  }
}

void l4r_completion_print(const struct l4r_command *commands) {
  fputs("# bash completion of lite4rec, made by `lite4rec completion bash`\n"
        "_lite4rec() {\n"
        "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
        "  local command=${COMP_WORDS[1]} at=1 kind=path words='' options='' first='' actions=''\n"
        "  COMPREPLY=()\n"
        "  # --name=value comes as three words\n"
        "  if [ \"$current\" = = ]; then current=''; "
        "elif [ \"$previous\" = = ]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
        "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W '",
        stdout);
  for (const struct l4r_command *c = commands; c->name; c++)
    if (c->about) printf("%s ", c->name);
  fputs("--help --version' -- \"$current\"))\n    return\n  fi\n  case $command in\n", stdout);
  put_actions(commands);
  fputs("  esac\n"
        "  if [ -n \"$actions\" ]; then\n"
        "    if [ \"$COMP_CWORD\" -eq 2 ]; then "
        "COMPREPLY=($(compgen -W \"$actions --help\" -- \"$current\")); return; fi\n"
        "    command=\"$command ${COMP_WORDS[2]}\" at=2\n"
        "  fi\n"
        "  case $command in\n",
        stdout);
  l4r_commands_visit(commands, put_command, NULL);
  fputs("    *) return ;;\n  esac\n"
        "  case $current in\n"
        "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$current\")); return ;;\n"
        "  esac\n"
        "  if [ \"$COMP_CWORD\" -eq $((at + 1)) ] && [ -n \"$first\" ]; then\n"
        "    kind=words words=$first\n"
        "  fi\n"
        "  case $kind in\n"
        "    words) COMPREPLY=($(compgen -W \"$words\" -- \"$current\")) ;;\n"
        "    folder) compopt -o filenames 2>/dev/null; "
        "mapfile -t COMPREPLY < <(compgen -d -- \"$current\") ;;\n"
        "    path) compopt -o filenames 2>/dev/null; "
        "mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
        "  esac\n"
        "}\n"
        "complete -F _lite4rec lite4rec\n",
        stdout);
}
