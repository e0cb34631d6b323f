/* SPDX-License-Identifier: BSD-3-Clause */
/* Times of cells that nobody measured. A user's time is modelled as the sum of three parts:
 *
 *   operations / rate  +  bytes / bandwidth  +  steps x overhead
 *
 * with the engines' own counts of operations and bytes (baselines/beam/work.h, and what a record
 * says of Lite's stages), bytes of weights shared by the users of a call, and a step as a call of
 * the decoder. The three rates, none negative, are those that fit the measured cells of one side,
 * engine, decoder or item vectors, precision and number of threads best, by least squares of
 * relative errors. */
#ifndef L4R_BENCH_CLAIMS_MAP_MODEL_H
#define L4R_BENCH_CLAIMS_MAP_MODEL_H

#include "bench/record/read.h"
#include "impl/model/config.h"

enum { L4R_MAP_PARTS = 3 };

struct l4r_map_point { /* a record */
  const struct l4r_record *record;
  int is_beam;
  char engine[32]; /* "ours", "torch", ... */
  char way[24];    /* of beam: plain, cached, trie-head, no-trie; of Lite: cached, live */
  char precision[16];
  int64_t threads, batch, beams, tokens; /* of Lite beams and tokens are 0 */
  double ns;                             /* of a user, the mean */
  double work[L4R_MAP_PARTS];
};

struct l4r_map_model { /* what a P5 of other beams and ids would be like */
  struct l4r_t5_shape shape;
  double items, history;
  double length[16]; /* [tokens] of the prompt; NaN: no model of such ids was measured */
};

struct l4r_map_points {
  struct l4r_map_point *at;
  int64_t count, left_out; /* left_out: records of P5 that do not tell how long its ids are */
  struct l4r_map_model model;
};

/* The work of a user by beam search. Pure. */
void l4r_map_beam_work(const struct l4r_map_model *model, const char *way, int64_t beams,
                       int64_t tokens, int64_t batch, double work[L4R_MAP_PARTS]);

/* The time of `like` with its own batch, beams and tokens, by the points of its side, engine, way,
 * precision and threads; `without` (NULL: none) is left out. NaN when no point is left. Pure. */
double l4r_map_time(const struct l4r_map_points *points, const struct l4r_map_point *like,
                    const struct l4r_map_point *without);

/* Least squares of relative errors with three rates >= 0; 1 when there is a fit. Pure. */
int l4r_map_fit(const double (*work)[L4R_MAP_PARTS], const double *ns, int64_t n,
                double rate[L4R_MAP_PARTS]);

#endif
