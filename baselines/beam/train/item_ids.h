/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to baselines/beam/train: the item ids of a training. */
#ifndef L4R_BASELINES_BEAM_TRAIN_ITEM_IDS_H
#define L4R_BASELINES_BEAM_TRAIN_ITEM_IDS_H

#include "baselines/beam/train/state.h"

/* Makes task->map by the configuration's scheme and writes id_map.tsv, or reads the one of the run
 * to be resumed: eigenvectors and vectors of texts differ between processors, and another map
 * counts as other settings, which include its hash. Completes the configuration: id_map_sha256 and,
 * of semantic ids, which folder they are made of. Reads the training part and the texts. */
int l4r_beam_item_ids(struct beam_task *task);

#endif
