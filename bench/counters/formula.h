/* SPDX-License-Identifier: BSD-3-Clause */
/* Formulas of derived metrics. */
#ifndef L4R_BENCH_COUNTERS_FORMULA_H
#define L4R_BENCH_COUNTERS_FORMULA_H

/* Evaluates a formula of + - * / ( ) numbers and names. `value` gives a name's value and returns 0
 * when the name has none. Returns 0 on success; L4R_INPUT for a syntax error (position named);
 * L4R_CHECK when a name has no value or the result is not finite. */
typedef int l4r_name_value(void *context, const char *name, double *value);
int l4r_formula(const char *formula, l4r_name_value *value, void *context, double *result);

#endif
