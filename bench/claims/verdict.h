/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes verdicts from measured intervals. No verdict is typed by hand. */
#ifndef L4R_BENCH_CLAIMS_VERDICT_H
#define L4R_BENCH_CLAIMS_VERDICT_H

#include <stdint.h>

enum l4r_verdict { L4R_SUPPORTED, L4R_REFUTED, L4R_INCONCLUSIVE, L4R_NOT_TESTABLE };
const char *l4r_verdict_name(enum l4r_verdict verdict); /* "SUPPORTED", ..., "NOT TESTABLE HERE" */

struct l4r_gain { /* a relative figure with its 95 % interval */
  double value, lo, hi;
};

/* Returns SUPPORTED when all n intervals lie above `bound`, REFUTED when all lie below, else
 * INCONCLUSIVE; also INCONCLUSIVE when n < needed. Pure. */
enum l4r_verdict l4r_verdict_of(const struct l4r_gain *gain, int64_t n, int64_t needed,
                                double bound);

struct l4r_rank_pair { /* ranks of the same users (1: best, 0: miss) by two arms */
  const int64_t *a, *b;
};
struct l4r_gain_metric {
  int64_t users; /* number of users of every pair */
  int64_t depth; /* 10 or 20 */
  int ndcg;      /* 0: hit ratio */
  uint64_t seed; /* of the bootstrap */
};
/* Computes (HR of a - HR of b) / HR of b for each of `pairs` pairs, with the paired 95 % percentile
 * bootstrap over users (Efron and Tibshirani 1993, chapter 13). All pairs share the resamples,
 * which are drawn once; a pair's result does not depend on the other pairs, bit for bit. L4R_INPUT
 * when a b never hits (the ratio is undefined); L4R_ENVIRONMENT without memory. Thread-safe. */
int l4r_gains_of_ranks(const struct l4r_rank_pair *pair, int64_t pairs,
                       const struct l4r_gain_metric *metric, struct l4r_gain *gain);

/* Computes 1 - time(a) / time(b) from the mean times of n >= 2 paired rounds: Student's t on log
 * ratios, 95 %. */
int l4r_saving_of_rounds(const double *a, const double *b, int64_t n, struct l4r_gain *gain);

#endif
