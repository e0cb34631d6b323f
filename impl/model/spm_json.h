/* SPDX-License-Identifier: BSD-3-Clause */
/* tokenizer.json as a SentencePiece model. */
#ifndef L4R_MODEL_SPM_JSON_H
#define L4R_MODEL_SPM_JSON_H

#include <stddef.h>

/* The model file that says what a tokenizer.json (huggingface/tokenizers) says: kind Unigram, with
 * the normalisers and pre-tokenisers of T5's tokenizers; L4R_INPUT naming the member for any other.
 * In memory that l4r_free takes. */
int l4r_spm_of_json(const char *path, const void *json, size_t json_bytes, char **content,
                    size_t *bytes);

#endif
