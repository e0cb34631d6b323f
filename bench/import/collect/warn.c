/* SPDX-License-Identifier: BSD-3-Clause */
/* What an import says beside its figures. */
#include "bench/import/collect/warn.h"
#include "bench/import/import.h"

#include <stdarg.h>
#include <stdio.h>

void l4r_import_warn(struct l4r_import_report *report, const char *format, ...) {
  if (report->warnings == L4R_WARNINGS) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(report->warning[report->warnings++], sizeof report->warning[0], format, arguments);
  va_end(arguments);
}
