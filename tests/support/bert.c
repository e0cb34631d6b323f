/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/bert.h"

#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/model/tensors.h"
#include "tests/support/files.h"
#include "tests/support/t5.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(const char *folder, const char *name, const char *text) {
  char inside[128];
  snprintf(inside, sizeof inside, "%s/%s", folder, name);
  test_file(inside, text);
}

static void put_config(const char *folder, const char *setting) {
  static const char *const usual[] = {"\"hidden_act\": \"gelu\"",
                                      "\"num_attention_heads\": 3",
                                      "\"layer_norm_eps\": 1e-12",
                                      "\"num_hidden_layers\": 2",
                                      "\"vocab_size\": 61",
                                      "\"is_decoder\": false",
                                      "\"position_embedding_type\": \"absolute\""};
  char text[1024];
  size_t used = (size_t)snprintf(
      text, sizeof text,
      "{\"model_type\": \"bert\", \"hidden_size\": 24, \"intermediate_size\": 40, "
      "\"max_position_embeddings\": 23, \"type_vocab_size\": 2");
  for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
    const size_t name = strcspn(usual[i], ":");
    const int replaced = setting && !strncmp(usual[i], setting, name + 1);
    used += (size_t)snprintf(text + used, sizeof text - used, ", %s",
                             replaced ? setting : usual[i]);
  }
  snprintf(text + used, sizeof text - used, "}");
  put(folder, "config.json", text);
}

static void put_tokenizer(const char *folder) {
  static const char *const special[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]"};
  char text[4096];
  size_t used = (size_t)snprintf(
      text, sizeof text,
      "{\"normalizer\": {\"type\": \"BertNormalizer\"}, \"pre_tokenizer\": {\"type\": "
      "\"BertPreTokenizer\"}, \"model\": {\"type\": \"WordPiece\", \"vocab\": {");
  for (int p = 0; p < 61; p++) { /* 26 letters, twice, and digits */
    char piece[8];
    if (p < 4)
      snprintf(piece, sizeof piece, "%s", special[p]);
    else if (p < 56)
      snprintf(piece, sizeof piece, "%s%c", p < 30 ? "" : "##", 'a' + (p - 4) % 26);
    else
      snprintf(piece, sizeof piece, "%d", p - 56);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s\"%s\": %d", p ? ", " : "", piece,
                             p);
  }
  snprintf(text + used, sizeof text - used, "}}}");
  put(folder, "tokenizer.json", text);
}

/* The nearest half, ties to even, of a value that is one when it is not tiny. */
static uint16_t half_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  const uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude < 0x38800000) return (uint16_t)sign; /* below the smallest normal half */
  return (uint16_t)(sign | ((magnitude + 0xfff + (magnitude >> 13 & 1)) - 0x38000000) >> 13);
}

static size_t put_value(unsigned char *to, const char *type, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  const int wide = !strncmp(type, "F32", 3);
  if (!strncmp(type, "F16", 3)) bits = half_of(value);
  if (!strncmp(type, "BF16", 4)) bits >>= 16;
  for (int b = 0; b < (wide ? 4 : 2); b++) to[b] = (unsigned char)(bits >> 8 * b);
  return wide ? 4 : 2;
}

static void put_weights(const char *folder, const char *type) {
  struct test_golden golden;
  struct l4r_tensors tensors;
  char inside[128], word[8] = "", header[16384];
  size_t used = 0, at = 0;
  test_golden_open("bert", &golden);
  test_ok(l4r_tensors_of_bert(&golden.shape, &tensors));
  memcpy(word, type, strcspn(type, " "));
  const size_t bytes = strcmp(word, "F32") ? 2 : 4;
  unsigned char *file = l4r_alloc((size_t)tensors.floats + 4096, 4, "a file");
  unsigned char *data = file + sizeof header + 8;
  header[used++] = '{';
  for (int64_t t = 0; t <= tensors.count; t++) {
    const struct l4r_tensor pooler = {.name = "pooler.dense.bias", .rows = 24, .count = 24};
    const struct l4r_tensor *tensor = t < tensors.count ? &tensors.tensor[t] : &pooler;
    char name[160], columns[32] = "";
    const float *values = NULL;
    snprintf(name, sizeof name, "item_llm.%s", tensor->name);
    if (t < tensors.count)
      test_ok(l4r_safetensors_view(golden.model, name, tensor->rows, tensor->columns, &values));
    if (tensor->columns) snprintf(columns, sizeof columns, ", %d", (int)tensor->columns);
    used += (size_t)snprintf(header + used, sizeof header - used,
                             "%s\"%s\": {\"dtype\": \"%s\", \"shape\": [%d%s], \"data_offsets\": "
                             "[%zu, %zu]}",
                             t ? ", " : "", tensor->name, word, (int)tensor->rows, columns, at,
                             at + (size_t)tensor->count * bytes);
    for (int64_t i = 0; i < tensor->count; i++)
      at += put_value(data + at, word, values ? values[i] : 0);
  }
  header[used++] = '}';
  while (used < sizeof header) header[used++] = ' ';
  if (strstr(type, "NaN")) data[1000 * bytes + bytes - 1] = data[1000 * bytes + bytes - 2] = 0x7f;
  if (strstr(type, "NaN")) data[1000 * bytes + bytes - 2] = 0xff;
  const uint64_t length = sizeof header;
  for (int b = 0; b < 8; b++) file[b] = (unsigned char)(length >> 8 * b);
  memcpy(file + 8, header, sizeof header);
  snprintf(inside, sizeof inside, "%s/model.safetensors", folder);
  test_bytes(inside, file, 8 + sizeof header + at);
  l4r_free(file);
  l4r_tensors_free(&tensors);
  test_golden_close(&golden);
}

const char *test_bert_folder(const char *folder, const char *type, const char *setting) {
  char inside[128];
  snprintf(inside, sizeof inside, "%s/1_Pooling", folder);
  test_ok(l4r_make_folders(test_path(inside)));
  put_config(folder, setting);
  put_tokenizer(folder);
  put_weights(folder, type);
  put(folder, "1_Pooling/config.json",
      "{\"word_embedding_dimension\": 24, \"pooling_mode_cls_token\": false, "
      "\"pooling_mode_mean_tokens\": true}");
  put(folder, "modules.json",
      "[{\"idx\": 0, \"name\": \"0\", \"path\": \"\", \"type\": "
      "\"sentence_transformers.models.Transformer\"}, {\"path\": \"1_Pooling\", \"type\": "
      "\"sentence_transformers.models.Pooling\"}, {\"path\": \"2_Normalize\", \"type\": "
      "\"sentence_transformers.models.Normalize\"}]");
  put(folder, "README.md", "---\nlanguage: en\nlicense: apache-2.0\n---\nA model card.\n");
  return test_path(folder);
}
