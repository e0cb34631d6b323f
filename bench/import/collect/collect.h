/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory of an import, for the pipeline; readers need import.h alone. */
#ifndef L4R_BENCH_IMPORT_COLLECT_COLLECT_H
#define L4R_BENCH_IMPORT_COLLECT_COLLECT_H

#include "bench/import/import.h"

/* Room for `bytes` in a chain of blocks that never move; NULL with a message. */
char *l4r_text_room(struct l4r_text_block **block, size_t bytes);
void l4r_text_free(struct l4r_text_block *block);
void l4r_import_free(struct l4r_import *import);

enum { L4R_BLOCK_EVENTS = 1 << 16 };
struct l4r_interaction_block {
  struct l4r_interaction_block *next;
  size_t count;
  struct l4r_interaction event[L4R_BLOCK_EVENTS];
};

/* Brings the times of all events to so many digits behind the second's point. */
void l4r_import_rescale(struct l4r_import *import, int digits);

/* Puts the events in order into import->event: by user, time and tie rule, users and items by their
 * ranks of source ids, which by_rank turns back into indexes (l4r_alloc). Drops repeats. */
int l4r_import_order(struct l4r_import *import, int32_t **user_by_rank, int32_t **item_by_rank);

/* Finds the clock's unit, brings the ordered events to it and says what it was. *digits is that of
 * the times then: 0, 3, 6 or 9. */
void l4r_import_settle_times(struct l4r_import *import, int *digits);

#endif
