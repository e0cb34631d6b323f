/* SPDX-License-Identifier: BSD-3-Clause */
/* Chooses for one user after a step. */
#ifndef L4R_BASELINES_BEAM_SEARCH_ADVANCE_H
#define L4R_BASELINES_BEAM_SEARCH_ADVANCE_H

#include "baselines/beam/search/search_inner.h"

/* Selects candidates, answers and the next beams (written to the other side). */
void l4r_search_advance(struct l4r_search *search, int64_t user, struct candidate *candidate);

/* After the last step, lets beams that did not end compete for the free places. */
void l4r_search_finish(struct l4r_search *search, int64_t user);

#endif
