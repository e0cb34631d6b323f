/* SPDX-License-Identifier: BSD-3-Clause */
/* What the harness reads of the engines of impl/lite/lite.h beyond the contract: the products that
 * a request needs, the items' vectors, the users' states. Not installed. */
#ifndef L4R_LITE_PARTS_H
#define L4R_LITE_PARTS_H

#include "impl/engine.h"
#include "impl/products.h"
#include "impl/shards/order.h"

/* Appends the products of one user's request, by which kernels are compared when a model of kind
 * lite or sasrec is opened. Pure. */
void l4r_lite_products(const struct l4r_model_config *config, struct l4r_products *products);

/* What a handle of these engines computes with: D; the vectors of items, [items][D], row i - 1 is
 * item i, NULL where the handle has none in memory (items=live, table=file); whether the head reads
 * these vectors (times `scale`) or has weights of its own. Borrowed from the handle. */
struct l4r_lite_parts {
  int64_t width, items;
  const float *vectors;
  int tied_head;
  float scale;
};
void l4r_lite_parts(void *handle, struct l4r_lite_parts *parts);
/* What states are wanted for, which ranks that share a catalogue are told with the requests: the
 * best k items, or all scores. */
enum l4r_asked { L4R_ASKED_STATES, L4R_ASKED_BEST, L4R_ASKED_SCORES };
/* Computes lite->user[count][D] for `count` <= lite->batch requests, from their newest T_max items.
 * L4R_USAGE for an item that the model does not have, and for states alone of a handle with shards.
 * One thread at a time. */
struct l4r_lite;
int l4r_lite_encode_users(struct l4r_lite *lite, const struct l4r_request *request, int64_t count,
                          enum l4r_asked asked, int64_t k);
/* The same from lite->start[count + 1] and lite->history, which are there. */
int l4r_lite_encode_histories(struct l4r_lite *lite, int64_t count);

/* Fills out[n][D] with the states of n requests, which the head's scores are made from: zeroes for
 * an empty history. L4R_USAGE for an item that the model does not have. */
int l4r_lite_states(void *handle, const struct l4r_request *request, int64_t n, float *out);

/* How many ranks hold the catalogue of a handle together; 0: opened without shards=R. */
int l4r_lite_shards(const void *handle);
/* On rank 0, of such a handle: what every rank says of itself, all[ranks]. */
int l4r_lite_shard_reports(void *handle, struct l4r_shard_report *all);

#endif
