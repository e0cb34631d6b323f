/* SPDX-License-Identifier: BSD-3-Clause */
/* From the hidden states of sequences to a state a user, and back. */
#ifndef L4R_TRAIN_LITE_READOUT_H
#define L4R_TRAIN_LITE_READOUT_H

#include "impl/train/lite/task.h"

/* state[count][D] of the worker's sequences in rec_hidden, as the configuration reads them out. */
void l4r_lite_read_out(const struct l4r_lite_task *lite, struct l4r_lite_worker *own,
                       int64_t count);
/* rec_d_hidden of the sequences from d_state[count][D]. */
void l4r_lite_read_out_backward(const struct l4r_lite_task *lite, struct l4r_lite_worker *own,
                                int64_t count);

#endif
