/* SPDX-License-Identifier: BSD-3-Clause */
/* A data set whose users walk along a ring of items, so that the next item is certain: small enough
 * to be learnt in seconds, and a model that has learnt anything shows it. */
#ifndef L4R_TESTS_BEAM_CHAIN_H
#define L4R_TESTS_BEAM_CHAIN_H

#include "baselines/beam/train/train.h"
#include "impl/data/dataset.h"

enum { CHAIN_ITEMS = 40, CHAIN_USERS = 80, CHAIN_LENGTH = 12 };

/* Writes it below the test's folder under `name`, opened with TRAIN, VALIDATION and TEXT.
 * `first` shifts where the users begin, which makes another data set. */
struct l4r_dataset *chain_dataset(const char *name, int first);

/* The data set of `first` 0 with every user's test item another one if `other`. */
struct l4r_dataset *chain_dataset_tested(const char *name, int other);

/* Options for a tiny model of a kind in folder `out` of the test's folder, trained on the data
 * set; epochs 0. */
struct l4r_beam_train_options chain_options(const struct l4r_dataset *dataset, enum l4r_kind kind,
                                            const char *out);

/* The same with semantic ids of a small BERT's vectors: three levels of `codes`. Close
 * *encoder with l4r_pretrained_close after the training. */
struct l4r_beam_train_options chain_semantic(const struct l4r_dataset *dataset, enum l4r_kind kind,
                                             const char *out, int64_t codes,
                                             struct l4r_pretrained **encoder);

#endif
