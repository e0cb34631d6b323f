/* SPDX-License-Identifier: BSD-3-Clause */
/* Recomputes a record's figures from its raw samples. This finds accidents (a damaged file, an
 * edited figure, a program that computes something else) but not fraud: it cannot notice samples
 * and a record that were edited together. */
#ifndef L4R_BENCH_DERIVE_VERIFY_H
#define L4R_BENCH_DERIVE_VERIFY_H

#include "bench/record/record.h"

#include <jansson.h>
#include <stdint.h>

struct l4r_verified {
  int allow_missing;   /* in: 1 counts missing samples instead of failing */
  int64_t figures;     /* numbers compared */
  int64_t differences; /* reported */
  int64_t missing;     /* records without samples beside them */
  int64_t unbound;     /* records whose samples do not say what they belong to (bound.h) */
  int64_t below;       /* records whose ceiling is below their work: an error of the record */
  int64_t rivals;      /* records that have sgemm's speed in place of a ceiling */
  json_t *accuracy;    /* figures by the hash of their ranks, which records share; NULL at first,
                          json_decref at the end */
};

/* Called for each difference with "file:line", the field's path ("latency_ns.p50.value") and what
 * differs. */
typedef void l4r_difference(void *context, const char *where, const char *field, const char *what);

/* Checks one record as l4r_records_read gives it: its own hash, the hashes of its sample files,
 * that these belong to this record (bound.h) and are complete (whole.h), and compares accuracy,
 * rounds with their slowest calls, latency_ns, users_per_second, server, overhead_ns, counters and
 * resources.peak_rss_bytes with what the samples give. Differences are reported and counted but are
 * not an error. L4R_INPUT, with file and line, when samples are damaged or, unless allowed,
 * missing. */
int l4r_record_verify(const struct l4r_record *record, l4r_difference *report, void *context,
                      struct l4r_verified *verified);

#endif
