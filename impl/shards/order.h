/* SPDX-License-Identifier: BSD-3-Clause */
/* What the ranks that hold a catalogue together are told to do: an order goes from rank 0 to all,
 * and says by itself how many bytes every rank gives in the calls that follow it. So the ranks stay
 * in step without asking each other, also when whoever gave the order is gone.
 *
 *   OPEN       a model, of which every rank holds a slice of the items      gather of reports
 *   RECOMMEND  count requests: histories, and how many items are wanted     share of vectors,
 *                                                                           gather of rankings
 *   SCORE      count requests                                               share of vectors,
 *                                                                           gather of scores
 *   REPORT     what a rank has sent, waited and holds                       gather of reports
 *   CLOSE      forget the model                                             nothing
 *   STOP       leave                                                        nothing
 *
 * Ranks hold items in the order of their numbers: rank r those of l4r_split(items, 1, r, ranks). */
#ifndef L4R_SHARDS_ORDER_H
#define L4R_SHARDS_ORDER_H

#include "impl/data/item.h"

#include <stdint.h>

enum l4r_order_kind {
  L4R_ORDER_OPEN = 1,
  L4R_ORDER_RECOMMEND,
  L4R_ORDER_SCORE,
  L4R_ORDER_REPORT,
  L4R_ORDER_CLOSE,
  L4R_ORDER_STOP,
};

enum { L4R_ORDER_FIRST = 4096 }; /* bytes of an order that are sent in one go */

struct l4r_order { /* whole numbers alone: it travels as it is */
  int64_t kind;
  int64_t count, positions, k; /* of requests; items of all histories; items wanted of each */
  int64_t items, width;        /* of the catalogue; of a vector */
  int64_t bytes;               /* of the payload behind it */
};

/* The payload of RECOMMEND and SCORE is start[count + 1], of which start[0] is 0, and the
 * histories, item by item. Both functions are pure. */
int64_t l4r_order_payload(int64_t count, int64_t positions); /* its bytes */
void l4r_order_histories(const struct l4r_order *order, const void *payload, const int64_t **start,
                         const l4r_item **history);

struct l4r_ranked { /* an entry of a slice's ranking, with the catalogue's number of the item */
  l4r_item item;
  float score;
};

struct l4r_shard_report { /* of a rank, since its process began but for the items */
  char host[64];
  int64_t items;                         /* of its slice */
  int64_t sent_bytes, messages, wait_ns; /* in calls with other ranks */
  int64_t weights_bytes, resident_bytes; /* of the engine; of the process, now */
};

/* The rank that holds an item. Pure. */
int l4r_order_holder(int64_t items, int ranks, l4r_item item);
/* The items 1 + begin .. end of a rank. Pure. */
void l4r_order_slice(int64_t items, int rank, int ranks, int64_t *begin, int64_t *end);
/* How many entries rank `rank` gives for each request of an order: its k best, or all it has. */
int64_t l4r_order_entries(const struct l4r_order *order, int rank, int ranks);

/* Fill bytes[ranks] with what each rank gives in the share, and in the gather, that follow an
 * order; return 0 where none follows, else 1. To the gathers of rankings and scores rank 0 gives
 * nothing, for it has its own. Pure. */
int l4r_order_share_bytes(const struct l4r_order *order, const void *payload, int ranks,
                          int64_t *bytes);
int l4r_order_gather_bytes(const struct l4r_order *order, int ranks, int64_t *bytes);
/* What all ranks give together. Pure. */
int64_t l4r_order_total(const int64_t *bytes, int ranks);

/* The best k of several rankings of one request, each best first, in the order of l4r_before:
 * part[p] has entries[p]; writes at most k to item and score and returns how many. next[parts] is
 * scratch. O(k parts). Pure. */
int64_t l4r_order_merge(const struct l4r_ranked *const *part, const int64_t *entries, int parts,
                        int64_t k, const int64_t *popularity, int64_t *next, l4r_item *item,
                        float *score);

#endif
