/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/user_ranks.h"

#include "bench/record/read.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/file.h"

#include <math.h>
#include <string.h>

const char l4r_mask_by_scores[] = "all scores";

int l4r_user_ranks_read(const struct l4r_record *record, struct l4r_user_ranks *ranks) {
  char path[L4R_PATH_MAX], where[1100];
  const char *name = record->data.accuracy.samples;
  *ranks = (struct l4r_user_ranks){.depth = INT64_MAX};
  l4r_record_where(record, where, sizeof where);
  if (!name)
    return l4r_fail(L4R_INPUT, "%s: accuracy.samples: the record names no file of ranks", where);
  int status = l4r_record_sibling_path(record, name, path);
  if (!status) status = l4r_bundle_read(path, &ranks->bundle);
  if (!status) status = l4r_bundle_need(&ranks->bundle, "keep", &ranks->rank[0]);
  if (!status) status = l4r_bundle_need(&ranks->bundle, "mask", &ranks->rank[1]);
  if (status) return l4r_fail_context(status, "%s: accuracy.samples", where);
  ranks->user = l4r_bundle_find(&ranks->bundle, "user");
  /* Where all items had a score every rank is known; older files do not say how ranks were made. */
  const char *by = l4r_text_at(ranks->bundle.meta, "mask_by");
  const int64_t k = record->data.settings.k;
  if (k != L4R_NONE && strcmp(by, l4r_mask_by_scores) != 0) ranks->depth = k;
  return L4R_OK;
}

void l4r_user_ranks_free(struct l4r_user_ranks *ranks) {
  l4r_bundle_free(&ranks->bundle);
  *ranks = (struct l4r_user_ranks){.depth = 0};
}

double l4r_figure_of_rank(const struct l4r_figure *figure, int64_t rank) {
  if (rank < 1 || rank > figure->depth) return 0;
  return figure->discounted ? 1 / log2((double)rank + 1) : 1;
}
