/* SPDX-License-Identifier: BSD-3-Clause */
/* The decoder's attention, with caches and without. */
#ifndef L4R_BLIS_DECODER_ATTENTION_H
#define L4R_BLIS_DECODER_ATTENTION_H

#include "impl/blis/decoder_state.h"

/* Keys and values of the encoded batch for all blocks; every worker of the group calls it. */
void l4r_decode_cross_cache(const struct l4r_work_group *group, struct l4r_decoder *decoder);

/* The two kinds of attention of a block: scratch->qkv or ->query in, scratch->context out. Tasks
 * are divided among the group; the cached ones without, the plain ones with barriers inside. */
void l4r_decode_self_cached(const struct l4r_work_group *group, const struct l4r_decode_part *part,
                            int64_t block);
void l4r_decode_self_plain(const struct l4r_work_group *group, const struct l4r_decode_part *part);
void l4r_decode_cross_cached(const struct l4r_work_group *group, const struct l4r_decode_part *part,
                             int64_t block);
void l4r_decode_cross_plain(const struct l4r_work_group *group, const struct l4r_decode_part *part,
                            int64_t block);

#endif
