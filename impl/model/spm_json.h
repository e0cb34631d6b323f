/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads tokenizer.json as a SentencePiece model. */
#ifndef L4R_MODEL_SPM_JSON_H
#define L4R_MODEL_SPM_JSON_H

#include <stddef.h>

/* Makes the model file that is equivalent to a tokenizer.json (huggingface/tokenizers): kind
 * Unigram, with the normalisers and pre-tokenisers of T5's tokenizers. L4R_INPUT names the member
 * for any other. The memory is freed by l4r_free. */
int l4r_spm_of_json(const char *path, const void *json, size_t json_bytes, char **content,
                    size_t *bytes);

#endif
