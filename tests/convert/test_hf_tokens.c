/* SPDX-License-Identifier: BSD-3-Clause */
/* Tokens of an exported folder: AutoTokenizer divides texts as our SentencePiece model does, or the
 * folder says who does. Held to transformers 4.39.3, 4.57.1 and 5.24.0. */
#include "baselines/beam/engine.h"
#include "bench/convert/hf_tokenizer.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/model/spm.h"
#include "impl/model/tokenizer.h"
#include "tests/baselines/beam/chain.h"
#include "tests/convert/exported.h"
#include "tests/support/files.h"
#include "tests/support/models.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VARIANTS = 4, MOST = 512 };

static const char *const texts[] = {"title: The quiet harbour",
                                    "  two  blanks ",
                                    "",
                                    "   ",
                                    "1995, 12345678; No 7!",
                                    "\xef\xbc\xa6\xef\xbd\x95ll width \xc2\xbd \xe2\x84\xa2",
                                    "e\xcc\x81t\xc3\xa9 \xc3\xa0 nbsp\xc2\xa0x",
                                    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e harbour",
                                    "emoji \xf0\x9f\x98\x80 x",
                                    "tab\there",
                                    "a"};
enum { TEXTS = sizeof texts / sizeof *texts };

/* A trained tokenizer with other settings of blanks. */
static void variant_of(int variant, const char *path) {
  char *content, *made;
  size_t bytes, size;
  struct l4r_spm spm;
  test_tokenizer(test_path("trained.model"));
  test_ok(l4r_read_file(test_path("trained.model"), 0, &content, &bytes));
  test_ok(l4r_spm_parse("trained.model", content, bytes, &spm));
  spm.add_dummy_prefix = !(variant & 1);
  spm.remove_extra_whitespaces = !(variant & 2);
  test_ok(l4r_spm_build(&spm, &made, &size));
  test_ok(l4r_write_file(path, made, size));
  l4r_free(made);
  l4r_spm_free(&spm);
  l4r_free(content);
}

/* A p5 model without an epoch around this tokenizer, exported. */
static void export_with(int variant, const struct l4r_dataset *dataset, char folder[256]) {
  char model[32], name[32], tokenizer[256];
  int interrupted;
  snprintf(model, sizeof model, "model%d", variant);
  snprintf(name, sizeof name, "hf%d", variant);
  snprintf(tokenizer, sizeof tokenizer, "%s", test_path("variant.model"));
  variant_of(variant, tokenizer);
  struct l4r_beam_train_options train = chain_options(dataset, L4R_KIND_P5, model);
  train.tokenizer = tokenizer;
  test_ok(l4r_beam_train(&train, &interrupted));
  snprintf(folder, 256, "%s", test_path(name));
  test_ok(test_export("hf", test_path(model), "--data", dataset->path, "--out", folder, NULL));
}

static void same_tokens(const json_t *answers, const char *model) {
  struct l4r_tokenizer *tokenizer;
  test_ok(l4r_tokenizer_open(model, &tokenizer));
  for (size_t t = 0; t < TEXTS; t++) {
    int32_t id[MOST];
    const json_t *its = json_array_get(answers, t);
    const int64_t count = l4r_tokenizer_encode(tokenizer, texts[t], id, MOST);
    cr_assert_eq((int64_t)json_array_size(its), count, "%s, '%s': %zu tokens, not %d", model,
                 texts[t], json_array_size(its), (int)count);
    for (int64_t i = 0; i < count; i++)
      cr_assert_eq(json_integer_value(json_array_get(its, (size_t)i)), id[i], "%s, '%s', token %d",
                   model, texts[t], (int)i);
  }
  l4r_tokenizer_close(tokenizer);
}

Test(export_hf_tokens, auto_tokenizer_divides_texts_as_we_do, .timeout = 240) {
  const struct l4r_dataset *dataset = chain_dataset("data", 0);
  char folder[VARIANTS][256], arguments[VARIANTS * 256] = "", *input;
  size_t bytes;
  for (int v = 0; v < VARIANTS; v++) {
    export_with(v, dataset, folder[v]);
    strcat(strcat(arguments, " "), folder[v]);
  }
  FILE *stream = open_memstream(&input, &bytes);
  for (size_t t = 0; t < TEXTS; t++) {
    json_t *text = json_string(texts[t]);
    json_dumpf(text, stream, JSON_ENCODE_ANY);
    fputc('\n', stream);
    json_decref(text);
  }
  fclose(stream);
  json_t *answers = test_python("hf_tokens.py", arguments, input);
  cr_assert_eq(json_array_size(answers), VARIANTS);
  for (int v = 0; v < VARIANTS; v++) {
    char model[300];
    snprintf(model, sizeof model, "%s/spiece.model", folder[v]);
    same_tokens(json_array_get(answers, (size_t)v), model);
  }
  json_decref(answers);
}

static const char *refusal(const struct l4r_spm *spm) {
  const char *reason = l4r_hf_no_tokenizer(spm);
  return reason ? reason : "";
}

/* Settings that no pipeline of transformers has are named, not approximated. */
Test(export_hf_tokens, models_that_transformers_cannot_divide_by_are_named) {
  struct l4r_spm_piece piece[5] = {
      {.text = "<pad>", .bytes = 5, .type = L4R_SPM_CONTROL},
      {.text = "</s>", .bytes = 4, .type = L4R_SPM_CONTROL},
      {.text = "<unk>", .bytes = 5, .type = L4R_SPM_UNKNOWN},
      {.text = "a", .bytes = 1, .type = L4R_SPM_NORMAL},
      {.text = "\xe2\x96\x81\xe2\x96\x81", .bytes = 6, .type = L4R_SPM_NORMAL}};
  struct l4r_spm spm = {
      .piece = piece, .pieces = 5, .model_type = L4R_SPM_UNIGRAM, .escape_whitespaces = 1};
  cr_assert(strstr(refusal(&spm), "blank inside"));
  piece[4].bytes = 3;
  cr_assert_str_eq(refusal(&spm), "");
  spm.model_type = L4R_SPM_BPE;
  cr_assert(strstr(refusal(&spm), "unigram"));
  spm.model_type = L4R_SPM_UNIGRAM;
  spm.whitespace_as_suffix = 1;
  cr_assert(strstr(refusal(&spm), "treat_whitespace_as_suffix"));
  spm.whitespace_as_suffix = 0;
  piece[4] = (struct l4r_spm_piece){.text = "a\xe2\x96\x81", .bytes = 4, .type = L4R_SPM_NORMAL};
  cr_assert(strstr(refusal(&spm), "blank inside"));
  piece[4] = (struct l4r_spm_piece){.text = "<b>", .bytes = 3, .type = L4R_SPM_USER_DEFINED};
  cr_assert(strstr(refusal(&spm), "user-defined"));
}
