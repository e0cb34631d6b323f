/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads safetensors files (https://github.com/huggingface/safetensors) through mmap: an 8-byte
 * little-endian header length, a JSON header, data. */
#ifndef L4R_MODEL_SAFETENSORS_H
#define L4R_MODEL_SAFETENSORS_H

#include <stdint.h>

struct l4r_safetensors;

/* Maps a file and checks its whole header: length, JSON, dtypes, offsets in order, without holes or
 * overlaps, within the file, products without overflow. L4R_INPUT with file, tensor, byte. */
int l4r_safetensors_open(const char *path, struct l4r_safetensors **safetensors);
void l4r_safetensors_close(struct l4r_safetensors *safetensors);

/* Returns 1 when the file has a tensor of that name, or one that is the same according to its
 * metadata or to transformers' conventions (a T5's encoder.embed_tokens.weight for
 * shared.weight). */
int l4r_safetensors_has(const struct l4r_safetensors *safetensors, const char *name);
/* Gives a view of an F32 tensor, borrowed until close. columns 0: rank 1. L4R_INPUT when it is
 * missing, misaligned, or has another shape or dtype. */
int l4r_safetensors_view(const struct l4r_safetensors *safetensors, const char *name, int64_t rows,
                         int64_t columns, const float **values);
/* Says where an F32 tensor stands in its file, for reading single rows of a large one: *file is a
 * new descriptor of the opened file, which the caller closes, *begin the byte of the first value.
 * Errors as of view; L4R_ENVIRONMENT without a descriptor. */
int l4r_safetensors_place(const struct l4r_safetensors *safetensors, const char *name, int64_t rows,
                          int64_t columns, int *file, int64_t *begin);
/* Copies a tensor and converts it from F32, F16 or BF16. */
int l4r_safetensors_copy(const struct l4r_safetensors *safetensors, const char *name, int64_t rows,
                         int64_t columns, float *values);
/* Returns L4R_INPUT, naming the first tensor and index, when a value is NaN or infinite. Reads all
 * values once. */
int l4r_safetensors_check_finite(const struct l4r_safetensors *safetensors);
/* Releases the mapped pages after packing (they are read again from the file if touched). */
void l4r_safetensors_drop_pages(const struct l4r_safetensors *safetensors);

/* For the reader's other files (safetensors_file.h). */
struct l4r_entry;
/* Returns the address of an entry's first byte. */
const unsigned char *l4r_entry_bytes(const struct l4r_entry *entry);
/* Finds the entry of that name and shape; L4R_INPUT where it is missing or has another shape. */
int l4r_safetensors_find_shaped(const struct l4r_safetensors *safetensors, const char *name,
                                int64_t rows, int64_t columns, const struct l4r_entry **found);

#endif
