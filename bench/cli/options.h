/* SPDX-License-Identifier: BSD-3-Clause */
/* Command-line options, the same rules for every subcommand: "--name value" or "--name=value",
 * flags without value, positionals; an unknown option is L4R_USAGE and lists the known ones;
 * "--help" is known everywhere. */
#ifndef L4R_BENCH_CLI_OPTIONS_H
#define L4R_BENCH_CLI_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

enum l4r_argument_type { L4R_ARG_TEXT, L4R_ARG_INT, L4R_ARG_REAL, L4R_ARG_FLAG, L4R_ARG_LIST };

struct l4r_argument { /* a table row; the table ends with name NULL */
  const char *name;   /* "data" for --data */
  enum l4r_argument_type type;
  const char *meta, *help; /* "FOLDER", "what it means and its default" */
  void *target; /* const char ** | int64_t * | double * | int * | struct l4r_argument_list * */
};

struct l4r_argument_list { /* a repeatable option, in order */
  const char *value[64];
  int count;
};

/* Parses; positionals are collected. *helped is 1 when --help was printed (usage line, then the
 * table, then `examples`); the caller then returns 0. */
struct l4r_usage {
  const char *command; /* "lite4rec verify FILE|FOLDER ..."; a first word in
                          lower case lists what may stand there, "lite4rec train lite|p5" */
  const char *summary, *examples;
  const struct l4r_argument *arguments;
};
int l4r_arguments_parse(const struct l4r_usage *usage, int argc, char **argv,
                        struct l4r_argument_list *positional, int *helped);

/* "BEFORE word|word|word AFTER" into out[size], for a usage's command; `words` ends with NULL. */
const char *l4r_usage_command(char *out, size_t size, const char *before, const char *const *words,
                              const char *after);

/* A subcommand, or an action of one; tables of them end with name NULL. */
struct l4r_command {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *about; /* NULL: not for people */
};
/* Prints "usage: COMMAND ACTION" and the actions: the help of a command that is a set of them. */
void l4r_actions_help(const char *command, const struct l4r_command *actions);

/* What manual and completion are made of: the very tables that --help prints. While a reader is
 * set, --help of any command prints nothing and is handed over instead. Main thread only. */
struct l4r_help_reader {
  void *context;
  void (*usage)(void *context, const struct l4r_usage *usage);
  void (*actions)(void *context, const char *command, const struct l4r_command *actions);
};
void l4r_help_read(const struct l4r_help_reader *reader); /* borrowed; NULL: people read again */

#endif
