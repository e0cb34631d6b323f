/* SPDX-License-Identifier: BSD-3-Clause */
/* Completion scripts, from the tables that --help prints. What an option may be given is read from
 * its row: choices and words in lower case between bars as they are, FOLDER and FILE as paths, ARM
 * as an engine, '@' and a folder. The scripts of bash and zsh have the same clause a command; fish
 * has a line an option (completion_fish.h). */
#include "bench/cli/completion.h"

#include "bench/cli/commands.h"
#include "bench/cli/completion_fish.h"
#include "bench/cli/help.h"
#include "impl/base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const char *const l4r_shell_names[L4R_SHELLS] = {"bash", "zsh", "fish"};

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

/* A case of the value after an option. */
static void put_value(const struct l4r_argument *argument) {
  static const char *const kinds[] = {[L4R_VALUE_WORDS] = "words",
                                      [L4R_VALUE_FOLDER] = "folder",
                                      [L4R_VALUE_PATH] = "path",
                                      [L4R_VALUE_ARM] = "arm"};
  char words[256];
  const enum l4r_value value = l4r_completion_value(argument, words, sizeof words);
  if (value == L4R_VALUE_NONE) return;
  printf("        --%s) kind=%s", argument->name, kinds[value]);
  if (value == L4R_VALUE_WORDS || value == L4R_VALUE_ARM) printf("; offered='%s'", words);
  fputs(" ;;\n", stdout);
}

static void put_command(void *context, const char *name, const struct l4r_command *command) {
  (void)context;
  const struct l4r_usage *usage = command->usage;
  struct l4r_kind_word word;
  printf("    '%s')\n      known='", name);
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

/* What both shells do alike once `current`, `previous` and `command` are known. */
static void put_clauses(const struct l4r_command *commands) {
  fputs("  case $command in\n", stdout);
  l4r_commands_visit(commands, put_command, NULL);
}

static void put_names(const struct l4r_command *commands) {
  for (const struct l4r_command *c = commands; c->name; c++)
    if (c->about) printf("%s ", c->name);
}

static void print_bash(const struct l4r_command *commands) {
  fputs("# bash completion of lite4rec, made by `lite4rec completion bash`\n"
        "_lite4rec() {\n"
        "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
        "  local command=${COMP_WORDS[1]} at=1 kind=path offered='' known='' first='' actions=''\n"
        "  COMPREPLY=()\n"
        "  # --name=value comes as three words, and so does engine@folder\n"
        "  if [ \"$current\" = = ]; then current=''; "
        "elif [ \"$previous\" = = ]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
        "  if [ \"$current\" = @ ] || [ \"$previous\" = @ ]; then\n"
        "    [ \"$current\" = @ ] && current=''\n"
        "    compopt -o filenames 2>/dev/null; "
        "mapfile -t COMPREPLY < <(compgen -d -- \"$current\"); return\n"
        "  fi\n"
        "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W '",
        stdout);
  put_names(commands);
  fputs("help --help --version' -- \"$current\"))\n    return\n  fi\n  case $command in\n", stdout);
  put_actions(commands);
  fputs("  esac\n"
        "  if [ -n \"$actions\" ]; then\n"
        "    if [ \"$COMP_CWORD\" -eq 2 ]; then "
        "COMPREPLY=($(compgen -W \"$actions --help\" -- \"$current\")); return; fi\n"
        "    command=\"$command ${COMP_WORDS[2]}\" at=2\n"
        "  fi\n",
        stdout);
  put_clauses(commands);
  fputs("    *) return ;;\n  esac\n"
        "  case $current in\n"
        "    -*) COMPREPLY=($(compgen -W \"$known\" -- \"$current\")); return ;;\n"
        "  esac\n"
        "  if [ \"$COMP_CWORD\" -eq $((at + 1)) ] && [ -n \"$first\" ]; then\n"
        "    kind=words offered=$first\n"
        "  fi\n"
        "  case $kind in\n"
        "    words) COMPREPLY=($(compgen -W \"$offered\" -- \"$current\")) ;;\n"
        "    arm) compopt -o nospace 2>/dev/null; "
        "COMPREPLY=($(compgen -W \"$offered\" -- \"$current\")) ;;\n"
        "    folder) compopt -o filenames 2>/dev/null; "
        "mapfile -t COMPREPLY < <(compgen -d -- \"$current\") ;;\n"
        "    path) compopt -o filenames 2>/dev/null; "
        "mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
        "  esac\n"
        "}\n"
        "complete -F _lite4rec lite4rec\n",
        stdout);
}

static void print_zsh(const struct l4r_command *commands) {
  fputs("#compdef lite4rec\n"
        "# zsh completion of lite4rec, made by `lite4rec completion zsh`\n"
        "_lite4rec() {\n"
        "  local current=${words[CURRENT]} previous=${words[CURRENT-1]} command=${words[2]}\n"
        "  local -i at=2\n"
        "  local kind=path known='' first='' actions='' offered='' third=${words[3]}\n"
        "  if (( CURRENT == 2 )); then\n    compadd -- ",
        stdout);
  put_names(commands);
  fputs("help --help --version\n    return\n  fi\n  case $command in\n", stdout);
  put_actions(commands);
  fputs(
      "  esac\n"
      "  if [[ -n $actions ]]; then\n"
      "    if (( CURRENT == 3 )); then compadd -- ${=actions} --help; return; fi\n"
      "    command=\"$command $third\" at=3\n"
      "  fi\n"
      "  if [[ $current == --*=* ]]; then previous=${current%%=*}; compset -P '*='; current=; fi\n",
      stdout);
  put_clauses(commands);
  fputs("    *) return 1 ;;\n  esac\n"
        "  if [[ $current == -* ]]; then compadd -- ${=known}; return; fi\n"
        "  if (( CURRENT == at + 1 )) && [[ -n $first ]]; then compadd -- ${=first}; return; fi\n"
        "  case $kind in\n"
        "    words) compadd -- ${=offered} ;;\n"
        "    arm) if compset -P '*@'; then _files -/; else compadd -S '' -- ${=offered}; fi ;;\n"
        "    folder) _files -/ ;;\n"
        "    path) _files ;;\n"
        "  esac\n"
        "}\n"
        "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _lite4rec \"$@\"; "
        "else compdef _lite4rec lite4rec; fi\n",
        stdout);
}

void l4r_completion_print(enum l4r_shell shell, const struct l4r_command *commands) {
  if (shell == L4R_BASH)
    print_bash(commands);
  else if (shell == L4R_ZSH)
    print_zsh(commands);
  else
    l4r_completion_print_fish(commands);
}
