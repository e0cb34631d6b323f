/* SPDX-License-Identifier: BSD-3-Clause */
/* The engine `beam` and peers serve p5 models from the same data, which is made here: item ids as
 * token strings, the rows of the vocabulary that are unused, and the check of requests. */
#ifndef L4R_BEAM_SERVED_H
#define L4R_BEAM_SERVED_H

#include "baselines/beam/ids/id_tokens.h"
#include "baselines/beam/ids/ids.h"
#include "impl/engine.h"
#include "impl/model/model.h"

struct l4r_served_ids {
  struct l4r_id_tokens tokens; /* free with l4r_id_tokens_free */
  int64_t unused_begin, unused_end;
};
/* Makes the ids of a model's map under its tokenizer and form. The vocabulary has `rows` rows; the
 * ids' own rows are the last ones. L4R_INPUT, naming the folder, when they do not fit the
 * configuration. */
int l4r_served_ids_make(const struct l4r_model *model, const struct l4r_id_map *map, int64_t rows,
                        struct l4r_served_ids *ids);

/* L4R_USAGE unless the user is one of 0..users-1 and every item one of 1..items. Pure. */
int l4r_served_request_check(const struct l4r_request *request, int64_t users, int64_t items);

#endif
