/* SPDX-License-Identifier: BSD-3-Clause */
/* A small data set and Lite models of random weights, written to the scratch folder; and scores
 * worked out straight from the definition, one item and one user at a time. */
#ifndef L4R_TESTS_LITE_WORLD_H
#define L4R_TESTS_LITE_WORLD_H

#include "impl/data/dataset.h"
#include "impl/engine.h"
#include "impl/model/model.h"

enum { WORLD_ITEMS = 40, WORLD_USERS = 12, WORLD_HISTORY = 6, WORLD_MODELS = 6 };

struct world {
  struct l4r_dataset *dataset;
  char model[4096]; /* folder */
};
/* Model `number` of WORLD_MODELS: they differ in every setting that serving knows; number 4 is a
 * SASRec, and 5 has gates and SwiGLU. */
void test_world_make(int number, struct world *world);
void test_world_close(struct world *world);
/* How the configuration of a model is changed before it is written. */
void test_world_config(int number, struct l4r_model_config *config);

/* scores[WORLD_ITEMS] of a history by definition, on the reference stack, nothing batched. */
void test_world_scores(const struct world *world, const l4r_item *history, int64_t length,
                       float *scores);

#endif
