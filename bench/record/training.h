/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the log of a training, training.jsonl in a model folder: one JSON object per epoch. */
#ifndef L4R_BENCH_RECORD_TRAINING_H
#define L4R_BENCH_RECORD_TRAINING_H

#include "bench/stats/trend.h"

#include <jansson.h>
#include <stdint.h>

struct l4r_training_epoch { /* NaN where the log does not say */
  double epoch, seconds;    /* seconds of the whole training up to the epoch's end */
  double loss, hr10, ndcg10, users;
  int best; /* 1 when it was the best so far on validation */
};

struct l4r_training_log {
  struct l4r_training_epoch *epoch; /* [epochs] */
  int64_t epochs;
  json_t *line; /* the objects as read, for fields that are not above */
};

/* Reads a log. L4R_INPUT, with file and line, when it is not a log or has no epoch. Free with
 * l4r_training_free, also after a failure. */
int l4r_training_read(const char *path, struct l4r_training_log *log);
void l4r_training_free(struct l4r_training_log *log);

/* Returns the epoch that was kept, the last one marked best; NULL when there is none. */
const struct l4r_training_epoch *l4r_training_best(const struct l4r_training_log *log);

/* Estimates where validation NDCG@10 stands at the end and where it goes (bench/stats/trend.h). */
int l4r_training_trend(const struct l4r_training_log *log, struct l4r_trend *trend);

#endif
