/* SPDX-License-Identifier: BSD-3-Clause */
/* Recomputes what a record says from its raw samples. What that proves is accidents (a damaged
 * file, an edited figure, a program that computed otherwise), not honesty: who edits samples and
 * record together is not found. */
#ifndef L4R_BENCH_DERIVE_VERIFY_H
#define L4R_BENCH_DERIVE_VERIFY_H

#include "bench/record/record.h"

#include <jansson.h>
#include <stdint.h>

struct l4r_verified {
  int allow_missing;   /* in: 1: samples that are not there are counted, not an error */
  int64_t figures;     /* numbers compared */
  int64_t differences; /* reported */
  int64_t missing;     /* records without samples beside them */
  int64_t unbound;     /* records whose samples do not say what they are of (bound.h) */
  json_t *accuracy;    /* figures by the hash of their ranks, which records share; NULL first,
                        * json_decref at the end */
};

/* Called for each difference with "file:line", the field's path ("latency_ns.p50.value") and what
 * is wrong. */
typedef void l4r_difference(void *context, const char *where, const char *field, const char *what);

/* Checks one record as l4r_records_read gives it: its own hash, the hashes of its sample files,
 * that these are of this record (bound.h) and all there is (whole.h), and accuracy, rounds (their
 * slowest calls too), latency_ns, users_per_second, server, overhead_ns, counters and
 * resources.peak_rss_bytes against what the samples give. Differences are reported and counted,
 * never an error; L4R_INPUT when samples are damaged or, unless allowed, missing (that too is said
 * with file and line). */
int l4r_record_verify(const struct l4r_record *record, l4r_difference *report, void *context,
                      struct l4r_verified *verified);

#endif
