/* Command-line options, the same rules for every subcommand: "--name value" or "--name=value",
 * flags without value, positionals; an unknown option is L4R_USAGE and lists the known ones;
 * "--help" is known everywhere. */
#ifndef L4R_BENCH_COMMANDS_OPTIONS_H
#define L4R_BENCH_COMMANDS_OPTIONS_H

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
  const char *command; /* "lite4rec train KIND" */
  const char *summary, *examples;
  const struct l4r_argument *arguments;
};
int l4r_arguments_parse(const struct l4r_usage *usage, int argc, char **argv,
                        struct l4r_argument_list *positional, int *helped);

#endif
