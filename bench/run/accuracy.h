/* SPDX-License-Identifier: BSD-3-Clause */
/* The accuracy pass ranks for every user of the data set once, under both conventions. */
#ifndef L4R_BENCH_RUN_ACCURACY_H
#define L4R_BENCH_RUN_ACCURACY_H

#include "bench/derive/accuracy.h"
#include "bench/run/job.h"
#include "bench/run/session/session.h"

/* Does an `accuracy` job. By score() in batches where the engine has it, else by recommend with
 * k + |history| items; engines with recommend_unseen are asked a second time, without the history,
 * for `mask`. Of others `mask` is what their ranking holds beside the history, which is capped
 * where that ranks less than the catalogue. The bundle's requests name the users whose whole
 * rankings are kept, for comparison with the timed part. Result arrays:
 *   user                     those with a held-out item, 0-based
 *   keep, mask               rank of that item, 1 = best, 0 = not ranked
 *   tied                     1: another item has exactly its score
 *   short, short_mask        1: fewer than 20 items were ranked, under `keep` and `mask`
 *   length_group, popularity_group     of groups.h, whose bounds are meta "groups"
 *   ref_user, ref_history, ref_start, ref_item, ref_score     rankings of the timed sample with
 * what was asked (answers.h) top_*  (job->rankings)   count, item, score of the top k under both
 * conventions, for TREC files and meta: control (name and seed, when the job shuffles histories),
 * description, mode "score" or "recommend", mask_by (the three ways above in words), users_equal
 * (users all of whose scores are equal), seconds. L4R_CHECK when the engine breaks the ranking
 * contract, ranks what it was to leave out or scores the rest otherwise, when it went after
 * held-out files, when it ranks nothing for anybody, when a score is no finite number, or when all
 * scores are equal for more than half of the users: that is not a ranking. */
int l4r_accuracy_do(const struct l4r_bundle *bundle, const struct l4r_job *job,
                    struct l4r_bundle *result);

#endif
