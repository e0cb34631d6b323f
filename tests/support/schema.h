/* SPDX-License-Identifier: BSD-3-Clause */
/* As much of JSON Schema (draft 7) as results/schema.json uses; an unknown keyword fails the test.
 */
#ifndef L4R_TESTS_SUPPORT_SCHEMA_H
#define L4R_TESTS_SUPPORT_SCHEMA_H

#include <jansson.h>
#include <stddef.h>

/* 1 when `value` is valid; else 0 and what is wrong where in fault[size]. Asserts that the schema
 * itself is understood. */
int test_schema_valid(const json_t *schema, const json_t *value, char *fault, size_t size);

/* 1 when the schema describes every member of `value`, wherever it lists members at all; else 0 and
 * which it does not. `value` must be valid. */
int test_schema_names(const json_t *schema, const json_t *value, char *fault, size_t size);

#endif
