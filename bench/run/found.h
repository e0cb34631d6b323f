/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds the model and the data set that a record names, by their hashes: names of folders say
 * nothing, and records travel without them. */
#ifndef L4R_BENCH_RUN_FOUND_H
#define L4R_BENCH_RUN_FOUND_H

#include "bench/cli/options.h"
#include "bench/record/record.h"
#include "impl/base/file.h"

struct l4r_places { /* where to look; borrowed */
  const struct l4r_argument_list *models, *data;
};

/* Looks in the folders given and in those below them (four levels); where none is given, in those
 * that the record's command names and in `models` and `data` of the current folder. A model is
 * found by the hash of its weights and, where the record states it, of its config.json; a data set
 * by the hash of its files' hashes. Writes the folder's path into out[L4R_PATH_MAX]. L4R_INPUT when
 * it is not there: the message names hash and option, and a file that was edited where one stands
 * in its place. */
int l4r_find_model(const struct l4r_places *places, const struct l4r_record *record, char *out);
int l4r_find_data(const struct l4r_places *places, const struct l4r_record *record, char *out);

#endif
