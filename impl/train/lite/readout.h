/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads one state per user out of the hidden states of sequences, and the way back. */
#ifndef L4R_TRAIN_LITE_READOUT_H
#define L4R_TRAIN_LITE_READOUT_H

#include "impl/train/lite/task.h"

/* Computes state[count][D] from the worker's sequences in rec_hidden, as the configuration says. */
void l4r_lite_read_out(const struct l4r_lite_task *lite, struct l4r_lite_worker *own,
                       int64_t count);
/* Computes rec_d_hidden of the sequences from d_state[count][D]. */
void l4r_lite_read_out_backward(const struct l4r_lite_task *lite, struct l4r_lite_worker *own,
                                int64_t count);

#endif
