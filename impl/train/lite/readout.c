/* SPDX-License-Identifier: BSD-3-Clause */
/* A user's state is pooled from a sequence in the same way as an item's vector from its text. */
#include "impl/train/lite/readout.h"

#include "impl/train/items/pool.h"

void l4r_lite_read_out(const struct l4r_lite_task *lite, struct l4r_lite_worker *own,
                       int64_t count) {
  int64_t width = lite->sizes.width;
  const int64_t *start = own->rec_start;
  for (int64_t s = 0; s < count; s++)
    l4r_pool(own->rec_hidden + start[s] * width, start[s + 1] - start[s], width,
             lite->config->readout == L4R_READ_LAST, own->state + s * width);
}

void l4r_lite_read_out_backward(const struct l4r_lite_task *lite, struct l4r_lite_worker *own,
                                int64_t count) {
  int64_t width = lite->sizes.width;
  const int64_t *start = own->rec_start;
  for (int64_t s = 0; s < count; s++)
    l4r_pool_backward(own->d_state + s * width, start[s + 1] - start[s], width,
                      lite->config->readout == L4R_READ_LAST, own->rec_d_hidden + start[s] * width);
}
