/* SPDX-License-Identifier: BSD-3-Clause */
/* The forms in which a table is printed. */
#ifndef L4R_BENCH_TABLE_FORMAT_H
#define L4R_BENCH_TABLE_FORMAT_H

enum l4r_table_format { L4R_FORMAT_TEXT, L4R_FORMAT_MARKDOWN, L4R_FORMAT_JSON };

#endif
