/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to the reader of safetensors files (safetensors.c, safetensors_names.c,
 * safetensors_parts.c, safetensors_match.c): the contents of an open file. */
#ifndef L4R_MODEL_SAFETENSORS_FILE_H
#define L4R_MODEL_SAFETENSORS_FILE_H

#include "impl/base/file.h"
#include "impl/model/safetensors.h"

enum { L4R_RANK_MOST = 8 }; /* higher ranks do not occur */

struct l4r_entry {
  char *name; /* owned */
  int dtype, rank;
  int64_t shape[L4R_RANK_MOST], count; /* count: number of values */
  int64_t begin, end;                  /* bytes from the file's first value */
  const struct l4r_safetensors *file;  /* the file itself, or the part that has it */
};

struct l4r_alias {   /* a tensor that was left out because it equals another one */
  char *name, *kept; /* owned */
};

struct l4r_safetensors {
  char path[L4R_PATH_MAX];
  unsigned char *map;      /* NULL where it is joined from parts */
  int file;                /* the mapped file's descriptor */
  int64_t bytes, data;     /* size of the file; offset of the values */
  struct l4r_entry *entry; /* in the order of their places */
  int64_t count;
  struct l4r_alias *alias;
  int64_t aliases;
  struct l4r_safetensors **part; /* owned */
  int64_t parts;
};

#endif
