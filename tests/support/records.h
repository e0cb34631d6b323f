/* SPDX-License-Identifier: BSD-3-Clause */
/* Hand-made records with their samples beside them. Everything asserts. */
#ifndef L4R_TESTS_SUPPORT_RECORDS_H
#define L4R_TESTS_SUPPORT_RECORDS_H

#include <jansson.h>
#include <stdint.h>

struct test_record {
  const char *arm, *dataset, *scenario;
  int threads, users; /* users: distinct ones of the samples */
  double ns, hits;    /* median of the samples; HR@10 under mask, .1 less under keep */
  double tick_ns;     /* of the clock; 0: not stated */
  double rate;        /* scenario server: asked for, the bound being 10 ms; else 0 */
};

/* A record with figures and samples of `users` latencies, ns * (1 + .001 * (i - users / 2)), each
 * twice; the samples go into the scratch folder's `folder`. Withheld percentiles as a run's. */
json_t *test_record(const char *folder, struct test_record wanted);
/* Writes records as folder/NAME.jsonl of the scratch folder and frees them. Those that are not
 * sealed yet are; where a test has set figures that do not follow from the samples, the record
 * loses their name first. */
void test_records(const char *folder, const char *name, json_t *const *record, int records);

/* record[one][two], borrowed; NULL where it is not there. */
const json_t *test_at(const json_t *record, const char *one, const char *two);
/* 1 when the record warns of `kind` and says that this spoils its figures. */
int test_spoiled(const json_t *record, const char *kind);
/* 1 when others had the processor for a tenth of every round: half of the time cannot be told from
 * all of it then. */
int test_was_crowded(const json_t *record);

#endif
