/* SPDX-License-Identifier: BSD-3-Clause */
/* The map of the time claim: how much less time Lite takes than beam search, over beams, length of
 * ids, batch, decoder, item vectors, precision and engine. Cells that were measured are those of
 * two records; the others follow from a cost model (map_model.h). Everything says which it is. */
#ifndef L4R_BENCH_CLAIMS_MAP_H
#define L4R_BENCH_CLAIMS_MAP_H

#include "bench/claims/map_model.h"
#include "bench/claims/paper.h"

enum { L4R_MAP_BEAMS = 50, L4R_MAP_TOKENS = 8, L4R_MAP_BATCHES = 8, L4R_MAP_CLAIMS = 4 };

struct l4r_map_cell { /* of one number of beams and one length of ids */
  double saving;      /* 1 - time(Lite) / time(beam); NaN: neither measured nor modelled */
  double lo, hi;      /* 95 % interval over paired rounds; NaN where there is none */
  double modelled;    /* by the model, of a measured cell too, whose own times were left out */
  double ns[2];       /* of a user: Lite, beam */
  int is_measured;
};

struct l4r_map_plane {       /* beams by tokens, with all else fixed */
  char engine[32], lite[32]; /* that serves the beam search, and that serves Lite: "ours" where the
                                former serves no Lite */
  char decoder[24], vectors[16], precision[16];
  int64_t threads, batch;
  int64_t rests_on; /* measured beam searches, of any batch, beams and tokens, of its model */
  struct l4r_map_cell cell[L4R_MAP_TOKENS][L4R_MAP_BEAMS];
};

struct l4r_map {
  const char *size;             /* of the models */
  struct l4r_map_points points; /* private */
  struct l4r_map_plane *plane;
  int64_t planes;
  double claimed[L4R_MAP_CLAIMS]; /* of the paper, ascending */
  int claims;
  int64_t measured, modelled, spoiled; /* cells; spoiled: of records whose times `claims` judges
                                          not by, for the first reason below */
  char reason[384];
  double error[2]; /* of modelled cells' beam times: median and largest */
  int64_t errors;  /* cells that these are of */
};

/* Makes the map of the records of Lite and P5 models of that size. The paper's claims of time are
 * the contours. L4R_INPUT when records are of two machines (named) and when there is no pair of
 * Lite and beam search. Free with l4r_map_free, also after a failure. */
int l4r_map_make(const struct l4r_records *records, const struct l4r_paper *paper, const char *size,
                 struct l4r_map *map);
void l4r_map_free(struct l4r_map *map);

/* Writes folder/map.tsv with every cell, for plots/map.sh. */
int l4r_map_write(const struct l4r_map *map, const char *folder);

#endif
