/* SPDX-License-Identifier: BSD-3-Clause */
/* What an import collects: readers hand over interactions and texts, the pipeline (order.h,
 * settle.h, cut.h, filter.h) then works on them. */
#ifndef L4R_BENCH_IMPORT_COLLECT_COLLECT_H
#define L4R_BENCH_IMPORT_COLLECT_COLLECT_H

#include "bench/import/collect/clock.h"
#include "bench/import/collect/source.h"
#include "bench/import/import.h"
#include "impl/data/dataset.h"

/* Source ids, each with a small index in order of first appearance. */
struct l4r_ids {
  char **name; /* [count], in memory of `block` */
  size_t count, name_capacity;
  int32_t *slot; /* open addressing: index + 1, 0 free */
  size_t slots;
  struct l4r_text_block *block;
  int32_t last; /* found last, as files are often sorted by user */
};

/* Index of a name, added when new; -1 with a message when memory is short. */
int32_t l4r_ids_add(struct l4r_ids *ids, const char *name);
int32_t l4r_ids_find(const struct l4r_ids *ids, const char *name); /* -1: unknown */
void l4r_ids_free(struct l4r_ids *ids);

struct l4r_interaction {
  int64_t time;       /* in units of the import's clock */
  int32_t user, item; /* first indexes of `users` and `items`, later ranks by source id */
};

/* Events as they are read, in blocks that do not move. */
enum { L4R_BLOCK_EVENTS = 1 << 16 };
struct l4r_interaction_block {
  struct l4r_interaction_block *next;
  size_t count;
  struct l4r_interaction event[L4R_BLOCK_EVENTS];
};

struct l4r_import {
  struct l4r_ids users, items;
  struct l4r_interaction_block *first_block, *last_block;
  struct l4r_interaction *event; /* [events], once they are in order */
  size_t events;
  struct l4r_clock clock;
  struct l4r_item_text *text; /* [items.count] by item index; NULL fields: nothing known */
  size_t text_capacity;
  int64_t texts, matched;       /* texts that were handed over; items that had any */
  const char *texts_from;       /* the file they came from; NULL: none was given */
  struct l4r_text_block *block; /* holds the texts */
  char *scratch;                /* for one text */
  size_t scratch_room;
  int has_times;
  const struct l4r_import_options *options;
  struct l4r_import_report *report;
  char bad[L4R_BAD_TOLD][512]; /* the first bad lines' messages */
  char unmatched[64];          /* an id of the texts that no interaction has */
};

/* Takes one interaction, from outside: ids lose their outer blanks. `time` is NULL where the source
 * has none, and then not read. L4R_INPUT through l4r_bad_line for an empty id, an id with a tab or
 * a line break in it, and a time that cannot be. */
int l4r_import_event(struct l4r_import *import, const struct l4r_source *source, char *user,
                     char *item, const char *time);
/* Whether the rating is high enough; counts those that are not. *taken is left 0 then. L4R_INPUT
 * for what is no number, where somebody wants to know. */
int l4r_import_rating(struct l4r_import *import, const struct l4r_source *source,
                      const char *rating, int *taken);

/* Takes the texts of one item, if an interaction named it (others are not part of the data set).
 * Of several lines for one item each field's first that is not empty stays. NULL or "" for what is
 * missing. Texts are cleaned (markup.h). */
int l4r_import_text(struct l4r_import *import, char *item, const char *title, const char *brand,
                    const char *categories);

/* --- for the pipeline --- */

/* Room for `bytes` in a chain of blocks that never move; NULL with a message. */
char *l4r_text_room(struct l4r_text_block **block, size_t bytes);
void l4r_text_free(struct l4r_text_block *block);
void l4r_import_free(struct l4r_import *import);

/* Brings the times of all events to so many digits behind the second's point. */
void l4r_import_rescale(struct l4r_import *import, int digits);

#endif
