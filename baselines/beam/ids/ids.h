/* SPDX-License-Identifier: BSD-3-Clause */
/* Item ids as P5 writes them, and their tokens.
 *
 * A generative recommender names an item by a short string, so the catalogue must be numbered, and
 * the numbering decides what the decoder can learn (Hua et al. 2023, "How to Index Item IDs for
 * Recommendation Foundation Models"). The numbers are part of the model: id_map.tsv in its folder
 * holds them, config.json has its hash, and a model with another map is refused, because with the
 * wrong map a decoder gives wrong recommendations with confidence.
 *
 * Numbers are made from the training part alone, semantic ones from the items' texts. P5's first
 * release numbered whole sequences, so that the test item's number followed those of the history,
 * and "largest id + 1" looked like a recommender. */
#ifndef L4R_BASELINES_BEAM_IDS_IDS_H
#define L4R_BASELINES_BEAM_IDS_IDS_H

#include "impl/base/team.h"
#include "impl/data/dataset.h"
#include "impl/model/config.h"
#include "impl/model/tokenizer.h"

#include <stdint.h>

enum { L4R_FIRST_ID = 1001 };                    /* the smallest number, as in OpenP5 */
enum { L4R_PATH_STEPS_MAX = 64 };                /* of a collaborative or semantic id */
enum { L4R_START_TOKEN = 0, L4R_END_TOKEN = 1 }; /* T5's <pad> and </s> */

struct l4r_id_map {
  int64_t items;
  int64_t *number; /* random, sequential: [items + 1], a permutation of L4R_FIRST_ID ..
                      L4R_FIRST_ID + items - 1; [0] unused */
  /* collaborative, semantic (number is NULL): item i has the path step[start[i-1]] ..
   * step[start[i]-1]; all steps count from 1. Clusters come from the root down, and last the place
   * in the smallest cluster. A path of one step is a place outside of all clusters. */
  int64_t *start; /* [items + 1] */
  int32_t *step;
  /* semantic: the codes before each path's last step, as many in all; a code means the same
   * whatever stands before it. 0: otherwise, where a cluster's number counts within the one above
   * it. */
  int64_t levels;
};

struct l4r_id_spec {
  enum l4r_id_scheme scheme;
  uint64_t seed;          /* random, collaborative, semantic */
  int64_t clusters, leaf; /* collaborative: see collaborate.h; 0: by the number of items */
  /* semantic: see semantic.h; 0 levels, codes, kept: 3 of 256, of 32 numbers */
  const float *vector; /* [items][width] */
  int64_t width, levels, codes, kept;
  struct l4r_team *team;
};

/* Numbers the catalogue. random: a permutation drawn from `seed`. sequential: by first appearance
 * in the users' training parts, users in order; items without training interactions come last in
 * ascending id. collaborative: collaborate.h. semantic: semantic.h. Reads only the training part.
 * L4R_USAGE for clusters, leaf, levels or codes out of range, and for semantic ids without vectors;
 * else what collaborate.h and semantic.h say. Free with l4r_id_map_free. */
int l4r_id_map_make(const struct l4r_dataset *dataset, const struct l4r_id_spec *spec,
                    struct l4r_id_map *map);
void l4r_id_map_free(struct l4r_id_map *map);

/* Compares two items' paths step by step; a prefix comes before the paths that it begins. Returns 0
 * for the same path. Pure. */
int l4r_id_path_compare(const struct l4r_id_map *map, int64_t a, int64_t b);

/* Of semantic ids: how many items have codes that others have too, and how many at most share them;
 * 0 and 1 where none do. Pure. */
void l4r_id_map_shared(const struct l4r_id_map *map, int64_t *items, int64_t *most);

/* Writes folder/id_map.tsv atomically, and its SHA-256 to `sha256`: a heading, then one line per
 * item, ascending: "item<TAB>number", or "item<TAB>path" with steps joined by "-":
 * "17<TAB>3-11-2". The heading calls a semantic path "codes". */
int l4r_id_map_write(const struct l4r_id_map *map, const char *folder, char sha256[65]);

/* Reads the map; the heading says which kind it is. L4R_INPUT, with file and line, unless each of
 * `items` items has a number and the numbers are a permutation, or each has a path and no two are
 * equal, and semantic paths are of one length; also when the file's SHA-256 is not `sha256` (from
 * config.json). */
int l4r_id_map_read(const char *folder, int64_t items, const char *sha256, struct l4r_id_map *map);

#endif
