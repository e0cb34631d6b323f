/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory of an import, for the pipeline; readers need import.h alone. */
#ifndef L4R_BENCH_IMPORT_COLLECT_H
#define L4R_BENCH_IMPORT_COLLECT_H

#include "bench/import/import.h"

/* Room for `bytes` in a chain of blocks that never move; NULL with a message. */
char *l4r_text_room(struct l4r_text_block **block, size_t bytes);
void l4r_text_free(struct l4r_text_block *block);
void l4r_import_free(struct l4r_import *import);

#endif
