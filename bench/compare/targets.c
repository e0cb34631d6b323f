/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/compare/targets.h"

#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/number.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

int l4r_margin_parse(const char *option, const char *text, double *share) {
  char number[64];
  size_t n = strlen(text);
  if (!strcmp(text, "auto")) {
    *share = NAN;
    return L4R_OK;
  }
  const int percent = n > 1 && text[n - 1] == '%';
  if (percent) n--;
  if (n < sizeof number) {
    memcpy(number, text, n);
    number[n] = '\0';
    if (!l4r_parse_double(number, share)) {
      if (percent) *share /= 100;
      if (*share > 0 && *share < 1) return L4R_OK;
    }
  }
  return l4r_fail(L4R_USAGE, "%s wants a share between 0 and 1, like 3%% or .03, not '%.60s'",
                  option, text);
}

static int add(struct l4r_targets *targets, const struct l4r_target *target) {
  for (int t = 0; t < targets->count; t++) {
    const struct l4r_target *other = &targets->at[t];
    if (!strcmp(other->figure.name, target->figure.name) &&
        l4r_text_same(other->filter.arm, target->filter.arm) &&
        l4r_text_same(other->filter.scenario, target->filter.scenario) &&
        other->filter.threads == target->filter.threads)
      return l4r_fail(L4R_USAGE, "%s stands there twice for the same records", target->figure.name);
  }
  if (targets->count == L4R_TARGETS)
    return l4r_fail(L4R_USAGE, "at most %d figures can be compared at a time", L4R_TARGETS);
  targets->at[targets->count++] = *target;
  return L4R_OK;
}

static int add_named(struct l4r_targets *targets, const char *name, double margin, int is_guard) {
  struct l4r_target target = {.margin = margin, .is_guard = is_guard};
  const int status = l4r_figure_parse(name, &target.figure);
  return status ? status : add(targets, &target);
}

int l4r_targets_of_metrics(const char *metrics, double margin, struct l4r_targets *targets) {
  char copy[512], *rest = copy, *word;
  int status = L4R_OK;
  if (!metrics) {
    status = add_named(targets, "mean", margin, 0);
    if (!status) status = add_named(targets, "HR@10", margin, 1);
    return status ? status : add_named(targets, "NDCG@10", margin, 1);
  }
  if (l4r_text_set(copy, sizeof copy, "%s", metrics))
    return l4r_fail(L4R_USAGE, "--metric has more than %zu characters", sizeof copy);
  while (!status && (word = strsep(&rest, ","))) status = add_named(targets, word, margin, 0);
  return status ? l4r_fail_context(status, "--metric") : L4R_OK;
}

/* "p99=5%,HR@10=1%" */
static int parse_pairs(const char *gate, struct l4r_targets *targets) {
  char copy[1024], *rest = copy, *word;
  int status = L4R_OK;
  if (l4r_text_set(copy, sizeof copy, "%s", gate))
    return l4r_fail(L4R_USAGE, "--gate has more than %zu characters", sizeof copy);
  while (!status && (word = strsep(&rest, ","))) {
    char *equals = strchr(word, '=');
    double margin;
    if (!equals)
      return l4r_fail(L4R_USAGE, "--gate: '%.60s' names no margin, as p99=5%% does", word);
    *equals = '\0';
    status = l4r_margin_parse("--gate", equals + 1, &margin);
    if (!status) status = add_named(targets, word, margin, 0);
    if (status) return l4r_fail_context(status, "--gate %.60s", word);
  }
  return status;
}

static int fail_at(const char *path, size_t index, const char *what) {
  return l4r_fail(L4R_INPUT, "%s: gates[%zu]%s", path, index, what);
}

static int check_members(const char *path, size_t index, json_t *gate) {
  const char *name;
  json_t *value;
  json_object_foreach(gate, name, value) {
    if (!strcmp(name, "metric") || !strcmp(name, "arm") || !strcmp(name, "scenario")) {
      if (json_is_string(value)) continue;
      return l4r_fail(L4R_INPUT, "%s: gates[%zu].%s has to be a text", path, index, name);
    }
    if (!strcmp(name, "threads")) {
      if (json_is_integer(value) && json_integer_value(value) > 0) continue;
      return fail_at(path, index, ".threads has to be a number from 1 on");
    }
    if (!strcmp(name, "margin")) {
      if (json_is_string(value) || json_is_number(value)) continue;
      return fail_at(path, index,
                     ".margin has to be a text such as \"3%\" or \"auto\", or a share");
    }
    return l4r_fail(L4R_INPUT,
                    "%s: gates[%zu].%.60s is not known; a gate has metric, margin, arm, scenario "
                    "and threads",
                    path, index, name);
  }
  if (!json_object_get(gate, "metric")) return fail_at(path, index, " has no metric");
  return json_object_get(gate, "margin") ? L4R_OK : fail_at(path, index, " has no margin");
}

static const char *text_or_null(const json_t *object, const char *name) {
  return json_string_value(json_object_get(object, name));
}

static int add_from_file(const char *path, size_t index, json_t *gate,
                         struct l4r_targets *targets) {
  if (!json_is_object(gate)) return fail_at(path, index, " is not an object");
  int status = check_members(path, index, gate);
  if (status) return status;
  const json_t *margin = json_object_get(gate, "margin");
  struct l4r_target target = {.margin = json_number_value(margin),
                              .filter = {text_or_null(gate, "arm"), text_or_null(gate, "scenario"),
                                         json_integer_value(json_object_get(gate, "threads"))}};
  status = l4r_figure_parse(text_or_null(gate, "metric"), &target.figure);
  if (!status && json_is_string(margin))
    status = l4r_margin_parse("margin", json_string_value(margin), &target.margin);
  else if (!status && !(target.margin > 0 && target.margin < 1))
    status = l4r_fail(L4R_INPUT, "margin wants a share between 0 and 1");
  if (!status) status = add(targets, &target);
  return status ? l4r_fail_context(L4R_INPUT, "%s: gates[%zu]", path, index) : L4R_OK;
}

static int read_file(const char *path, struct l4r_targets *targets) {
  json_error_t error;
  json_t *root = targets->file = json_load_file(path, JSON_REJECT_DUPLICATES, &error), *gate;
  size_t index;
  if (!root)
    return error.line < 1 ? l4r_fail(L4R_INPUT, "--gate %s: %s", path, error.text)
                          : l4r_fail(L4R_INPUT, "%s:%d: %s", path, error.line, error.text);
  const json_t *gates = json_object_get(root, "gates");
  if (!json_is_array(gates) || !json_array_size(gates) || json_object_size(root) != 1)
    return l4r_fail(L4R_INPUT,
                    "%s: a file of gates is {\"gates\": [{\"metric\": \"p99\", \"margin\": "
                    "\"5%%\"}, ...]}",
                    path);
  int status = L4R_OK;
  json_array_foreach(gates, index, gate) {
    status = add_from_file(path, index, gate, targets);
    if (status) return status;
  }
  return status;
}

static int ends_with(const char *text, const char *end) {
  const size_t n = strlen(text), m = strlen(end);
  return n > m && !strcmp(text + n - m, end);
}

int l4r_targets_of_gate(const char *gate, const char *metrics, struct l4r_targets *targets) {
  double margin;
  const int is_file = ends_with(gate, ".json"), is_list = !is_file && strchr(gate, '=') != NULL;
  *targets = (struct l4r_targets){.count = 0};
  l4r_text_set(targets->source, sizeof targets->source, "%.200s", gate);
  if (metrics && (is_file || is_list))
    return l4r_fail(L4R_USAGE, "--gate %.60s names its figures itself; leave --metric out", gate);
  if (is_file) return read_file(gate, targets);
  if (is_list) return parse_pairs(gate, targets);
  const int status = l4r_margin_parse("--gate", gate, &margin);
  return status ? status : l4r_targets_of_metrics(metrics, margin, targets);
}

void l4r_targets_free(struct l4r_targets *targets) {
  json_decref(targets->file);
  *targets = (struct l4r_targets){.count = 0};
}
