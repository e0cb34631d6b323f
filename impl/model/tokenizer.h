/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts to tokens: SentencePiece, with T5's pad 0, </s> 1, unk 2, or BERT's WordPiece. Thread-safe
 * after opening. */
#ifndef L4R_MODEL_TOKENIZER_H
#define L4R_MODEL_TOKENIZER_H

#include "impl/data/dataset.h"

#include <stddef.h>
#include <stdint.h>

struct l4r_tokenizer;

/* Opens a SentencePiece model, or converts a tokenizer.json of kind Unigram to one
 * (impl/model/spm.h), or reads a tokenizer.json of kind WordPiece or a vocab.txt
 * (impl/words/wordpiece.h). L4R_INPUT with the file and the fault. */
int l4r_tokenizer_open(const char *path, struct l4r_tokenizer **tokenizer);
void l4r_tokenizer_close(struct l4r_tokenizer *tokenizer);
int64_t l4r_tokenizer_size(const struct l4r_tokenizer *tokenizer); /* number of pieces */
int l4r_tokenizer_is_wordpiece(const struct l4r_tokenizer *tokenizer);
/* Sets the tokens that stand before and behind a text: T5's none (-1) and </s>, BERT's [CLS] and
 * [SEP]. Pure. */
void l4r_tokenizer_frame(const struct l4r_tokenizer *tokenizer, int32_t *begin, int32_t *end);

/* Returns "0.1.97": the version of SentencePiece that the program was built with, from its
 * pkg-config file, because the library does not report it; "unknown" without one. A record's
 * manifest identifies the library that ran by its hash. */
const char *l4r_tokenizer_version(void);

/* Writes the token ids of a UTF-8 text without its frame, at most `capacity`. Returns how many the
 * text has, which may exceed capacity, or a negative status. */
int64_t l4r_tokenizer_encode(const struct l4r_tokenizer *tokenizer, const char *text, int32_t *ids,
                             int64_t capacity);
/* Writes the text of ids, NUL-terminated and cut to capacity. Returns its full length or a negative
 * status; WordPiece has no way back (L4R_USAGE). */
int64_t l4r_tokenizer_decode(const struct l4r_tokenizer *tokenizer, const int32_t *ids,
                             int64_t count, char *text, int64_t capacity);

/* Trains a unigram model on lines and writes it to `path`: at most `pieces` (fewer for small sets),
 * every digit a piece of the vocabulary, deterministic. Scores are made distinct, so that every
 * release of SentencePiece divides a text alike. */
int l4r_tokenizer_train(const char *const *line, int64_t lines, int64_t pieces, const char *path);

/* Writes the model in `from`, in any form that l4r_tokenizer_open reads, as a SentencePiece model,
 * or a WordPiece's as tokenizer.json. */
int l4r_tokenizer_copy(const char *from, const char *to);

/* Computes the SHA-256 of the file that l4r_tokenizer_copy writes. */
int l4r_tokenizer_sha256(const char *path, char sha256[65]);

#endif
