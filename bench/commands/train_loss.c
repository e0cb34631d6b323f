/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/commands/train_loss.h"

#include "impl/base/error.h"

/* As in train_settings.h; as a double the same number, because it is a power of two. */
#define NOT_GIVEN INT64_MIN

static int check_sampled(const struct l4r_train_settings *s, enum l4r_lite_loss loss) {
  const int sampled = loss != L4R_LOSS_CROSS_ENTROPY;
  if (!sampled && (s->negatives != NOT_GIVEN || s->update))
    return l4r_fail(
        L4R_USAGE,
        "--%s belongs to --loss sampled-softmax and gbce: cross-entropy is over all items",
        s->update ? "update" : "negatives");
  if (s->negatives != NOT_GIVEN && s->negatives < 1)
    return l4r_fail(L4R_USAGE, "--negatives must be at least 1, not %lld", (long long)s->negatives);
  if (s->gbce_t == NOT_GIVEN) return L4R_OK;
  if (loss != L4R_LOSS_GBCE) return l4r_fail(L4R_USAGE, "--gbce-t belongs to --loss gbce");
  if (!(s->gbce_t >= 0 && s->gbce_t <= 1))
    return l4r_fail(L4R_USAGE, "--gbce-t must be 0 to 1, not %g", s->gbce_t);
  return L4R_OK;
}

int l4r_train_loss(const struct l4r_train_settings *s, struct l4r_lite_train_options *options) {
  static const char *const losses[] = {"cross-entropy", "sampled-softmax", "gbce", NULL},
                           *const updates[] = {"by-size", "dense", "rows", NULL};
  int loss, update;
  int status = l4r_train_choice("loss", s->loss, losses, L4R_LOSS_CROSS_ENTROPY, &loss);
  if (!status) status = l4r_train_choice("update", s->update, updates, L4R_UPDATE_BY_SIZE, &update);
  if (!status) status = check_sampled(s, (enum l4r_lite_loss)loss);
  if (status) return status;
  options->loss = (enum l4r_lite_loss)loss;
  options->update = (enum l4r_lite_update)update;
  options->negatives = s->negatives == NOT_GIVEN ? 0 : s->negatives;
  options->calibration = s->gbce_t == NOT_GIVEN ? -1 : s->gbce_t;
  return L4R_OK;
}
