/* SPDX-License-Identifier: BSD-3-Clause */
/* A control that recommends the ids after the largest id of the history. It learns nothing and must
 * score nothing. Where it scores, the numbering reveals answers (P5's first release reaches NDCG@10
 * .0450 on Beauty and Toys, because whole sequences were numbered in order). */
#ifndef L4R_CONTROLS_LARGEST_ID_H
#define L4R_CONTROLS_LARGEST_ID_H

#include "impl/engine.h"

/* Named "largest-id". With a model whose item ids are numbers (p5, p5-head, lite-beam), the ids are
 * those of its id_map.tsv; L4R_INPUT when the model was trained on another data set. With a folder
 * that holds no model (such as the data set's own), they are the data set's ids. Item x scores
 * minus its place in the order largest + 1, largest + 2, ..., I, 1, ..., largest, so scores are
 * never equal up to 2^24 items (L4R_USAGE above). No options. */
extern const struct l4r_engine l4r_engine_largest_id;

#endif
