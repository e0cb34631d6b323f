/* SPDX-License-Identifier: BSD-3-Clause */
/* Describes the table of members (bench/record/fields.h) to readers that do not read C. */
#ifndef L4R_BENCH_RECORD_DESCRIBE_H
#define L4R_BENCH_RECORD_DESCRIBE_H

/* Returns results/schema.json: JSON Schema, draft 7. The caller frees it with free(). NULL with a
 * message where memory is short. */
char *l4r_describe_schema(void);
/* Returns the members as Markdown tables, one per object, for bench/record/README.md; otherwise the
 * same. */
char *l4r_describe_members(void);

#endif
