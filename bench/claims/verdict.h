/* How a verdict is computed from measured intervals; nothing here is typed by hand. */
#ifndef L4R_BENCH_CLAIMS_VERDICT_H
#define L4R_BENCH_CLAIMS_VERDICT_H

#include <stdint.h>

enum l4r_verdict { L4R_SUPPORTED, L4R_REFUTED, L4R_INCONCLUSIVE, L4R_NOT_TESTABLE };
const char *l4r_verdict_name(enum l4r_verdict verdict); /* "SUPPORTED", ..., "NOT TESTABLE HERE" */

struct l4r_gain { /* a relative figure with its 95 % interval */
  double value, lo, hi;
};

/* SUPPORTED when every one of n intervals lies above `bound`, REFUTED when every one lies below,
 * else INCONCLUSIVE; INCONCLUSIVE too when n < needed. Pure. */
enum l4r_verdict l4r_verdict_of(const struct l4r_gain *gain, int64_t n, int64_t needed,
                                double bound);

/* (HR of a - HR of b) / HR of b for one metric from ranks of the same n users (1 = best, 0 = miss),
 * with the paired 95 % percentile bootstrap over users. `depth` 10 or 20; ndcg 0: hit ratio.
 * L4R_INPUT when b never hits (the gain is undefined); L4R_ENVIRONMENT without memory. */
int l4r_gain_of_ranks(const int64_t *a, const int64_t *b, int64_t n, int64_t depth, int ndcg,
                      uint64_t seed, struct l4r_gain *gain);

/* 1 - time(a) / time(b) from n >= 2 paired rounds' mean times: Student's t on log ratios, 95 %. */
int l4r_saving_of_rounds(const double *a, const double *b, int64_t n, struct l4r_gain *gain);

#endif
