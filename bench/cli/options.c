/* SPDX-License-Identifier: BSD-3-Clause */
/* Option tables, parsed the same way for every subcommand. */
#include "bench/cli/options.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/text.h"

#include <stdio.h>
#include <string.h>

static const struct l4r_help_reader *reader;

void l4r_help_read(const struct l4r_help_reader *one) {
  reader = one;
}

void l4r_actions_help(const char *command, const struct l4r_command *actions) {
  if (reader) {
    reader->actions(reader->context, command, actions);
    return;
  }
  printf("usage: lite4rec %s ACTION [options]; lite4rec %s ACTION --help tells more\n\n", command,
         command);
  for (; actions->name; actions++) printf("  %-8s %s\n", actions->name, actions->about);
  printf("\nexamples:\n  lite4rec %s %s --help\n", command, (actions - 1)->name);
}

const char *l4r_usage_command(char *out, size_t size, const char *before, const char *const *words,
                              const char *after) {
  size_t used = 0;
  l4r_text_add(out, size, &used, "%s ", before);
  for (const char *const *word = words; *word; word++)
    l4r_text_add(out, size, &used, "%s%s", word == words ? "" : "|", *word);
  l4r_text_add(out, size, &used, " %s", after);
  return out;
}

static const struct l4r_argument *find_argument(const struct l4r_argument *table, const char *name,
                                                size_t length) {
  for (; table->name; ++table)
    if (strlen(table->name) == length && strncmp(table->name, name, length) == 0) return table;
  return NULL;
}

static int unknown_option(const struct l4r_usage *usage, const char *given) {
  char list[1024] = "";
  size_t used = 0;
  for (const struct l4r_argument *a = usage->arguments; a->name; ++a)
    l4r_text_add(list, sizeof list, &used, " --%s", a->name);
  return l4r_fail(L4R_USAGE, "unknown option '%s'; known:%s --help", given, list);
}

static int add_to_list(struct l4r_argument_list *list, const char *value) {
  const int room = (int)(sizeof list->value / sizeof list->value[0]);
  if (list->count == room) return l4r_fail(L4R_USAGE, "more than %d values: '%s'", room, value);
  list->value[list->count++] = value;
  return L4R_OK;
}

static int store_value(const struct l4r_argument *argument, const char *value) {
  switch (argument->type) {
  case L4R_ARG_TEXT:
    *(const char **)argument->target = value;
    return L4R_OK;
  case L4R_ARG_LIST:
    return add_to_list(argument->target, value);
  case L4R_ARG_INT:
    if (!l4r_parse_int(value, argument->target)) return L4R_OK;
    return l4r_fail(L4R_USAGE, "--%s wants a whole number, not '%s'", argument->name, value);
  case L4R_ARG_REAL:
    if (!l4r_parse_double(value, argument->target)) return L4R_OK;
    return l4r_fail(L4R_USAGE, "--%s wants a number, not '%s'", argument->name, value);
  case L4R_ARG_FLAG:
    break;
  }
  return l4r_fail(L4R_USAGE, "--%s takes no value", argument->name);
}

enum { WIDTH = 80 }; /* of a terminal nobody has widened */

/* `text` from column `at` on, in lines of WIDTH columns where words allow, the next ones indented.
 */
static void print_wrapped(const char *text, int at, int indent) {
  for (int is_first = 1; *text; is_first = 0) {
    const int length = (int)strcspn(text, " ");
    const int is_full = !is_first && at + 1 + length > WIDTH;
    if (is_full) printf("\n%*s", indent, "");
    at = is_full ? indent : at + !is_first;
    printf("%s%.*s", is_first || is_full ? "" : " ", length, text);
    at += length;
    text += length;
    text += *text == ' ';
  }
  putchar('\n');
}

static void print_usage(const struct l4r_usage *usage) {
  if (reader) {
    reader->usage(reader->context, usage);
    return;
  }
  char line[512];
  snprintf(line, sizeof line, "%s [options]", usage->command);
  print_wrapped(line, printf("usage: "), 7);
  printf("%s\n\n", usage->summary);
  for (const struct l4r_argument *a = usage->arguments; a->name; ++a) {
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", a->name, *a->meta ? " " : "", a->meta);
    const int column = printf("  %-26s ", left);
    print_wrapped(a->help, column, 29);
  }
  printf("  %-26s %s\n", "--help", "this text");
  if (usage->examples && *usage->examples) printf("\nexamples:\n%s", usage->examples);
}

/* One "--name[=value]"; *i moves on when the value is the next word. */
static int parse_option(const struct l4r_usage *usage, int argc, char **argv, int *i) {
  const char *name = argv[*i] + 2, *equals = strchr(name, '=');
  const size_t length = equals ? (size_t)(equals - name) : strlen(name);
  const struct l4r_argument *argument = find_argument(usage->arguments, name, length);
  if (!argument) return unknown_option(usage, argv[*i]);
  if (argument->type == L4R_ARG_FLAG && !equals) {
    *(int *)argument->target = 1;
    return L4R_OK;
  }
  if (equals) return store_value(argument, equals + 1);
  if (*i + 1 >= argc)
    return l4r_fail(L4R_USAGE, "--%s wants a value: %s", argument->name, argument->meta);
  return store_value(argument, argv[++*i]);
}

int l4r_arguments_parse(const struct l4r_usage *usage, int argc, char **argv,
                        struct l4r_argument_list *positional, int *helped) {
  *helped = 0;
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      print_usage(usage);
      *helped = 1;
      return L4R_OK;
    }
  }
  for (int i = 1; i < argc; ++i) {
    int status;
    if (strncmp(argv[i], "--", 2) == 0 && argv[i][2])
      status = parse_option(usage, argc, argv, &i);
    else if (argv[i][0] == '-' && argv[i][1])
      status = unknown_option(usage, argv[i]);
    else
      status = add_to_list(positional, argv[i]);
    if (status) return status;
  }
  return L4R_OK;
}
