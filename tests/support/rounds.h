/* SPDX-License-Identifier: BSD-3-Clause */
/* Records with chosen rounds, whole: samples and ranks beside them, figures derived, sealed, so
 * that they verify. Everything asserts. */
#ifndef L4R_TESTS_SUPPORT_ROUNDS_H
#define L4R_TESTS_SUPPORT_ROUNDS_H

#include <jansson.h>

enum { TEST_ROUNDS_MAX = 32 };
struct test_rounds {
  const char *arm;        /* NULL: "blis@lite" */
  const char *cpu;        /* NULL: "A processor" */
  const char *key;        /* manifest.machine_key; NULL: none */
  const char *time, *git; /* NULL: a day of 2026, "abc1234" */
  const char *scenario;   /* NULL: single-stream */
  int threads;            /* 0: 1 */
  int users;              /* 0: 400, of which the percentiles are of */
  int seed;               /* settings.seed */
  double gops,
      flops;       /* ceiling of fp32 in each round, by AVX-512, and the work of a user; 0: none */
  int rounds, gap; /* gap > 0: that round's number is left out, the later ones are higher */
  int users_lost;  /* every so many-th user's item is not ranked; 0: all are */
  double weights, cold; /* bytes, and ns of the first request; 0: the record lacks them */
  double
      ns[TEST_ROUNDS_MAX]; /* mean of each round; a user's latencies spread by +-20 % around it */
};

json_t *test_rounds_record(const char *folder, const struct test_rounds *wanted);
/* Seals and writes it as folder/NAME.jsonl of the scratch folder; the path, as test_path's. */
const char *test_rounds_file(const char *folder, const char *name,
                             const struct test_rounds *wanted);

#endif
