/* SPDX-License-Identifier: BSD-3-Clause */
/* An item is a number, with the texts that came with it. */
#ifndef L4R_DATA_ITEM_H
#define L4R_DATA_ITEM_H

#include <stdint.h>

typedef int32_t l4r_item; /* 1..items; 0: none */

struct l4r_item_text { /* UTF-8, borrowed from the data set; "" where absent, never NULL */
  const char *source_id, *title, *brand, *categories;
};

#endif
