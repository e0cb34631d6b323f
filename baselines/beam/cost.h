/* SPDX-License-Identifier: BSD-3-Clause */
/* Describes a server and the cost of a request. */
#ifndef L4R_BASELINES_BEAM_COST_H
#define L4R_BASELINES_BEAM_COST_H

#include "baselines/beam/server.h"
#include "impl/engine.h"

/* Implement the functions of these names in struct l4r_engine. */
void l4r_beam_server_about(const struct l4r_beam_server *server, struct l4r_about *about);
int l4r_beam_server_cost(const struct l4r_beam_server *server, int64_t length,
                         struct l4r_cost *cost);
int l4r_beam_server_timers(const struct l4r_beam_server *server, struct l4r_timers *timers);
int l4r_beam_server_budget(const struct l4r_beam_server *server, struct l4r_budget *budget);

/* Computes server->level from its trie. */
int l4r_beam_levels_make(struct l4r_beam_server *server);

#endif
