/* SPDX-License-Identifier: BSD-3-Clause */
/* Command-line options as data, the same rules for every subcommand: "--name value" or
 * "--name=value", flags without a value, positional arguments; an unknown option is L4R_USAGE and
 * lists the known ones; "--help" is known everywhere.
 *
 * An option is one row. What --help, the manual page and completion say of it, what the parser
 * stores when it is not given, what it refuses and in which words: all of it is made of the row. */
#ifndef L4R_BENCH_CLI_OPTIONS_H
#define L4R_BENCH_CLI_OPTIONS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

enum l4r_argument_type {                 /* what the member at the row's offset is */
                         L4R_ARG_TEXT,   /* const char *, borrowed from argv */
                         L4R_ARG_INT,    /* int64_t */
                         L4R_ARG_REAL,   /* double */
                         L4R_ARG_FLAG,   /* int: 1 when given */
                         L4R_ARG_CHOICE, /* int, or an enum of its size: index among `choices` */
                         L4R_ARG_LIST,   /* struct l4r_argument_list: repeatable */
                         L4R_ARG_INTS,   /* struct l4r_argument_ints: "1,2" */
                         L4R_ARG_REALS   /* struct l4r_argument_reals: "50,100" */
};

struct l4r_argument_list { /* texts in order, borrowed from argv */
  const char *value[64];
  int count;
};
enum { L4R_ARG_NUMBERS = 16 };
struct l4r_argument_ints {
  int64_t value[L4R_ARG_NUMBERS];
  int count;
};
struct l4r_argument_reals {
  double value[L4R_ARG_NUMBERS];
  int count;
};

/* The member's type of a row's type, for tables that make structs too (run_options.inc.h). */
#define L4R_OPTION_TEXT   const char *
#define L4R_OPTION_INT    int64_t
#define L4R_OPTION_REAL   double
#define L4R_OPTION_FLAG   int
#define L4R_OPTION_CHOICE int
#define L4R_OPTION_LIST   struct l4r_argument_list
#define L4R_OPTION_INTS   struct l4r_argument_ints
#define L4R_OPTION_REALS  struct l4r_argument_reals

struct l4r_range { /* of numbers; all zero: any number */
  double least, most;
  int is_open; /* 1: `least` itself is outside; 2: `most` itself is */
};
#define L4R_AT_LEAST(number) {number, INFINITY, 0}

/* `choices` within a row. */
#define L4R_CHOICES(...)                                                                           \
  .choices = (const char *const[]) {                                                               \
    __VA_ARGS__, NULL                                                                              \
  }

struct l4r_argument { /* a table row; the table ends with name NULL */
  const char *name;   /* "data" for --data */
  enum l4r_argument_type type;
  const char *meta; /* "FOLDER"; NULL: the choices, or nothing */
  const char *help; /* a phrase that says what the option is for, without its default */
  size_t offset;    /* of the member in the struct that is parsed into */
  /* What follows may be left out. */
  const char *preset; /* the default, written as on the command line */
  const char *shown;  /* the default in words, where the command works it out */
  const char *like;   /* INTS, REALS: an example, "1,2"; CHOICE: the choices in other words */
  const char *const *choices; /* CHOICE: NULL behind the last */
  const char *word;           /* INT: a word that stands for the number word_is */
  int64_t word_is;
  struct l4r_range range; /* INT, INTS, REAL, REALS */
  const char *offers;     /* words that completion offers, blanks between; NULL: the choices */
  char letter;            /* FLAG: 'v' for -v too; 0: none */
  int is_needed;          /* 1: refused when it is missing, and shown in the usage line */
  unsigned kinds;         /* bits of the usage's kinds that it applies to; 0: to all */
  struct {
    unsigned kinds;
    const char *preset;
  } by_kind[3];     /* other defaults of some kinds */
  const char *json; /* its name in files that carry options; NULL: it stays here */
  unsigned in;      /* bits of those files, the owner's to define */
};

/* Positional arguments whose first one is a word of a fixed set, "lite4rec train lite": word `i`
 * from 0, with a few words on it or NULL; 0 past the last. Bit i of `kinds` is that word's. */
struct l4r_kind_word {
  const char *name, *about;
};
typedef int l4r_kind_words(int i, struct l4r_kind_word *word);

struct l4r_usage {
  const char *command;    /* "train" or "data import" */
  const char *positional; /* "FILE|FOLDER..."; "": not shown; NULL: it takes none beside the kind */
  l4r_kind_words *kinds;  /* NULL: the first argument is like the others */
  const char *kind_of;    /* "models of kind": an option of other kinds is refused; NULL: taken */
  unsigned usual;         /* kinds whose options --help shows without saying so */
  const char *summary;    /* paragraphs; lines that begin with a blank stand as they are */
  const char *examples;   /* lines that begin with two blanks */
  const struct l4r_argument *arguments; /* at most L4R_ARG_ROWS */
};

enum { L4R_ARG_ROWS = 128 };

struct l4r_parsed {
  struct l4r_argument_list words;    /* positional arguments in order */
  int helped;                        /* 1: --help was printed, and nothing else was done */
  int kind;                          /* of the first positional argument; -1: none */
  unsigned char given[L4R_ARG_ROWS]; /* 1 for each row that stood on the command line */
};

/* Stores each row's default in `into`, then what argv says. L4R_USAGE, naming the option, what it
 * takes and what it was given. */
int l4r_arguments_parse(const struct l4r_usage *usage, int argc, char **argv, void *into,
                        struct l4r_parsed *parsed);
/* 1 when the option of that name stood on the command line. Asserts that there is one. */
int l4r_argument_given(const struct l4r_usage *usage, const struct l4r_parsed *parsed,
                       const char *name);

/* Sets an option as if its value stood on a command line; value NULL: a flag. Asserts that there is
 * one of that name and kind; L4R_USAGE for a value that it does not take. */
int l4r_argument_set(const struct l4r_usage *usage, const char *name, const char *value,
                     void *into);

/* The defaults of all rows alone, as parsing nothing leaves them. kind -1: no kind's. */
void l4r_arguments_preset(const struct l4r_argument *arguments, int kind, void *into);
/* L4R_USAGE when a number in `from` is outside its row's range: for values that did not come from a
 * command line. */
int l4r_arguments_check(const struct l4r_argument *arguments, const void *from);
/* 1 when the number is in the range. Pure. */
int l4r_range_holds(const struct l4r_range *range, double number);

/* A subcommand, or an action of one. Tables of them end with name NULL. */
struct l4r_command {
  const char *name;
  const char *about; /* NULL: not for people */
  int (*run)(int argc, char **argv);
  const struct l4r_usage *usage;     /* NULL: it is a set of actions */
  const struct l4r_command *actions; /* then these */
};
#endif
