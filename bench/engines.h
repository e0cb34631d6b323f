/* SPDX-License-Identifier: BSD-3-Clause */
/* The one table of implementations. A row says which model kinds an engine serves. */
#ifndef L4R_BENCH_ENGINES_H
#define L4R_BENCH_ENGINES_H

#include "impl/engine.h"
#include "impl/model/config.h"

/* The engine named `name` for models of `kind`. L4R_USAGE for an unknown name (lists them) or a
 * kind it does not serve (lists what it does). Pure. */
int l4r_engine_find(const char *name, enum l4r_kind kind, const struct l4r_engine **engine);
/* Prints the table, one row a line, for --help and `info`. */
void l4r_engines_list(void);

/* NAME of "peer:NAME"; NULL for another engine's name. */
const char *l4r_peer_of(const char *name);

/* The engine of the largest-id control, which also takes folders that hold no model. */
const struct l4r_engine *l4r_engine_control(void);

#endif
