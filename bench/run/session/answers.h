/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers of the timed part against those of the accuracy pass, matched by their content. */
#ifndef L4R_BENCH_RUN_SESSION_ANSWERS_H
#define L4R_BENCH_RUN_SESSION_ANSWERS_H

#include "bench/run/session/arm.h"
#include "bench/record/bundle.h"

/* What a history is recognised by: the first 60 bits of the SHA-256 of its items, as 32-bit numbers
 * in the order in which the engine was shown them. Pure. */
int64_t l4r_history_key(const l4r_item *history, int64_t length);

struct l4r_answers { /* rankings with what was asked; borrowed */
  int64_t count, room;
  const int64_t *user, *history; /* [count]; history: keys */
  const int64_t *length;         /* [count] items ranked */
  const l4r_item *item;          /* [count][room] */
  const float *score;
};

/* Adds arrays PREFIX_user, _history, _start, _item and _score (bits) to a bundle. */
int l4r_answers_add(struct l4r_bundle *bundle, const char *prefix, const struct l4r_answers *of);

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

/* Rankings logged in the timed part (log_* of a round) against those of the accuracy pass (ref_*),
 * matched by user and history key, whatever their order: at every place the scores agree within
 * 1e-5 + `tolerance` x the largest reference score (bits may depend on batch size), and an item
 * stands where its own reference score is within that tolerance of the place's: near-ties are
 * exchangeable. A timed list is as long as its reference, but for near-ties with that one's last
 * item. L4R_CHECK on the first that differs, with user, place and both items, or that answers a
 * request which the accuracy pass did not make. *seen adds up. */
int l4r_check_answers(const struct l4r_bundle *round, const struct l4r_bundle *accuracy,
                      double tolerance, struct l4r_answers_seen *seen);

#endif
