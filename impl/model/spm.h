/* SPDX-License-Identifier: BSD-3-Clause */
/* SentencePiece's model file: reads parts that the library does not report, and makes such files
 * from other sources. It is a protocol buffer (google/sentencepiece,
 * src/sentencepiece_model.proto):
 *
 *   1 pieces {1 piece, 2 score (fixed32), 3 type}*
 *   2 trainer_spec {3 model_type, 24 treat_whitespace_as_suffix, 35 byte_fallback, 40.. ids}
 *   3 normalizer_spec {1 name, 2 precompiled_charsmap, 3 add_dummy_prefix,
 *                      4 remove_extra_whitespaces, 5 escape_whitespaces}
 *
 * Debian has no header for the message, so this file decodes it. */
#ifndef L4R_MODEL_SPM_H
#define L4R_MODEL_SPM_H

#include <stddef.h>
#include <stdint.h>

enum l4r_spm_type { /* of a piece */
                    L4R_SPM_NORMAL = 1,
                    L4R_SPM_UNKNOWN,
                    L4R_SPM_CONTROL,
                    L4R_SPM_USER_DEFINED,
                    L4R_SPM_UNUSED,
                    L4R_SPM_BYTE
};
enum { L4R_SPM_UNIGRAM = 1, L4R_SPM_BPE, L4R_SPM_WORD, L4R_SPM_CHAR };

struct l4r_spm_piece {
  const char *text; /* not NUL-terminated; borrowed */
  size_t bytes;
  float score;
  size_t score_at; /* offset of its four bytes in the file; 0: absent (the score is 0) */
  int type;        /* enum l4r_spm_type */
};

struct l4r_spm {
  struct l4r_spm_piece *piece; /* [pieces], owned */
  int64_t pieces;
  const unsigned char *charsmap; /* of the normaliser, borrowed; NULL: none */
  size_t charsmap_bytes;
  int model_type, byte_fallback, whitespace_as_suffix;
  int add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces;
};

/* Parses a model file; `content` must outlive *spm. L4R_INPUT ("PATH: not a SentencePiece model,
 * byte N") where it is cut short. Free with l4r_spm_free, also after a failure. */
int l4r_spm_parse(const char *path, const void *content, size_t bytes, struct l4r_spm *spm);
void l4r_spm_free(struct l4r_spm *spm);

/* Makes a file of these pieces and this normaliser, of kind unigram with pad 0, </s> 1, unk 2, in
 * memory that l4r_free frees. L4R_ENVIRONMENT without memory. */
int l4r_spm_build(const struct l4r_spm *spm, char **content, size_t *bytes);

/* Changes the scores of a file's normal pieces in place by less than 1/64 each, so that no two are
 * equal and two ways to divide a text into pieces have the same score only by chance. Releases of
 * SentencePiece break such ties differently, which would give a text other tokens. The changes
 * depend only on the pieces' texts. L4R_INPUT as in l4r_spm_parse. */
int l4r_spm_distinct(const char *path, void *content, size_t bytes);

#endif
