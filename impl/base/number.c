/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers that people write. */
#include "impl/base/number.h"

#include "impl/base/error.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

int l4r_parse_int(const char *text, int64_t *value) {
  char *end;
  errno = 0;
  const long long parsed = strtoll(text, &end, 10);
  const int starts = (text[0] >= '0' && text[0] <= '9') || text[0] == '-';
  if (!starts || end == text || *end || errno)
    return l4r_fail(L4R_INPUT, "'%.40s' is not a whole number", text);
  *value = parsed;
  return L4R_OK;
}

int l4r_parse_double(const char *text, double *value) {
  char *end;
  errno = 0;
  const double parsed = strtod(text, &end);
  const int starts = (text[0] >= '0' && text[0] <= '9') || text[0] == '-' || text[0] == '.';
  if (!starts || end == text || *end || !isfinite(parsed))
    return l4r_fail(L4R_INPUT, "'%.40s' is not a number", text);
  *value = parsed;
  return L4R_OK;
}
