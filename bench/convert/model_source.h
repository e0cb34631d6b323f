/* SPDX-License-Identifier: BSD-3-Clause */
/* A model folder about to be exported, and what it is served with. */
#ifndef L4R_BENCH_CONVERT_MODEL_SOURCE_H
#define L4R_BENCH_CONVERT_MODEL_SOURCE_H

#include "impl/data/dataset.h"
#include "impl/model/model.h"

struct l4r_model_source {
  struct l4r_model *model;
  struct l4r_dataset *dataset; /* NULL where none was given */
  float *table;                /* [items + 1][D], row 0 zeros, once asked for; else NULL */
};
/* `data` NULL: no data set. L4R_INPUT for a folder without a model, L4R_USAGE for a kind made of
 * counts; else the statuses of opening both. */
int l4r_model_source_open(const char *folder, const char *data, struct l4r_model_source *source);
void l4r_model_source_close(struct l4r_model_source *source);

/* Fills `table`, row i is item i, with what the Item LLM makes of the catalogue (its cache, else
 * the texts of the data set, else L4R_USAGE), or the rows of the items. */
int l4r_model_source_vectors(struct l4r_model_source *source);

#endif
