/* SPDX-License-Identifier: BSD-3-Clause */
/* The tokenizer file of a model folder. */
#include "impl/train/loop/vocabulary.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/model/item_tokens.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DEFAULT_PIECES = 4000 };

enum { NUMBER_BYTES = 21 }; /* any int64_t with its NUL */

static int train(const struct l4r_vocabulary_options *options, int64_t pieces, const char *path) {
  const struct l4r_dataset *dataset = options->dataset;
  int64_t items = dataset->items, bytes = options->numbers * NUMBER_BYTES;
  for (int64_t i = 1; i <= items; i++) bytes += l4r_item_line(&dataset->text[i], NULL, 0) + 1;
  char *pile = l4r_alloc((size_t)bytes + 1, 1, "item texts");
  const int64_t rounds = options->sentences ? items / options->sentences + 1 : 0;
  const char **line = l4r_alloc((size_t)(items + options->numbers + rounds * options->sentences),
                                sizeof *line, "item texts");
  int status = pile && line ? L4R_OK : L4R_ENVIRONMENT;
  char *at = pile;
  int64_t lines = 0;
  for (int64_t i = 1; i <= items && !status; i++) {
    int64_t length = l4r_item_line(&dataset->text[i], at, bytes + 1 - (at - pile));
    if (length > 0) line[lines++] = at;
    at += length + 1;
  }
  for (int64_t n = 0; n < options->numbers && !status; n++) {
    line[lines++] = at;
    at += snprintf(at, NUMBER_BYTES, "%" PRId64, options->first_number + n) + 1;
  }
  for (int64_t n = 0; n < rounds; n++)
    for (int64_t s = 0; s < options->sentences && !status; s++)
      line[lines++] = options->sentence[s];
  if (!status) status = l4r_tokenizer_train(line, lines, pieces, path);
  l4r_free(line);
  l4r_free(pile);
  return status;
}

/* Uses the tokenizer of the run to be resumed, after checking that it is one; writes nothing. */
static int keep(const struct l4r_vocabulary_options *options, const char *path, char sha256[65]) {
  char given[65];
  if (access(path, F_OK))
    return l4r_fail_errno(L4R_INPUT,
                          "%s: the tokenizer of the training to resume is not there; "
                          "train without --resume",
                          path);
  int status = l4r_sha256_file(path, sha256);
  if (!status && options->tokenizer) status = l4r_tokenizer_sha256(options->tokenizer, given);
  if (!status && options->tokenizer && strcmp(given, sha256) != 0)
    status = l4r_fail(L4R_INPUT,
                      "%s is another tokenizer than %s, with which the training to resume began: "
                      "these are other settings; give that one, or train without --resume",
                      options->tokenizer, path);
  return status;
}

int l4r_vocabulary_make(const struct l4r_vocabulary_options *options, const char *folder,
                        char sha256[65]) {
  char path[L4R_PATH_MAX];
  int status = l4r_path_join(path, folder, "tokenizer.model");
  if (status) return status;
  if (options->keep) return keep(options, path, sha256);
  if (options->tokenizer)
    status = l4r_tokenizer_copy(options->tokenizer, path);
  else
    status = train(options, options->pieces ? options->pieces : DEFAULT_PIECES, path);
  return status ? status : l4r_sha256_file(path, sha256);
}

int l4r_vocabulary_open(const struct l4r_vocabulary_options *options, const char *folder,
                        char sha256[65], struct l4r_tokenizer **tokenizer) {
  char path[L4R_PATH_MAX];
  int status = l4r_vocabulary_make(options, folder, sha256);
  if (!status) status = l4r_path_join(path, folder, "tokenizer.model");
  return status ? status : l4r_tokenizer_open(path, tokenizer);
}
