/* Counter groups as data (LIKWID's idea): the text files of bench/groups, which the build embeds.
 *
 *   SHORT one line
 *   EVENTS      our name, then the PAPI names to try in order
 *   METRICS     name = formula [unit], over our event names and `seconds`
 *   LONG        prose */
#ifndef L4R_BENCH_HARNESS_GROUP_H
#define L4R_BENCH_HARNESS_GROUP_H

enum { L4R_GROUP_EVENTS = 16, L4R_GROUP_METRICS = 16, L4R_EVENT_NAMES = 4 };

struct l4r_event {
  char name[32];
  char native[L4R_EVENT_NAMES][64];
  int natives;
};
struct l4r_metric {
  char name[32], formula[128], unit[40];
};
struct l4r_group {
  char name[32], about[128];
  struct l4r_event event[L4R_GROUP_EVENTS];
  struct l4r_metric metric[L4R_GROUP_METRICS];
  int events, metrics;
};

/* Parses a group's text. L4R_INPUT with name:line for an unknown section, too many rows, a formula
 * that does not parse or names an unknown event. */
int l4r_group_parse(const char *name, const char *text, struct l4r_group *group);
/* A built-in group ("default", "cache", "os"). L4R_USAGE lists them. */
int l4r_group_find(const char *name, struct l4r_group *group);
const char *l4r_group_names(void); /* "default, cache, os" */

/* Evaluates a formula of + - * / ( ) numbers and names. `value` gives a name's value and returns 0
 * when the name has none. Returns 0 on success; L4R_INPUT for a syntax error (position named);
 * L4R_CHECK when a name has no value or the result is not finite. */
typedef int l4r_name_value(void *context, const char *name, double *value);
int l4r_formula(const char *formula, l4r_name_value *value, void *context, double *result);

#endif
