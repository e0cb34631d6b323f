/* SPDX-License-Identifier: BSD-3-Clause */
/* One user's choice after a step. */
#ifndef L4R_BASELINES_BEAM_SEARCH_ADVANCE_H
#define L4R_BASELINES_BEAM_SEARCH_ADVANCE_H

#include "baselines/beam/search/search_inner.h"

/* Candidates, answers, next beams (written to the other side). */
void l4r_search_advance(struct l4r_search *search, int64_t user, struct candidate *candidate);

/* After the last step: beams that did not end compete for the places left. */
void l4r_search_finish(struct l4r_search *search, int64_t user);

#endif
