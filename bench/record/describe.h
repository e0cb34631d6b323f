/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of members (bench/record/fields.h) for readers that do not read C. */
#ifndef L4R_BENCH_RECORD_DESCRIBE_H
#define L4R_BENCH_RECORD_DESCRIBE_H

/* results/schema.json: JSON Schema, draft 7. The caller's, for free(); NULL with a message where
 * memory is short. */
char *l4r_describe_schema(void);
/* The members as tables in Markdown, an object each, for results/README.md. Likewise. */
char *l4r_describe_members(void);

#endif
