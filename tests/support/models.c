/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/models.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/lines.h"
#include "impl/base/memory.h"
#include "impl/data/dataset_write.h"
#include "impl/model/config_sizes.h"
#include "impl/model/model.h"
#include "tests/support/datasets.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct l4r_dataset *test_dataset(const char *name, int variant) {
  const int64_t start[] = {0, 5, 9, 13, 18, 22, 26};
  l4r_item item[] = {1, 2, 3, 4, 5, 2, 3, 4, 6, 1, 2, 4, 3, 7, 1, 2, 3, 8, 2, 4, 5, 1, 6, 2, 3, 9};
  const struct l4r_item_text text[] = {
      {"", "", "", ""},
      {"11", "The quiet harbour", "Northwind", "drama"},
      {"12", "The winter road", "", "drama, winter"},
      {"13", "Wooden train", "Fieldmouse", ""},
      {"14", "Plush fox", "", ""},
      {"15", "", "", ""},
      {"16", "Plush owl, small", "", "toys"},
      {"17", "Songs of the iron bridge", "", "music"},
      {"18", "Mint foot balm", "Fieldmouse", "beauty"},
      {"19", "Rain", "", "drama"},
  };
  if (variant) item[1] = 9;
  const struct test_interactions of = {6, 9, start, item};
  const struct l4r_dataset_source source = test_source(name, &of, text);
  test_dataset_write(name, &source);
  return test_dataset_open(name,
                           L4R_PART_TRAIN | L4R_PART_VALIDATION | L4R_PART_TEST | L4R_PART_TEXT);
}

int64_t test_tokenizer(const char *path) {
  enum { MOST = 64 };
  char *content, *line[MOST];
  size_t bytes;
  const char *source = "tests/golden/tokenizer_lines.txt";
  cr_assert_eq(l4r_read_file(source, 1, &content, &bytes), 0, "%s", l4r_error_message());
  struct l4r_lines lines;
  l4r_lines_init(&lines, source, content, bytes);
  int64_t count = 0;
  while (count < MOST && l4r_lines_next(&lines, &line[count])) count++;
  int status = l4r_tokenizer_train((const char *const *)line, count, 160, path);
  cr_assert_eq(status, 0, "%s", l4r_error_message());
  l4r_free(content);
  struct l4r_tokenizer *tokenizer;
  cr_assert_eq(l4r_tokenizer_open(path, &tokenizer), 0, "%s", l4r_error_message());
  int64_t size = l4r_tokenizer_size(tokenizer);
  l4r_tokenizer_close(tokenizer);
  return size;
}

struct l4r_model_config test_config(enum l4r_kind kind, const char *size, int64_t items,
                                    int64_t pieces) {
  struct l4r_model_config config;
  cr_assert_eq(l4r_config_defaults(kind, size, &config), 0, "%s", l4r_error_message());
  config.items = items;
  if (kind == L4R_KIND_LITE || kind == L4R_KIND_LITE_BEAM) config.item_llm.vocabulary = pieces;
  if (kind == L4R_KIND_LITE_BEAM) config.rec_llm.vocabulary = pieces;
  if (kind == L4R_KIND_P5 || kind == L4R_KIND_P5_HEAD) config.p5.vocabulary = pieces;
  return config;
}

const char *test_model(const char *name, struct l4r_model_config *config, uint64_t seed) {
  struct l4r_tensors tensors;
  cr_assert_eq(l4r_tensors_of(config, &tensors), 0, "%s", l4r_error_message());
  float *values = l4r_alloc((size_t)tensors.floats, sizeof *values, "weights");
  l4r_tensors_init(&tensors, seed, values);
  const char *folder = test_path(name);
  if (l4r_model_needs_tokenizer(config)) {
    char path[L4R_PATH_MAX];
    cr_assert_eq(l4r_make_folders(folder), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_path_join(path, folder, "tokenizer.model"), 0);
    test_tokenizer(path);
  }
  int status = l4r_model_write(folder, config, &tensors, values);
  cr_assert_eq(status, 0, "%s", l4r_error_message());
  l4r_free(values);
  l4r_tensors_free(&tensors);
  return folder;
}

void test_fails(int status, int code, const char *part) {
  cr_assert_eq(status, code, "status %d, message: %s", status, l4r_error_message());
  cr_assert_not_null(strstr(l4r_error_message(), part), "'%s' is not in: %s", part,
                     l4r_error_message());
}
