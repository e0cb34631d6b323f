/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table/share.h"

#include "impl/base/text.h"
#include "impl/ceiling/peak.h"

#include <math.h>

static const char below[] = "ceiling below the work by a factor of %.2f: measure again or report a "
                            "fault";

const char *l4r_share_text(char out[96], double share) {
  if (share > L4R_SHARE_MOST)
    l4r_text_set(out, 96, below, share);
  else
    l4r_text_set(out, 96, "%.1f %%", 100 * share);
  return out;
}

void l4r_cell_share(struct l4r_table *table, double share) {
  char reason[96];
  if (share > L4R_SHARE_MOST)
    l4r_cell_absent(table, l4r_share_text(reason, share));
  else
    l4r_cell_fixed(table, 100 * share, 1, " %");
}

void l4r_cell_stage_share(struct l4r_table *table, const struct l4r_record_stage *stage) {
  if (!isnan(stage->sgemm_fraction) && isnan(stage->peak_fraction))
    l4r_cell(table, "%.2f x sgemm", stage->sgemm_fraction);
  else
    l4r_cell_share(table, stage->peak_fraction);
}

void l4r_cell_stage_read(struct l4r_table *table, const struct l4r_record_stage *stage) {
  if (stage->read_from)
    l4r_cell(table, "%.1f %% of %s", 100 * stage->read_fraction, stage->read_from);
  else if (stage->memory_fraction > L4R_SHARE_MOST)
    l4r_cell(table, "from caches");
  else if (isnan(stage->memory_fraction))
    l4r_cell_absent(table, NULL);
  else
    l4r_cell(table, "%.1f %% of memory", 100 * stage->memory_fraction);
}

void l4r_cell_ceiling(struct l4r_table *table, const struct l4r_record_ceiling *ceiling) {
  if (ceiling->precision)
    l4r_cell(table, "%s, %s", ceiling->precision,
             ceiling->instructions ? ceiling->instructions : "unknown");
  else if (ceiling->name)
    l4r_cell(table, "sgemm, a rival");
  else
    l4r_cell_absent(table, NULL);
}
