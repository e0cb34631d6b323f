/* SPDX-License-Identifier: BSD-3-Clause */
/* Formulas of counter groups: a recursive descent over + - * / ( ) numbers and names. */
#include "bench/counters/formula.h"
#include "impl/base/error.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

struct reader {
  const char *text, *at;
  l4r_name_value *value;
  void *context;
  int status, depth;
};

static double read_sum(struct reader *reader);

static char peek(struct reader *reader) {
  while (isspace((unsigned char)*reader->at)) ++reader->at;
  return *reader->at;
}

static double fail_at(struct reader *reader, const char *what) {
  if (!reader->status)
    reader->status = l4r_fail(L4R_INPUT, "%s at position %d of '%s'", what,
                              (int)(reader->at - reader->text) + 1, reader->text);
  return 0;
}

static double read_name(struct reader *reader) {
  char name[32];
  size_t n = 0;
  while ((isalnum((unsigned char)*reader->at) || *reader->at == '_') && n + 1 < sizeof name)
    name[n++] = *reader->at++;
  name[n] = '\0';
  double value = 0;
  if (!reader->value(reader->context, name, &value) && !reader->status)
    reader->status = l4r_fail(L4R_CHECK, "'%s' has no value", name);
  return value;
}

static double read_factor(struct reader *reader) {
  const char c = peek(reader);
  if (c == '(') {
    if (++reader->depth > DEPTH_MAX) return fail_at(reader, "too deep");
    ++reader->at;
    const double value = read_sum(reader);
    if (peek(reader) != ')') return fail_at(reader, "')' missing");
    ++reader->at;
    --reader->depth;
    return value;
  }
  if (isdigit((unsigned char)c) || c == '.') {
    char *end;
    const double value = strtod(reader->at, &end);
    if (end == reader->at) return fail_at(reader, "not a number");
    reader->at = end;
    return value;
  }
  if (isalpha((unsigned char)c) || c == '_') return read_name(reader);
  return fail_at(reader, "a name, a number or '(' expected");
}

static double read_product(struct reader *reader) {
  double value = read_factor(reader);
  for (char c = peek(reader); !reader->status && (c == '*' || c == '/'); c = peek(reader)) {
    ++reader->at;
    const double factor = read_factor(reader);
    value = c == '*' ? value * factor : value / factor;
  }
  return value;
}

static double read_sum(struct reader *reader) {
  double value = read_product(reader);
  for (char c = peek(reader); !reader->status && (c == '+' || c == '-'); c = peek(reader)) {
    ++reader->at;
    const double term = read_product(reader);
    value = c == '+' ? value + term : value - term;
  }
  return value;
}

int l4r_formula(const char *formula, l4r_name_value *value, void *context, double *result) {
  struct reader reader = {formula, formula, value, context, L4R_OK, 0};
  const double computed = read_sum(&reader);
  if (!reader.status && peek(&reader)) fail_at(&reader, "unexpected text");
  if (!reader.status && !isfinite(computed))
    reader.status = l4r_fail(L4R_CHECK, "'%s' is not finite", formula);
  if (!reader.status) *result = computed;
  return reader.status;
}
