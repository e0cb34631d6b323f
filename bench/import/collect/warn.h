/* SPDX-License-Identifier: BSD-3-Clause */
/* Warnings of an import. */
#ifndef L4R_BENCH_IMPORT_COLLECT_WARN_H
#define L4R_BENCH_IMPORT_COLLECT_WARN_H

#include "bench/import/import.h"

/* Adds a warning, a sentence, which is shown in the first lines; the last of too many are lost. */
void l4r_import_warn(struct l4r_import_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
