/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/busy.h"

#include "impl/base/text.h"

static double share_of(double share) {
  return share > 0 ? share : 0;
}

double l4r_busy_share(const struct l4r_record *record, int64_t *round) {
  double most = 0;
  for (int64_t r = 0; r < record->data.rounds.count; r++) {
    const struct l4r_record_watch *machine = &record->data.rounds.at[r].machine;
    const double taken = share_of(machine->steal_share) + share_of(machine->others_share);
    if (taken <= most) continue;
    most = taken;
    if (round) *round = r;
  }
  return most;
}

const char *l4r_busy_text(const struct l4r_record *record, char *out, size_t size) {
  const double share = l4r_busy_share(record, NULL);
  if (share < L4R_BUSY_FROM)
    l4r_text_set(out, size, "%s", "");
  else
    l4r_text_set(out, size, "busy %.0f %%", 100 * share);
  return out;
}
