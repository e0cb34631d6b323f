/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/spent.h"

#include "impl/base/text.h"

void l4r_spent_budget(const struct l4r_spent *spent, struct l4r_budget *budget) {
  static const char *const names[L4R_SPENT_PARTS] = {
      [L4R_SPENT_PREPARING] = "preparing",
      [L4R_SPENT_STARTING] = "starting workers",
      [L4R_SPENT_LOADING] = "loading inputs",
      [L4R_SPENT_NORMS] = "norms",
      [L4R_SPENT_PROJECTING] = "q, k and v",
      [L4R_SPENT_ATTENTION] = "attention",
      [L4R_SPENT_ATTENTION_OUT] = "attention's output",
      [L4R_SPENT_FEED_FORWARD] = "feed-forward",
      [L4R_SPENT_READING_OUT] = "reading out",
      [L4R_SPENT_HEAD_PRODUCT] = "head's product",
      [L4R_SPENT_BEST_K] = "best k",
      [L4R_SPENT_WAITING] = "waiting at barriers",
      [L4R_SPENT_ENDING] = "waiting at the end",
      [L4R_SPENT_DECODING] = "decoder's steps",
      [L4R_SPENT_SEARCHING] = "searching",
  };
  *budget = (struct l4r_budget){0};
  for (int p = 0; p < L4R_SPENT_PARTS; p++) {
    if (!spent->times[p]) continue;
    struct l4r_budget_part *part = &budget->part[budget->parts++];
    l4r_text_set(part->name, sizeof part->name, "%s", names[p]);
    part->ns = spent->ns[p];
    part->times = spent->times[p];
  }
}
