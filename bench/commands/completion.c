/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec completion: a completion script from the tables that --help prints. What an option may
 * be given is read from its meta word: FOLDER and FILE are completed as paths, words in lower case
 * between bars as they are. */
#include "bench/commands/commands.h"
#include "bench/cli/options.h"
#include "bench/cli/walk.h"
#include "impl/base/error.h"

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
  if (argument->type == L4R_ARG_FLAG) return;
  printf("        --%s) ", argument->name);
  if (!strcmp(argument->meta, "FOLDER"))
    fputs("kind=folder", stdout);
  else if (strstr(argument->meta, "FILE") || strstr(argument->meta, "FOLDER") ||
           !strcmp(argument->meta, "PATH") || !strcmp(argument->meta, "MODEL"))
    fputs("kind=path", stdout);
  else {
    fputs("kind=words; words='", stdout);
    if (strchr(argument->meta, '|')) put_choices(argument->meta, strlen(argument->meta));
    putchar('\'');
  }
  fputs(" ;;\n", stdout);
}

/* The word of a usage behind the command's name. */
static const char *first_word(const char *name, const struct l4r_usage *usage, size_t *bytes) {
  const char *at = usage->command + strlen("lite4rec ");
  at += strncmp(at, name, strlen(name)) ? strlen(at) : strlen(name);
  while (*at == ' ') at++;
  *bytes = strcspn(at, " ");
  return at;
}

static void put_command(void *context, const char *name, const char *about,
                        const struct l4r_usage *usage) {
  (void)context, (void)about;
  size_t bytes;
  const char *word = first_word(name, usage, &bytes);
  printf("    '%s')\n      options='", name);
  for (const struct l4r_argument *a = usage->arguments; a->name; a++) printf("--%s ", a->name);
  fputs("--help'\n      first='", stdout);
  if (islower((unsigned char)*word)) put_choices(word, bytes);
  fputs("'\n      case $previous in\n", stdout);
  for (const struct l4r_argument *a = usage->arguments; a->name; a++) put_value(a);
  fputs("      esac\n      ;;\n", stdout);
}

/* Actions of commands, "data import" as a case of `actions`. */
static void put_actions(void *context, const char *name, const char *about,
                        const struct l4r_usage *usage) {
  (void)about, (void)usage;
  char *before = context;
  const char *blank = strchr(name, ' ');
  if (!blank) return;
  const size_t n = (size_t)(blank - name);
  if (strlen(before) != n || strncmp(before, name, n)) {
    printf("%s    %.*s) actions='", *before ? "' ;;\n" : "", (int)n, name);
    snprintf(before, 32, "%.*s", (int)n, name);
  } else {
    putchar(' ');
  }
  fputs(blank + 1, stdout);
}

static int print_script(void) {
  char before[32] = "";
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
  for (const struct l4r_command *c = l4r_commands(); c && c->name; c++)
    if (c->about) printf("%s ", c->name);
  fputs("--help --version' -- \"$current\"))\n    return\n  fi\n  case $command in\n", stdout);
  int status = l4r_commands_walk(put_actions, before);
  fputs(*before ? "' ;;\n" : "", stdout);
  fputs("  esac\n"
        "  if [ -n \"$actions\" ]; then\n"
        "    if [ \"$COMP_CWORD\" -eq 2 ]; then "
        "COMPREPLY=($(compgen -W \"$actions --help\" -- \"$current\")); return; fi\n"
        "    command=\"$command ${COMP_WORDS[2]}\" at=2\n"
        "  fi\n"
        "  case $command in\n",
        stdout);
  if (!status) status = l4r_commands_walk(put_command, NULL);
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
  return status;
}

int l4r_command_completion(int argc, char **argv) {
  const struct l4r_argument arguments[] = {{0}};
  const struct l4r_usage usage = {
      "lite4rec completion bash",
      "Prints a completion script for bash. make install puts it where bash finds it.",
      "  source <(lite4rec completion bash)\n", arguments};
  struct l4r_argument_list words = {0};
  int helped, status = l4r_arguments_parse(&usage, argc, argv, &words, &helped);
  if (status || helped) return status;
  if (words.count != 1 || strcmp(words.value[0], "bash") != 0)
    return l4r_fail(L4R_USAGE, "completion is for bash: lite4rec completion bash%s%s",
                    words.count ? ", not " : "", words.count ? words.value[0] : "");
  return print_script();
}
