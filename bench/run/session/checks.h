/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks that must hold before a figure is believed. All are pure and return L4R_CHECK with the
 * evidence. */
#ifndef L4R_BENCH_RUN_SESSION_CHECKS_H
#define L4R_BENCH_RUN_SESSION_CHECKS_H

#include "bench/run/session/arm.h"
#include "bench/record/bundle.h"

/* How far apart two answers to one request may be, as a share of its largest score. 1e-4: this
 * project's engines in any precision, and all in fp32, where bits alone depend on who else asks.
 * Another project's engine in fewer bits may round what it computes by who else asks, such as by
 * one scale for a whole batch: bf16 four of its steps of 1/256, fp16 four of 1/2048, int8 eight of
 * 1/128, because its steps are those of the largest value. A model's products in sequence add up to
 * about half of that (PyTorch's dynamic int8: .040 at t5-small, .028 on a trained mini model). Any
 * other precision is held to 1e-4. Pure. */
double l4r_answer_tolerance(const struct l4r_arm *arm, const char *precision);

/* What comparing answers has seen. */
struct l4r_answers_seen {
  int64_t compared;
  double difference; /* the largest of a score at its place, as a share of the answer's largest */
};

/* Rankings logged in the timed part (log_* of a round) against those of the accuracy pass (ref_*):
 * at every place the scores agree within 1e-5 + `tolerance` x the largest reference score (bits may
 * depend on batch size), and an item stands where its own reference score is within that tolerance
 * of the place's: near-ties are exchangeable. A timed list is as long as its reference, but for
 * near-ties with that one's last item. L4R_CHECK on the first that differs, with request, place and
 * both items. *seen adds up. */
int l4r_check_answers(const struct l4r_bundle *round, const struct l4r_bundle *accuracy,
                      double tolerance, struct l4r_answers_seen *seen);

/* Repeats against fresh requests, pairs of all rounds: the median of repeat / fresh with its 95 %
 * order-statistic interval. L4R_CHECK when its upper end is below .8 and the median saving at least
 * 5 microseconds (less is what the processor's own caches save): answers come from a cache.
 * Below 6 pairs nothing is judged and lo = hi = 0. */
struct l4r_repeats {
  int64_t pairs;
  double ratio, lo, hi;
};
int l4r_check_repeats(const struct l4r_bundle *round, int rounds, struct l4r_repeats *repeats);

/* The same of requests of the sample against histories that no file holds (novel.h), with the same
 * bounds to both sides (.8 and 1.25): what is quicker for the sample was looked up, what is quicker
 * for the others was not computed. The quickest tenth of both has to say the same, since the pairs'
 * order is not free and others may take the processor at its rhythm. */
int l4r_check_novel(const struct l4r_bundle *round, int rounds, struct l4r_repeats *known);

/* Holds a description against facts that are known from outside: precision and stack must be those
 * that the arm asked for, the ISA one that this processor has, and the BLIS kernels those that BLIS
 * itself reports. */
int l4r_check_description(const struct l4r_arm *arm, const json_t *description);
/* Two processes of one arm must have taken the same kernels, ISA, precision and settings. */
int l4r_check_same_kernels(const struct l4r_arm *arm, const json_t *one, const json_t *other);

#endif
