/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the time of a request goes: the thread that serves asks the clock whenever one part of the
 * work ends and the next begins, so that the parts sum up to the whole. Who does not ask for it
 * passes NULL, and nothing is read.
 *
 * The functions are for the thread that serves alone, which is worker 0 of its team. */
#ifndef L4R_SPENT_H
#define L4R_SPENT_H

#include "impl/base/log.h"
#include "impl/engine.h"

enum l4r_spent_part {
  L4R_SPENT_PREPARING, /* histories laid out, item vectors or prompts looked up */
  L4R_SPENT_STARTING, /* from announcing work to the team until this thread begins with its share */
  L4R_SPENT_LOADING,  /* inputs into the encoder's memory */
  L4R_SPENT_NORMS,
  L4R_SPENT_PROJECTING, /* q, k and v */
  L4R_SPENT_ATTENTION,
  L4R_SPENT_ATTENTION_OUT, /* its output's product */
  L4R_SPENT_FEED_FORWARD,  /* with its norm */
  L4R_SPENT_READING_OUT,   /* from hidden states to a user's vector */
  L4R_SPENT_HEAD_PRODUCT,
  L4R_SPENT_BEST_K,
  L4R_SPENT_WAITING,   /* for the other workers, at barriers within the work */
  L4R_SPENT_ENDING,    /* for the other workers, at the end of the work */
  L4R_SPENT_DECODING,  /* a decoder's steps, with the waiting in them */
  L4R_SPENT_SEARCHING, /* among what they allow, and answers made into a ranking */
  L4R_SPENT_PARTS
};

struct l4r_spent {
  int64_t last; /* when the clock was asked */
  int64_t ns[L4R_SPENT_PARTS], times[L4R_SPENT_PARTS];
};

/* A request begins: what was before is nobody's. */
static inline void l4r_spent_begin(struct l4r_spent *spent) {
  if (spent) spent->last = l4r_now_ns();
}

/* What passed since the clock was last asked was `part`. */
static inline void l4r_spend(struct l4r_spent *spent, enum l4r_spent_part part) {
  if (!spent) return;
  const int64_t now = l4r_now_ns();
  spent->ns[part] += now - spent->last;
  spent->times[part]++;
  spent->last = now;
}

/* The parts that took any time, by name. */
void l4r_spent_budget(const struct l4r_spent *spent, struct l4r_budget *budget);

#endif
