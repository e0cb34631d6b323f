/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of presets. A row sets one option of one or more kinds of models, as if it stood on the
 * command line before everything that does. */
#include "bench/commands/train_presets.h"

#include "bench/commands/commands.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LITE = 1 << L4R_KIND_LITE, SASREC = 1 << L4R_KIND_SASREC };
enum { LONG = 1, SHORT = 2, ANY = LONG | SHORT };
enum { WITH_ENCODER = 4, WITHOUT_ENCODER = 8 }; /* of --init-item: only then, only otherwise */
/* Interactions of a mean user from which histories are long: MovieLens-1M has 165, Beauty 9. */
static const double LONG_FROM = 40;
/* Steps that an epoch of one window a user must have at least. */
enum { STEPS = 20 };

static const struct row {
  enum l4r_preset preset;
  unsigned kinds, when;       /* length of histories, and --init-item */
  const char *option, *value; /* value NULL: a flag */
} rows[] = {
    {L4R_PRESET_BEST, LITE, ANY | WITHOUT_ENCODER, "items", "id"},
    {L4R_PRESET_BEST, LITE, ANY | WITH_ENCODER, "items", "text+id"},
    {L4R_PRESET_BEST, LITE, ANY, "tied", NULL},
    {L4R_PRESET_BEST, LITE, ANY, "tied-scale", "0.1"},
    {L4R_PRESET_BEST, LITE, ANY, "embedding-deviation", "0.5"},
    {L4R_PRESET_BEST, LITE, LONG, "embedding-rate", "10"},
    {L4R_PRESET_BEST, LITE, SHORT, "embedding-rate", "20"},
    {L4R_PRESET_BEST, LITE, ANY, "lr", "1e-3"},
    {L4R_PRESET_BEST, LITE, LONG, "batch", "64"},
    {L4R_PRESET_BEST, LITE, SHORT, "batch", "128"},
    {L4R_PRESET_BEST, LITE, SHORT, "dropout", "0.3"},
    {L4R_PRESET_BEST, LITE, LONG, "epochs", "16"},
    {L4R_PRESET_BEST, LITE, SHORT, "epochs", "25"},
    {L4R_PRESET_BEST, LITE, ANY, "precision", "auto"},
    {L4R_PRESET_BEST, LITE | SASREC, LONG, "gates", "ligr"},
    {L4R_PRESET_BEST, LITE | SASREC, LONG, "activation", "swiglu"},
    {L4R_PRESET_BEST, SASREC, LONG, "batch", "32"},
    {L4R_PRESET_BEST, SASREC, LONG, "schedule", "cosine"},
    {L4R_PRESET_BEST, SASREC, SHORT, "history", "50"},
    {L4R_PRESET_BEST, SASREC, SHORT, "dropout", "0.5"},
    {L4R_PRESET_BEST, SASREC, ANY, "epochs", "25"},
    {L4R_PRESET_PAPER, LITE, ANY, "items", "text"},
    {L4R_PRESET_PAPER, LITE, ANY, "attention", "bidirectional"},
    {L4R_PRESET_PAPER, LITE, ANY, "history", "20"},
    {L4R_PRESET_PAPER, LITE, LONG, "prefixes", "10"},
    {L4R_PRESET_PAPER, LITE, SHORT, "prefixes", "4"},
    {L4R_PRESET_PAPER, LITE, ANY, "item-share", "0.5"},
    {L4R_PRESET_PAPER, LITE, ANY, "embedding-deviation", "0.5"},
    {L4R_PRESET_PAPER, LITE, ANY, "embedding-rate", "10"},
    {L4R_PRESET_PAPER, LITE, ANY, "batch", "256"},
    {L4R_PRESET_PAPER, LITE, SHORT, "dropout", "0.3"},
    {L4R_PRESET_PAPER, LITE, ANY, "lr", "1e-3"},
    {L4R_PRESET_PAPER, LITE, ANY, "precision", "auto"},
};

enum l4r_preset l4r_train_preset(const struct l4r_train_settings *settings) {
  if (l4r_train_given(settings, "preset")) return (enum l4r_preset)settings->preset;
  if (!(1u << settings->kind & (LITE | SASREC)) || l4r_train_given(settings, "size") ||
      l4r_train_given(settings, "items") || l4r_train_given(settings, "init"))
    return L4R_PRESET_PLAIN;
  return L4R_PRESET_BEST;
}

/* A step is not to be a large part of an epoch: few users keep the batch that follows their number.
 */
static int has_room(const struct row *row, double users) {
  return strcmp(row->option, "batch") != 0 || users >= STEPS * atof(row->value);
}

static int applies(const struct row *row, const struct l4r_train_settings *settings,
                   unsigned histories) {
  const unsigned other = settings->init_item ? WITHOUT_ENCODER : WITH_ENCODER;
  return row->kinds & 1u << settings->kind && row->when & histories && !(row->when & other);
}

int l4r_train_preset_apply(struct l4r_train_settings *settings, const struct l4r_dataset *dataset) {
  static const char *const names[] = {"best", "paper", "plain"};
  const enum l4r_preset preset = l4r_train_preset(settings);
  const double users = dataset->users > 0 ? (double)dataset->users : 1;
  const unsigned histories = (double)dataset->interactions / users < LONG_FROM ? SHORT : LONG;
  char said[512] = "";
  size_t used = 0;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct row *row = &rows[i];
    if (row->preset != preset || !applies(row, settings, histories) || !has_room(row, users) ||
        l4r_train_given(settings, row->option))
      continue;
    const int status = l4r_argument_set(&l4r_usage_train, row->option, row->value, settings);
    if (status) return status;
    l4r_text_add(said, sizeof said, &used, " --%s%s%s", row->option, row->value ? " " : "",
                 row->value ? row->value : "");
  }
  if (used)
    l4r_info("preset %s for %s histories:%s", names[preset], histories == LONG ? "long" : "short",
             said);
  return L4R_OK;
}
