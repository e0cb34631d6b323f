/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening and closing a beam server. */
#ifndef L4R_BASELINES_BEAM_SERVER_OPEN_H
#define L4R_BASELINES_BEAM_SERVER_OPEN_H

#include "baselines/beam/server.h"

struct l4r_beam_server_spec {
  const struct l4r_model *model; /* config, weights, tokenizer; read only during open; `path` is the
                                    folder of the item vectors' cache */
  const struct l4r_id_map *ids;  /* read only during open; NULL where no ids are needed */
  const struct l4r_dataset *dataset; /* TRAIN, for lite-beam TEXT; must outlive the server */
  const struct l4r_stack_ops *ops;
  struct l4r_team *team;
  struct l4r_stack_options compute;
  enum l4r_search_use search;
  int64_t beams; /* [S] */
  int64_t max_k; /* search=exact: longest ranking */
  int by_sum;    /* 1: length penalty 0; 0: 1 */
  enum l4r_trie_use trie;
  int cached;        /* option decoder=cached */
  int vector_cache;  /* lite-beam: item vectors may be read from and written to disk */
  int64_t max_batch; /* most requests of one call */
  struct l4r_stage_hook on_stage;
};

/* Appends the products of one user's request with that many beams, by which kernels are compared
 * when a model of kind p5, p5-head or lite-beam is opened. Pure. */
void l4r_beam_products(const struct l4r_model_config *config, int64_t beams,
                       struct l4r_products *products);

enum { L4R_BEAMS = 20 }; /* as an arm has it that does not say */

int l4r_beam_server_open(const struct l4r_beam_server_spec *spec, struct l4r_beam_server **server);
void l4r_beam_server_close(struct l4r_beam_server *server);

#endif
