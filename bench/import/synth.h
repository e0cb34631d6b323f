/* SPDX-License-Identifier: BSD-3-Clause */
/* Synthetic data as a data set folder, by the process of synth_process.h. */
#ifndef L4R_IMPORT_SYNTH_H
#define L4R_IMPORT_SYNTH_H

#include "bench/import/synth_process.h"
#include "impl/data/dataset.h"

#include <stdint.h>

/* Writes the data set folder, with synth.json (settings and optimum) beside the usual files. */
int l4r_synth_write(const struct l4r_synth *synth, const struct l4r_synth_optimum *optimum,
                    const char *folder);

#endif
