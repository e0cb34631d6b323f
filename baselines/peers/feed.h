/* SPDX-License-Identifier: BSD-3-Clause */
/* What a peer needs of our models to serve them: the same token ids, the same item vectors. Made
 * here, so that two engines cannot differ in anything but how they compute. Belongs to one thread.
 */
#ifndef L4R_PEERS_FEED_H
#define L4R_PEERS_FEED_H

#include "impl/engine.h"
#include "impl/model/config.h"

#include <jansson.h>

struct l4r_feed;
/* Opens the model folder that `options` names. p5, p5-head: its prompts. lite with texts: computes
 * the item vectors and keeps them in a file in memory. Others need nothing. The statuses of
 * opening such a model. */
int l4r_feed_open(const struct l4r_open_options *options, struct l4r_feed **feed);
void l4r_feed_close(struct l4r_feed *feed);

/* Adds "kind" and, where the kind has them, "ids" (each item's token string), "unused" ([begin,
 * end) of the vocabulary's rows that stand for nothing), "max_id_tokens", "vectors" (the path, for
 * a process that inherited l4r_feed_file, of a file of [items][D] floats). */
int l4r_feed_tell(const struct l4r_feed *feed, json_t *hello);

/* The file that "vectors" speaks of, the feed's; 0: none. */
int l4r_feed_file(const struct l4r_feed *feed);

/* L4R_USAGE for a user or an item that the data set does not have. Pure. */
int l4r_feed_check(const struct l4r_feed *feed, const struct l4r_request *request);

/* The most characters that l4r_feed_write needs for a request; 0: it writes nothing. */
size_t l4r_feed_room(const struct l4r_feed *feed);
/* Appends `,"tokens":[[...],...]` and, with whole-word vectors, `,"words":[[...],...]` of n
 * requests at `at`; returns the end. Allocates nothing. */
char *l4r_feed_write(struct l4r_feed *feed, const struct l4r_request *request, int64_t n, char *at);

#endif
