/* SPDX-License-Identifier: BSD-3-Clause */
/* Item ids as P5 writes them, and their tokens.
 *
 * A generative recommender names an item by a short string, so the catalogue has to be numbered,
 * and the numbering decides what the decoder can learn (Hua et al. 2023, "How to Index Item IDs for
 * Recommendation Foundation Models"). The numbers are part of the model: they
 * are stored in its folder as id_map.tsv, hashed in config.json, and a model whose map is another
 * one is refused, because a decoder with a strange map recommends confidently and wrongly.
 *
 * Numbers are made from the training part alone. P5's first release numbered whole sequences, so
 * that the test item stood next to the history and "largest id + 1" looked like a recommender. */
#ifndef L4R_BASELINES_BEAM_IDS_IDS_H
#define L4R_BASELINES_BEAM_IDS_IDS_H

#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/model/tokenizer.h"

#include <stdint.h>

enum { L4R_FIRST_ID = 1001 };                    /* the smallest number, as OpenP5 has it */
enum { L4R_PATH_STEPS_MAX = 64 };                /* of a collaborative id */
enum { L4R_START_TOKEN = 0, L4R_END_TOKEN = 1 }; /* T5's <pad> and </s> */

struct l4r_id_map {
  int64_t items;
  int64_t *number; /* random, sequential: [items + 1], a permutation of L4R_FIRST_ID ..
                      L4R_FIRST_ID + items - 1; [0] unused */
  /* collaborative (number is NULL): item i's path is step[start[i-1]] .. step[start[i]-1], all from
     1 on: clusters from the root down, and last the place in the smallest of them. A path of one
     step is a place outside of all clusters */
  int64_t *start; /* [items + 1] */
  int32_t *step;
};

struct l4r_id_spec {
  enum l4r_id_scheme scheme;
  uint64_t seed;          /* random, collaborative */
  int64_t clusters, leaf; /* collaborative: see collaborate.h; 0: by the number of items */
};

/* Numbers the catalogue. random: a permutation drawn from `seed`. sequential: by first appearance
 * in the users' training parts, users in order, items never trained on after the others in
 * ascending id. collaborative: collaborate.h. Reads the training part only. L4R_USAGE for clusters
 * or leaf out of range. Free with l4r_id_map_free. */
int l4r_id_map_make(const struct l4r_dataset *dataset, const struct l4r_id_spec *spec,
                    struct l4r_id_map *map);
void l4r_id_map_free(struct l4r_id_map *map);

/* Compares two items' paths step by step; a prefix comes before the paths that it begins. Returns 0
 * for the same path. Pure. */
int l4r_id_path_compare(const struct l4r_id_map *map, int64_t a, int64_t b);

/* Writes folder/id_map.tsv atomically, and its SHA-256 to `sha256`: a heading, then an item a line,
 * ascending: "item<TAB>number", or "item<TAB>path" with steps joined by "-": "17<TAB>3-11-2". */
int l4r_id_map_write(const struct l4r_id_map *map, const char *folder, char sha256[65]);

/* Reads it again; the heading says which. L4R_INPUT with file and line unless every one of `items`
 * items has a number and the numbers are a permutation, or a path and no two are the same; or when
 * the file's SHA-256 is not `sha256` (the one in config.json). */
int l4r_id_map_read(const char *folder, int64_t items, const char *sha256, struct l4r_id_map *map);

#endif
