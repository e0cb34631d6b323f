/* SPDX-License-Identifier: BSD-3-Clause */
/* What the command line of `train` says, and what follows from it for each kind. */
#ifndef L4R_BENCH_COMMANDS_TRAIN_SETTINGS_H
#define L4R_BENCH_COMMANDS_TRAIN_SETTINGS_H

#include "bench/cli/options.h"
#include "impl/model/config.h"
#include "impl/train/loop/trainer.h"

struct l4r_train_settings { /* as given; INT64_MIN or NULL: not given */
  enum l4r_kind kind;
  const char *data, *out, *size, *attention, *items, *pooling, *readout, *prefixes, *schedule,
      *precision;
  const char *tokenizer, *ids, *id_form, *answer_form, *norm, *init, *init_part, *loss, *update;
  int64_t seed, epochs, threads, batch, history, text_length, patience, validation_users, answers,
      pieces, clusters, leaf, negatives;
  double minutes, rate, warmup, dropout, embedding_deviation, embedding_rate, tied_scale, decay,
      clip, item_share, gbce_t;
  int tied, untied, projection, resume, force, leaky, whole_word;
};

/* Parses argv. *helped is 1 when help was printed. L4R_USAGE with the option's name. */
int l4r_train_settings_parse(int argc, char **argv, struct l4r_train_settings *settings,
                             int *helped);
/* The model's configuration: the size's defaults, changed by what was given. */
int l4r_train_settings_config(const struct l4r_train_settings *settings,
                              struct l4r_model_config *config);
/* The loop's options; `team` and `started_ns` are left to the caller. */
int l4r_train_settings_options(const struct l4r_train_settings *settings,
                               struct l4r_train_options *options);
/* --prefixes: 0 when not given, -1 for "all", else the number. */
int l4r_train_settings_prefixes(const struct l4r_train_settings *settings, int64_t *prefixes);
/* Index of `text` in the NULL-ended list; `otherwise` when text is NULL; L4R_USAGE naming the
 * option and the choices. */
int l4r_train_choice(const char *option, const char *text, const char *const *words, int otherwise,
                     int *choice);

#endif
