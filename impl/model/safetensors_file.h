/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal to the reader of safetensors files (safetensors.c, safetensors_names.c,
 * safetensors_parts.c, safetensors_match.c): what it holds of a file. */
#ifndef L4R_MODEL_SAFETENSORS_FILE_H
#define L4R_MODEL_SAFETENSORS_FILE_H

#include "impl/base/file.h"
#include "impl/model/safetensors.h"

enum { L4R_RANK_MOST = 8 }; /* ranks beyond 8 occur nowhere */

struct l4r_entry {
  char *name; /* owned */
  int dtype, rank;
  int64_t shape[L4R_RANK_MOST], count; /* count: values */
  int64_t begin, end;                  /* bytes from the first value of its file */
  const struct l4r_safetensors *file;  /* that holds it: the file itself, or a part */
};

struct l4r_alias {   /* a tensor that was left out because it is another one */
  char *name, *kept; /* owned */
};

struct l4r_safetensors {
  char path[L4R_PATH_MAX];
  unsigned char *map;      /* NULL where it is joined of parts */
  int64_t bytes, data;     /* of the file; where values begin */
  struct l4r_entry *entry; /* by place in the file */
  int64_t count;
  struct l4r_alias *alias;
  int64_t aliases;
  struct l4r_safetensors **part; /* owned */
  int64_t parts;
};

#endif
