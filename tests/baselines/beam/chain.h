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

/* Trains by options and returns the folder's path, which stays until the next of these calls. */
const char *chain_model(const struct l4r_beam_train_options *options);
/* Sets *dataset to chain_dataset("data", 0) and makes a model of it with random weights in folder
 * "model": of these ids; of semantic ids, where the small encoder says the same of items of one
 * colour; and behind prompts and answers as long as OpenP5's. */
const char *chain_ids_model(struct l4r_dataset **dataset, enum l4r_kind kind,
                            enum l4r_id_scheme scheme, enum l4r_id_form form);
const char *chain_semantic_model(struct l4r_dataset **dataset, enum l4r_kind kind);
const char *chain_worded_model(struct l4r_dataset **dataset, enum l4r_id_form form);

#endif
