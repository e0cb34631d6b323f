/* SPDX-License-Identifier: BSD-3-Clause */
/* The one table of implementations. A row says which model kinds an engine serves. */
#ifndef L4R_BENCH_ENGINES_H
#define L4R_BENCH_ENGINES_H

#include "impl/engine.h"
#include "impl/model/config.h"
#include "impl/products.h"
#include "impl/shards/order.h"

/* The engine named `name` for models of `kind`. L4R_USAGE for an unknown name (lists them) or a
 * kind it does not serve (lists what it does). Pure. */
int l4r_engine_find(const char *name, enum l4r_kind kind, const struct l4r_engine **engine);
/* Prints the table, one row a line, for --help and `info`. */
void l4r_engines_list(void);

/* Writes the names of the engines that serve models of `kind`, "reference, blis", into out[size].
 */
void l4r_engines_serving(enum l4r_kind kind, char *out, size_t size);

/* Appends the products of one user's request to a model, by which its engine compares kernels when
 * it is opened; with beams as an arm has them that does not say. L4R_USAGE for a kind that consists
 * of counts. Pure. */
int l4r_engine_products(const struct l4r_model_config *config, struct l4r_products *products);

/* Adds an engine of this process alone, which l4r_engine_without_kind then finds; one of the same
 * name is replaced. For tests: an engine that must be caught stands in no table. The struct is
 * copied, what it points to is borrowed. At most L4R_ENGINES_REGISTERED: aborts. Main thread only.
 */
enum { L4R_ENGINES_REGISTERED = 64 };
void l4r_engine_register(const struct l4r_engine *engine);
/* The registered engine of that name, or NULL: measured in a fork of this process, since no other
 * program knows it. */
const struct l4r_engine *l4r_engine_registered(const char *name);
/* The engine of that name that serves `folder` whatever model that holds, or none: a registered
 * one, and the control where the folder holds no model. NULL: the model's kind decides. */
const struct l4r_engine *l4r_engine_without_kind(const char *name, const char *folder);

/* How many ranks hold the catalogue of an open handle together; 0: it is not divided (shards=R).
 * And what each of them says of itself, all[ranks]: a request to all ranks, as slow as one. */
int l4r_engine_shards(const struct l4r_engine *engine, const void *handle);
int l4r_engine_shard_reports(const struct l4r_engine *engine, void *handle,
                             struct l4r_shard_report *all);

/* NAME of "peer:NAME", FILE of "so:FILE"; NULL for another engine's name. */
const char *l4r_peer_of(const char *name);
const char *l4r_shared_object_of(const char *name);
/* 1 for both: the engine is somebody else's. Pure. */
int l4r_engine_is_foreign(const char *name);

/* As baselines/peers/plugin.h's: what a shared object is, and its engine, which runs code of it. */
int l4r_engine_hash(const char *file, char sha256[65]);
int l4r_engine_load(const char *file, const struct l4r_engine **engine);

/* The engine of the largest-id control. */
const struct l4r_engine *l4r_engine_control(void);

#endif
