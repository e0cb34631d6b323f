/* SPDX-License-Identifier: BSD-3-Clause */
/* safetensors files (https://github.com/huggingface/safetensors): 8-byte little-endian header
 * length, JSON header, data. Read through mmap. */
#ifndef L4R_MODEL_SAFETENSORS_H
#define L4R_MODEL_SAFETENSORS_H

#include <stdint.h>

struct l4r_safetensors;

/* Maps a file and checks its header wholly: length, JSON, dtypes, offsets in order, without holes
 * or overlaps, within the file, products without overflow. L4R_INPUT: file, tensor, byte. */
int l4r_safetensors_open(const char *path, struct l4r_safetensors **safetensors);
void l4r_safetensors_close(struct l4r_safetensors *safetensors);

/* 1 when the file has a tensor of that name, or one that its metadata or transformers' habits say
 * is the same (a T5's encoder.embed_tokens.weight for shared.weight). */
int l4r_safetensors_has(const struct l4r_safetensors *safetensors, const char *name);
/* A view of an F32 tensor (borrowed until close), or L4R_INPUT: missing, other shape, other dtype,
 * misaligned. columns 0: rank 1. */
int l4r_safetensors_view(const struct l4r_safetensors *safetensors, const char *name, int64_t rows,
                         int64_t columns, const float **values);
/* A copy converted from F32, F16 or BF16. */
int l4r_safetensors_copy(const struct l4r_safetensors *safetensors, const char *name, int64_t rows,
                         int64_t columns, float *values);
/* L4R_INPUT naming the first tensor and index that is NaN or infinite. Reads everything once. */
int l4r_safetensors_check_finite(const struct l4r_safetensors *safetensors);
/* Gives the mapped pages back after packing (they are re-read from the file if touched again). */
void l4r_safetensors_drop_pages(const struct l4r_safetensors *safetensors);

/* For the reader's other files (safetensors_file.h). */
struct l4r_entry;
/* An entry's first byte. */
const unsigned char *l4r_entry_bytes(const struct l4r_entry *entry);
/* The entry of that name and shape; L4R_INPUT where it is missing or has another. */
int l4r_safetensors_find_shaped(const struct l4r_safetensors *safetensors, const char *name,
                                int64_t rows, int64_t columns, const struct l4r_entry **found);

#endif
