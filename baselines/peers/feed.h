/* SPDX-License-Identifier: BSD-3-Clause */
/* Prepares what a peer needs to serve our models: the same token ids and the same item vectors as
 * our engines, so that engines differ only in how they compute. Belongs to one thread. */
#ifndef L4R_PEERS_FEED_H
#define L4R_PEERS_FEED_H

#include "impl/engine.h"
#include "impl/model/config.h"

#include <jansson.h>

struct l4r_feed;
/* Opens the model folder that `options` names. p5, p5-head: its prompts. lite with texts: computes
 * the item vectors and keeps them in a file in memory. Other models need nothing. Returns the
 * statuses of opening such a model. */
int l4r_feed_open(const struct l4r_open_options *options, struct l4r_feed **feed);
void l4r_feed_close(struct l4r_feed *feed);

/* Adds "kind" and, where the kind has them, "ids" (each item's token string), "unused" ([begin,
 * end) of the vocabulary's rows that stand for nothing), "max_id_tokens", "vectors" (the path, for
 * a process that inherited l4r_feed_file, of a file of [items][D] floats). */
int l4r_feed_tell(const struct l4r_feed *feed, json_t *hello);

/* Returns the file that "vectors" names, which the feed owns; 0: none. */
int l4r_feed_file(const struct l4r_feed *feed);

/* L4R_USAGE for a user or an item that the data set does not have. Pure. */
int l4r_feed_check(const struct l4r_feed *feed, const struct l4r_request *request);

/* Returns how many characters l4r_feed_write needs for a request at most; 0: it writes nothing. */
size_t l4r_feed_room(const struct l4r_feed *feed);
/* Appends `,"tokens":[[...],...]` and, with whole-word vectors, `,"words":[[...],...]` of n
 * requests at `at`; returns the end. Allocates nothing. */
char *l4r_feed_write(struct l4r_feed *feed, const struct l4r_request *request, int64_t n, char *at);

#endif
