/* SPDX-License-Identifier: BSD-3-Clause */
/* What a record says of its model and its data set. */
#ifndef L4R_BENCH_RUN_FACTS_H
#define L4R_BENCH_RUN_FACTS_H

#include "bench/run/session/arm.h"
#include "impl/data/dataset.h"

/* Facts for the record's "model" and "dataset". A model without config.json (one of a test engine)
 * has only its name there. */
int l4r_model_facts(const struct l4r_arm *arm, json_t **facts);
json_t *l4r_dataset_facts(const struct l4r_dataset *dataset);

#endif
