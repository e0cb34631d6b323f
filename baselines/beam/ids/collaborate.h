/* SPDX-License-Identifier: BSD-3-Clause */
/* Collaborative item ids: an id is the item's place in a tree of clusters of the co-occurrence
 * graph (Hua et al. 2023, "How to Index Item IDs for Recommendation Foundation Models"; OpenP5). */
#ifndef L4R_BASELINES_BEAM_IDS_COLLABORATE_H
#define L4R_BASELINES_BEAM_IDS_COLLABORATE_H

#include "impl/data/dataset.h"

enum { L4R_CLUSTERS_MAX = 1000, L4R_PATH_LEVELS = 8 }; /* levels of clusters above a place */

struct l4r_collaborate_spec {
  int64_t clusters; /* per level, 2..L4R_CLUSTERS_MAX */
  int64_t leaf;     /* a cluster of more items than this is divided again, 2 or more */
  uint64_t seed;    /* of ARPACK's start vectors */
};

/* Sets the defaults of LLM-RecSys-ID: 20 clusters per level, until a cluster has at most 100 items
 * (MovieLens-1M) or, from 6,000 items on, 500 (Beauty, 12,101 items). Nothing is published for
 * small catalogues; they get one cluster for every 20 items. */
void l4r_collaborate_defaults(int64_t items, struct l4r_collaborate_spec *spec);

/* Makes the paths of all items. Item i has step[start[i-1]] .. step[start[i]-1]: the numbers, from
 * 1, of the clusters from the root down (the largest cluster is 1), and last its place in the
 * smallest cluster (the most popular item is 1, equal ones by item). Items without training
 * interactions have only a place, in a list of their own. Reads only the training parts. The result
 * is the same for the same seed on one machine; eigenvectors differ in their last bits between
 * processors, which may move an item on a border. The caller frees *start [items + 1] and *step
 * with l4r_free. */
int l4r_collaborate(const struct l4r_dataset *dataset, const struct l4r_collaborate_spec *spec,
                    int64_t **start, int32_t **step);

#endif
