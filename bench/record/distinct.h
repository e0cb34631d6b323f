/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes names that tell records apart where they are shown. A record's arm is named by its engine,
 * the last part of its model's folder and its options, so two records with one name may be of
 * different things. What was measured is identified by model hash, data hash, options, k, pin and
 * machine key. */
#ifndef L4R_BENCH_RECORD_DISTINCT_H
#define L4R_BENCH_RECORD_DISTINCT_H

#include "bench/record/fields.h"

enum { L4R_DISTINCT = 160 }; /* bytes of a suffix with its NUL */

struct l4r_named { /* a record and the name under which it is shown */
  const struct l4r_record *record;
  const char *name;
  char suffix[L4R_DISTINCT]; /* "", or " [model 3fa2c1, k 50, pin core]" */
};

/* Gives each of the n records that shares its name with others a suffix of the attributes in which
 * they differ: model (first digits of its SHA-256), data set (likewise), k, pin, machine (first
 * digits of its key). Records that differ in none of them get "": they are repeated measurements of
 * one thing. The order of the array is kept. O(n log n). L4R_ENVIRONMENT without memory. */
int l4r_distinguish(struct l4r_named *named, int64_t n);
/* Does the same with only some attributes, an OR of these bits. */
enum {
  L4R_BY_MODEL = 1,
  L4R_BY_DATA = 2,
  L4R_BY_K = 4,
  L4R_BY_PIN = 8,
  L4R_BY_MACHINE = 16,
  L4R_BY_ALL = 31
};
int l4r_distinguish_by(struct l4r_named *named, int64_t n, unsigned by);

/* Returns 1 when the two records agree in all that l4r_distinguish looks at. Pure. */
int l4r_indistinct(const struct l4r_record *a, const struct l4r_record *b);

enum { L4R_DISTINCT_KEY = 512 };
/* Joins some of the attributes to one text that can serve as a key. Pure. */
void l4r_distinct_key(const struct l4r_record *record, unsigned by, char out[L4R_DISTINCT_KEY]);

#endif
