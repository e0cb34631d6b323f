/* SPDX-License-Identifier: BSD-3-Clause */
/* The tokenizer's files of `lite4rec export hf`. All return a new reference, NULL when memory is
 * short. */
#ifndef L4R_BENCH_CONVERT_HF_TOKENIZER_H
#define L4R_BENCH_CONVERT_HF_TOKENIZER_H

#include "impl/model/spm.h"

#include <jansson.h>

/* Why transformers has no tokenizer that divides texts as this model does; NULL: it has. Pure. */
const char *l4r_hf_no_tokenizer(const struct l4r_spm *spm);
/* tokenizer.json of such a model; `sentinels` rows behind the pieces are <extra_id_N>, as T5's. */
json_t *l4r_hf_tokenizer_json(const struct l4r_spm *spm, int64_t sentinels);
/* tokenizer_config.json beside it. */
json_t *l4r_hf_tokenizer_config(int64_t sentinels);

#endif
