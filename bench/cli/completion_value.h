/* SPDX-License-Identifier: BSD-3-Clause */
/* What completion offers after an option, for every shell. */
#ifndef L4R_BENCH_CLI_COMPLETION_VALUE_H
#define L4R_BENCH_CLI_COMPLETION_VALUE_H

#include "bench/cli/options.h"

/* What an option may be given, as far as its row says. */
enum l4r_value { L4R_VALUE_NONE, L4R_VALUE_WORDS, L4R_VALUE_FOLDER, L4R_VALUE_PATH, L4R_VALUE_ARM };
/* Returns it, and writes the words, blanks between them, to words[size]; of an arm the beginnings
 * of engines. NONE is a flag. Pure. */
enum l4r_value l4r_completion_value(const struct l4r_argument *argument, char *words, size_t size);

#endif
