/* SPDX-License-Identifier: BSD-3-Clause */
/* Option tables, parsed the same way for every subcommand. */
#include "bench/cli/options.h"

#include "bench/cli/help.h"
#include "impl/base/error.h"
#include "impl/base/nearest.h"
#include "impl/base/number.h"
#include "impl/base/text.h"

#include <assert.h>
#include <float.h>
#include <stdio.h>
#include <string.h>

/* Ranges up to here are bounds of types rather than of sense, and are not told. */
static const double OPEN_END = INT32_MAX;

int l4r_range_holds(const struct l4r_range *range, double number) {
  if (range->least == 0 && range->most == 0) return 1; /* no range */
  if (!(number >= range->least && number <= range->most)) return 0;
  if (number == range->least && range->is_open == 1) return 0;
  if (number == range->most && range->is_open == 2) return 0;
  return !isinf(number);
}

static const char *preset_of(const struct l4r_argument *argument, int kind) {
  const int most = (int)(sizeof argument->by_kind / sizeof *argument->by_kind);
  for (int i = 0; i < most && kind >= 0; i++)
    if (argument->by_kind[i].kinds & 1u << kind) return argument->by_kind[i].preset;
  return argument->preset;
}

/* "a, b, c" */
static void list_choices(const struct l4r_argument *argument, char *out, size_t size) {
  size_t used = 0;
  for (int c = 0; argument->choices[c]; c++)
    l4r_text_add(out, size, &used, "%s%s", c ? ", " : "", argument->choices[c]);
}

static int is_whole(const struct l4r_argument *argument) {
  return argument->type == L4R_ARG_INT || argument->type == L4R_ARG_INTS;
}

/* "from 1 to 1000", "of at least 1"; "" for a number without a range. */
static void put_range(const struct l4r_range *range, char *out, size_t size) {
  size_t used = 0;
  const int ends = range->most < OPEN_END;
  *out = '\0';
  if (range->least == 0 && range->most == 0) return;
  if (range->is_open == 1)
    l4r_text_add(out, size, &used, ends ? " above %g and up to %g" : " above %g", range->least,
                 range->most);
  else if (range->is_open == 2)
    l4r_text_add(out, size, &used, " of at least %g and below %g", range->least, range->most);
  else
    l4r_text_add(out, size, &used, ends ? " from %g to %g" : " of at least %g", range->least,
                 range->most);
}

/* The one form of what a value is refused with: what the option takes, and what it was given. */
static int refuse(const struct l4r_argument *argument, const char *value) {
  char range[96], list[256];
  if (argument->type == L4R_ARG_CHOICE) {
    list_choices(argument, list, sizeof list);
    return l4r_fail(L4R_USAGE, "--%s takes one of %s, not '%s'", argument->name,
                    argument->like ? argument->like : list, value);
  }
  put_range(&argument->range, range, sizeof range);
  if (argument->type == L4R_ARG_INTS || argument->type == L4R_ARG_REALS)
    return l4r_fail(L4R_USAGE, "--%s takes up to %d %snumbers%s, like %s, not '%s'", argument->name,
                    L4R_ARG_NUMBERS, is_whole(argument) ? "whole " : "", range, argument->like,
                    value);
  return l4r_fail(L4R_USAGE, "--%s takes a %snumber%s%s%s%s, not '%s'", argument->name,
                  is_whole(argument) ? "whole " : "", range, argument->word ? " or '" : "",
                  argument->word ? argument->word : "", argument->word ? "'" : "", value);
}

/* A number outside its range: which of its ends it is beyond. */
static int refuse_number(const struct l4r_argument *argument, double number) {
  const struct l4r_range *range = &argument->range;
  char text[32];
  snprintf(text, sizeof text, "%.15g", number);
  if ((range->most < OPEN_END && !range->is_open) || number > DBL_MAX)
    return refuse(argument, text);
  if (range->is_open == 1 && !(number > range->least))
    return range->most < OPEN_END ? l4r_fail(L4R_USAGE, "--%s is above %g and at most %g, not %s",
                                             argument->name, range->least, range->most, text)
                                  : l4r_fail(L4R_USAGE, "--%s is above %g, not %s", argument->name,
                                             range->least, text);
  if (!(number >= range->least))
    return l4r_fail(L4R_USAGE, "--%s must be at least %g, not %s", argument->name, range->least,
                    text);
  return l4r_fail(L4R_USAGE, "--%s must be %s %.15g, not %s", argument->name,
                  range->is_open == 2 ? "below" : "at most", range->most, text);
}

static int store_int(const struct l4r_argument *argument, const char *value, int64_t *target) {
  if (argument->word && !strcmp(value, argument->word)) {
    *target = argument->word_is;
    return L4R_OK;
  }
  if (l4r_parse_int(value, target)) return refuse(argument, value);
  if (l4r_range_holds(&argument->range, (double)*target)) return L4R_OK;
  return refuse_number(argument, (double)*target);
}

static int store_real(const struct l4r_argument *argument, const char *value, double *target) {
  if (l4r_parse_double(value, target)) return refuse(argument, value);
  if (l4r_range_holds(&argument->range, *target)) return L4R_OK;
  return refuse_number(argument, *target);
}

/* "1,2": the words one by one into int64_t or double, whose number goes to *count. */
static int store_numbers(const struct l4r_argument *argument, const char *value, void *into,
                         int *count) {
  char copy[512], *rest = copy, *word;
  int status = strlen(value) < sizeof copy ? L4R_OK : refuse(argument, value);
  snprintf(copy, sizeof copy, "%s", value);
  for (*count = 0; !status && (word = strsep(&rest, ",")) != NULL; ++*count) {
    int64_t whole;
    double real;
    if (*count == L4R_ARG_NUMBERS) return refuse(argument, value);
    if (is_whole(argument) ? l4r_parse_int(word, &whole) : l4r_parse_double(word, &real))
      return refuse(argument, value);
    if (is_whole(argument))
      status = store_int(argument, word, (int64_t *)into + *count);
    else
      status = store_real(argument, word, (double *)into + *count);
  }
  return status;
}

static int add_to_list(struct l4r_argument_list *list, const char *value) {
  const int room = (int)(sizeof list->value / sizeof list->value[0]);
  if (list->count == room) return l4r_fail(L4R_USAGE, "more than %d values: '%s'", room, value);
  list->value[list->count++] = value;
  return L4R_OK;
}

static int store_choice(const struct l4r_argument *argument, const char *value, int *target) {
  for (int c = 0; argument->choices[c]; c++)
    if (!strcmp(argument->choices[c], value)) {
      *target = c;
      return L4R_OK;
    }
  return refuse(argument, value);
}

static int store_value(const struct l4r_argument *argument, const char *value, void *into) {
  void *target = (char *)into + argument->offset;
  struct l4r_argument_ints *ints = target;
  struct l4r_argument_reals *reals = target;
  switch (argument->type) {
  case L4R_ARG_TEXT:
    *(const char **)target = value;
    return L4R_OK;
  case L4R_ARG_LIST:
    return add_to_list(target, value);
  case L4R_ARG_INT:
    return store_int(argument, value, target);
  case L4R_ARG_REAL:
    return store_real(argument, value, target);
  case L4R_ARG_CHOICE:
    return store_choice(argument, value, target);
  case L4R_ARG_INTS:
    return store_numbers(argument, value, ints->value, &ints->count);
  case L4R_ARG_REALS:
    return store_numbers(argument, value, reals->value, &reals->count);
  case L4R_ARG_FLAG:
    break;
  }
  return l4r_fail(L4R_USAGE, "--%s takes no value", argument->name);
}

void l4r_arguments_preset(const struct l4r_argument *arguments, int kind, void *into) {
  for (const struct l4r_argument *a = arguments; a->name; a++) {
    const char *preset = preset_of(a, kind);
    const int status = preset ? store_value(a, preset, into) : L4R_OK;
    assert(!status);
    (void)status;
  }
}

int l4r_arguments_check(const struct l4r_argument *arguments, const void *from) {
  for (const struct l4r_argument *a = arguments; a->name; a++) {
    const void *at = (const char *)from + a->offset;
    const int is_int = a->type == L4R_ARG_INT;
    if (!is_int && a->type != L4R_ARG_REAL) continue;
    if (is_int && a->word && *(const int64_t *)at == a->word_is) continue;
    const double number = is_int ? (double)*(const int64_t *)at : *(const double *)at;
    if (!l4r_range_holds(&a->range, number)) return refuse_number(a, number);
  }
  return L4R_OK;
}

static int unknown_option(const struct l4r_usage *usage, int kind, const char *given) {
  struct l4r_nearest nearest = {.word = given + strspn(given, "-")};
  char list[1024] = "", word[64];
  size_t used = 0;
  l4r_text_set(word, sizeof word, "%.*s", (int)strcspn(nearest.word, "="), nearest.word);
  nearest.word = word;
  for (const struct l4r_argument *a = usage->arguments; a->name; ++a)
    if (l4r_argument_applies(a, kind)) {
      l4r_text_add(list, sizeof list, &used, " --%s", a->name);
      l4r_nearest_try(&nearest, a->name, 0);
    }
  if (!nearest.count)
    return l4r_fail(L4R_USAGE, "unknown option '%s'; known:%s --help", given, list);
  return l4r_fail(L4R_USAGE, "unknown option '%s'%s Known: lite4rec %s --help", given,
                  l4r_nearest_text(&nearest, "--", list, sizeof list), usage->command);
}

static const struct l4r_argument *find_argument(const struct l4r_argument *table, const char *name,
                                                size_t length) {
  for (; table->name; ++table)
    if (strlen(table->name) == length && strncmp(table->name, name, length) == 0) return table;
  return NULL;
}

/* Asserts that the table's rows have room: 65 of them once shared 64 bits, and nobody was told. */
static void note_given(const struct l4r_usage *usage, const struct l4r_argument *row,
                       struct l4r_parsed *parsed) {
  assert(row - usage->arguments < L4R_ARG_ROWS);
  parsed->given[row - usage->arguments] = 1;
}

/* One "--name[=value]"; *i moves on when the value is the next word. */
static int parse_option(const struct l4r_usage *usage, int argc, char **argv, int *i, void *into,
                        struct l4r_parsed *parsed) {
  const char *name = argv[*i] + 2, *equals = strchr(name, '=');
  const size_t length = equals ? (size_t)(equals - name) : strlen(name);
  const struct l4r_argument *argument = find_argument(usage->arguments, name, length);
  if (!argument) return unknown_option(usage, parsed->kind, argv[*i]);
  char meta[160];
  note_given(usage, argument, parsed);
  if (argument->type == L4R_ARG_FLAG && !equals) {
    *(int *)((char *)into + argument->offset) = 1;
    return L4R_OK;
  }
  if (equals) return store_value(argument, equals + 1, into);
  if (*i + 1 >= argc)
    return l4r_fail(L4R_USAGE, "--%s wants a value: %s", argument->name,
                    l4r_argument_meta(argument, meta, sizeof meta));
  return store_value(argument, argv[++*i], into);
}

/* "-v" for the flag with that letter. */
static int parse_letter(const struct l4r_usage *usage, const char *given, void *into,
                        struct l4r_parsed *parsed) {
  for (const struct l4r_argument *a = usage->arguments; a->name; a++)
    if (a->letter && a->letter == given[1] && !given[2]) {
      assert(a->type == L4R_ARG_FLAG);
      *(int *)((char *)into + a->offset) = 1;
      note_given(usage, a, parsed);
      return L4R_OK;
    }
  return unknown_option(usage, parsed->kind, given);
}

/* Number of the kind that `word` names; -1: none. */
static int kind_of(const struct l4r_usage *usage, const char *word) {
  struct l4r_kind_word known;
  for (int k = 0; usage->kinds && usage->kinds(k, &known); k++)
    if (!strcmp(known.name, word)) return k;
  return -1;
}

/* The kind that argv names: its first word that is neither an option nor the value of one. */
static int find_kind(const struct l4r_usage *usage, int argc, char **argv) {
  for (int i = 1; i < argc && usage->kinds; i++) {
    if (argv[i][0] != '-') return kind_of(usage, argv[i]);
    const char *name = argv[i] + strspn(argv[i], "-");
    const struct l4r_argument *a = find_argument(usage->arguments, name, strlen(name));
    if (a && a->type != L4R_ARG_FLAG) i++;
  }
  return -1;
}

static int check_kinds(const struct l4r_usage *usage, const struct l4r_parsed *parsed) {
  struct l4r_kind_word word;
  if (!usage->kind_of || parsed->kind < 0) return L4R_OK;
  assert(usage->kinds); /* the kind was found by it */
  usage->kinds(parsed->kind, &word);
  for (int a = 0; usage->arguments[a].name; a++)
    if (parsed->given[a] && !l4r_argument_applies(&usage->arguments[a], parsed->kind))
      return l4r_fail(L4R_USAGE, "--%s has no meaning for %s %s", usage->arguments[a].name,
                      usage->kind_of, word.name);
  return L4R_OK;
}

/* A kind that is missing is the caller's to name, first. */
static int check_needed(const struct l4r_usage *usage, const struct l4r_parsed *parsed) {
  char meta[160];
  if (usage->kinds && !parsed->words.count) return L4R_OK;
  for (int a = 0; usage->arguments[a].name; a++)
    if (usage->arguments[a].is_needed && !parsed->given[a])
      return l4r_fail(L4R_USAGE, "--%s %s is missing: %s", usage->arguments[a].name,
                      l4r_argument_meta(&usage->arguments[a], meta, sizeof meta),
                      usage->arguments[a].help);
  return L4R_OK;
}

int l4r_arguments_parse(const struct l4r_usage *usage, int argc, char **argv, void *into,
                        struct l4r_parsed *parsed) {
  *parsed = (struct l4r_parsed){.kind = find_kind(usage, argc, argv)};
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      l4r_usage_print(usage, parsed->kind);
      parsed->helped = 1;
      return L4R_OK;
    }
  }
  l4r_arguments_preset(usage->arguments, parsed->kind, into);
  for (int i = 1; i < argc; ++i) {
    int status;
    if (strncmp(argv[i], "--", 2) == 0 && argv[i][2])
      status = parse_option(usage, argc, argv, &i, into, parsed);
    else if (argv[i][0] == '-' && argv[i][1])
      status = parse_letter(usage, argv[i], into, parsed);
    else
      status = add_to_list(&parsed->words, argv[i]);
    if (status) return status;
  }
  const int words = usage->kinds != NULL; /* the kind */
  if (!usage->positional && parsed->words.count > words)
    return l4r_fail(L4R_USAGE, "%s takes no%s positional arguments (got '%s')", usage->command,
                    words ? " further" : "", parsed->words.value[words]);
  const int status = check_kinds(usage, parsed);
  return status ? status : check_needed(usage, parsed);
}

int l4r_argument_given(const struct l4r_usage *usage, const struct l4r_parsed *parsed,
                       const char *name) {
  const struct l4r_argument *row = find_argument(usage->arguments, name, strlen(name));
  assert(row);
  return parsed->given[row - usage->arguments];
}

int l4r_argument_set(const struct l4r_usage *usage, const char *name, const char *value,
                     void *into) {
  const struct l4r_argument *row = find_argument(usage->arguments, name, strlen(name));
  assert(row && (row->type == L4R_ARG_FLAG) == !value);
  if (value) return store_value(row, value, into);
  *(int *)((char *)into + row->offset) = 1;
  return L4R_OK;
}
