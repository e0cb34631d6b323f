/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/options.h"

#include "bench/machine/pin.h"
#include "impl/base/error.h"

const char *const l4r_scenario_names[] = {[L4R_SINGLE_STREAM] = "single-stream",
                                          [L4R_MULTI_STREAM] = "multi-stream",
                                          [L4R_OFFLINE] = "offline",
                                          [L4R_SERVER] = "server",
                                          [L4R_SCENARIOS] = NULL};

#define ROW(KIND, member, text, of, phrase, ...)                                                   \
  {.name = text,                                                                                   \
   .type = L4R_ARG_##KIND,                                                                         \
   .meta = of,                                                                                     \
   .help = phrase,                                                                                 \
   .offset = offsetof(struct l4r_run_options, member),                                             \
   .json = #member,                                                                                \
   __VA_ARGS__},
#define HERE(...) ROW(__VA_ARGS__, .in = 0)
#define JOB(...)  ROW(__VA_ARGS__, .in = L4R_IN_JOB)
#define RECORD(KIND, member, text, of, phrase, record, ...)                                        \
  ROW(KIND, member, text, of, phrase, .in = L4R_IN_RECORD, __VA_ARGS__)
#define JOB_RECORD(KIND, member, text, of, phrase, record, ...)                                    \
  ROW(KIND, member, text, of, phrase, .in = L4R_IN_JOB | L4R_IN_RECORD, __VA_ARGS__)

const struct l4r_argument l4r_run_arguments[] = {
#include "bench/record/run_options.inc.h"
    {0}};

json_t *l4r_option_json(const struct l4r_argument *row, const void *from) {
  const void *at = (const char *)from + row->offset;
  switch (row->type) {
  case L4R_ARG_TEXT:
    return json_string(*(const char *const *)at);
  case L4R_ARG_INT:
    return json_integer(*(const int64_t *)at);
  case L4R_ARG_REAL:
    return json_real(*(const double *)at);
  case L4R_ARG_FLAG:
  case L4R_ARG_CHOICE:
    return json_integer(*(const int *)at);
  default:
    return NULL;
  }
}

static int read_small(const json_t *value, int most, int *into) {
  const json_int_t number = json_integer_value(value);
  if (!json_is_integer(value) || number < 0 || number > most) return 1;
  *into = (int)number;
  return 0;
}

int l4r_option_read(const struct l4r_argument *row, const json_t *value, void *into) {
  void *at = (char *)into + row->offset;
  int choices = 0;
  switch (row->type) {
  case L4R_ARG_TEXT:
    *(const char **)at = json_string_value(value);
    return !json_is_string(value);
  case L4R_ARG_INT:
    *(int64_t *)at = json_integer_value(value);
    return !json_is_integer(value) || !l4r_range_holds(&row->range, (double)*(int64_t *)at);
  case L4R_ARG_REAL:
    *(double *)at = json_number_value(value);
    return !json_is_number(value) || !l4r_range_holds(&row->range, *(double *)at);
  case L4R_ARG_FLAG:
    return read_small(value, 1, at);
  case L4R_ARG_CHOICE:
    while (row->choices[choices]) choices++;
    return read_small(value, choices - 1, at);
  default:
    return 1;
  }
}

json_t *l4r_options_settings(const struct l4r_run_options *options) {
  json_t *settings = json_object();
  int failed = !settings;
  for (const struct l4r_argument *row = l4r_run_arguments; row->name; row++)
    if (row->in & L4R_IN_RECORD)
      failed |= json_object_set_new(settings, row->json, l4r_option_json(row, options));
  if (!failed) return settings;
  json_decref(settings);
  l4r_fail(L4R_ENVIRONMENT, "no memory for a record's settings");
  return NULL;
}
