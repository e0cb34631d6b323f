/* SPDX-License-Identifier: BSD-3-Clause */
/* safetensors files (https://github.com/huggingface/safetensors): 8-byte little-endian header
 * length, JSON header, data. Read through mmap; written aside and renamed. */
#ifndef L4R_MODEL_CHECKPOINT_H
#define L4R_MODEL_CHECKPOINT_H

#include "impl/model/tensors.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Maps a file and checks its header wholly: length, JSON, dtypes, offsets in order, without holes
 * or overlaps, within the file, products without overflow. L4R_INPUT: file, tensor, byte. */
int l4r_checkpoint_open(const char *path, struct l4r_checkpoint **checkpoint);
void l4r_checkpoint_close(struct l4r_checkpoint *checkpoint);

/* The files of one model, as one checkpoint; `name` is for messages. L4R_INPUT where two files have
 * a tensor of the same name. */
int l4r_checkpoint_open_parts(const char *name, const char *const *path, int64_t paths,
                              struct l4r_checkpoint **checkpoint);
/* Takes a prefix off the names that have it. L4R_INPUT where that makes two of one name. */
int l4r_checkpoint_strip(struct l4r_checkpoint *checkpoint, const char *prefix);

/* 1 when the file has a tensor of that name, or one that its metadata or transformers' habits say
 * is the same (a T5's encoder.embed_tokens.weight for shared.weight). */
int l4r_checkpoint_has(const struct l4r_checkpoint *checkpoint, const char *name);
/* A view of an F32 tensor (borrowed until close), or L4R_INPUT: missing, other shape, other dtype,
 * misaligned. columns 0: rank 1. */
int l4r_checkpoint_view(const struct l4r_checkpoint *checkpoint, const char *name, int64_t rows,
                        int64_t columns, const float **values);
/* A copy converted from F32, F16 or BF16. */
int l4r_checkpoint_copy(const struct l4r_checkpoint *checkpoint, const char *name, int64_t rows,
                        int64_t columns, float *values);
/* 1 when both tensors are there, of one dtype and size, and hold the same bytes. */
int l4r_checkpoint_same(const struct l4r_checkpoint *checkpoint, const char *a, const char *b);
/* Every tensor of the list is in the file with its shape (any dtype), and no other is, but for
 * copies of a tied embedding as transformers writes them (encoder.embed_tokens.weight,
 * decoder.embed_tokens.weight, lm_head.weight), which must hold the same bytes, and the
 * cross-attention's position bias of the first published T5s, which nothing ever read. With
 * `heads`, tensors that are no part of a T5 (of a classifier, say) are passed over with a warning
 * that names the first. L4R_INPUT naming the first tensor that breaks this. */
int l4r_checkpoint_match(const struct l4r_checkpoint *checkpoint, const struct l4r_tensors *tensors,
                         int heads);
/* L4R_INPUT naming the first tensor and index that is NaN or infinite. Reads everything once. */
int l4r_checkpoint_check_finite(const struct l4r_checkpoint *checkpoint);
/* Gives the mapped pages back after packing (they are re-read from the file if touched again). */
void l4r_checkpoint_drop_pages(const struct l4r_checkpoint *checkpoint);

/* A tensor of a file to be written. */
struct l4r_checkpoint_part {
  const char *name;
  int64_t rows, columns; /* columns 0: a vector */
  const float *values;   /* row-major */
};
/* Prints a whole file to a stream: the parts in F32, in their order, metadata "format":"pt". `path`
 * is for messages. L4R_ENVIRONMENT when memory is short; what the stream could not take shows when
 * it is committed. */
int l4r_checkpoint_print(FILE *stream, const char *path, const struct l4r_checkpoint_part *part,
                         int64_t parts);
/* Writes the tensors of a list from a flat buffer so. Atomic. */
int l4r_checkpoint_write(const char *path, const struct l4r_tensors *tensors, const float *values);

#endif
