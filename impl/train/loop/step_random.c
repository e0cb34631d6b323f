/* SPDX-License-Identifier: BSD-3-Clause */
/* Purpose, worker and piece choose the stream; epoch and step choose the position in it. */
#include "impl/train/loop/step_random.h"

void l4r_step_random(struct l4r_random *random, const struct l4r_train_step *step, int purpose,
                     int worker, int64_t piece) {
  uint64_t stream = (uint64_t)purpose << 48 | (uint64_t)worker << 32 | (uint64_t)piece;
  l4r_random_stream(random, step->seed, stream, (uint64_t)step->epoch << 32 | (uint64_t)step->step);
}
