/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/model/safetensors.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "impl/model/safetensors_match.h"
#include "impl/model/safetensors_write.h"
#include "tests/support/files.h"
#include "tests/support/models.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file with this header (its length put before it) and `bytes` bytes of values. */
static const char *file_of(const char *name, const char *header, const void *values, size_t bytes) {
  static unsigned char content[65536];
  size_t length = strlen(header);
  cr_assert_lt(8 + length + bytes, sizeof content);
  for (int i = 0; i < 8; i++) content[i] = (unsigned char)(length >> 8 * i);
  memcpy(content + 8, header, length);
  if (bytes) memcpy(content + 8 + length, values, bytes);
  return test_bytes(name, content, 8 + length + bytes);
}

static struct l4r_safetensors *opened(const char *path) {
  struct l4r_safetensors *safetensors;
  cr_assert_eq(l4r_safetensors_open(path, &safetensors), 0, "%s", l4r_error_message());
  return safetensors;
}

Test(safetensors, what_is_written_is_read_back) {
  struct l4r_model_config config = test_config(L4R_KIND_LITE, "tiny", 9, 161);
  struct l4r_tensors tensors;
  cr_assert_eq(l4r_tensors_of(&config, &tensors), 0);
  float *values = l4r_alloc((size_t)tensors.floats, sizeof *values, "weights");
  l4r_tensors_init(&tensors, 3, values);
  const char *path = test_path("a.safetensors");
  cr_assert_eq(l4r_safetensors_write(path, &tensors, values), 0, "%s", l4r_error_message());
  struct l4r_safetensors *safetensors = opened(path);
  cr_assert_eq(l4r_safetensors_match(safetensors, &tensors, 0), 0, "%s", l4r_error_message());
  cr_assert_eq(l4r_safetensors_check_finite(safetensors), 0);
  l4r_safetensors_drop_pages(safetensors);
  for (int64_t i = 0; i < tensors.count; i++) {
    const struct l4r_tensor *tensor = &tensors.tensor[i];
    const float *view, *expected = values + tensor->offset;
    float *copy = l4r_alloc((size_t)tensor->count, sizeof *copy, "a copy");
    int64_t rows = tensor->rows, columns = tensor->columns;
    cr_assert_eq(l4r_safetensors_view(safetensors, tensor->name, rows, columns, &view), 0);
    cr_assert_eq(l4r_safetensors_copy(safetensors, tensor->name, rows, columns, copy), 0);
    cr_assert_arr_eq(view, expected, (size_t)tensor->count * sizeof *view);
    int file;
    int64_t begin;
    cr_assert_eq(l4r_safetensors_place(safetensors, tensor->name, rows, columns, &file, &begin), 0);
    const ssize_t all = (ssize_t)((size_t)tensor->count * sizeof *copy);
    cr_assert_eq(pread(file, copy, (size_t)all, begin), all);
    cr_assert_arr_eq(copy, expected, (size_t)all);
    close(file);
    cr_assert_arr_eq(copy, expected, (size_t)tensor->count * sizeof *copy);
    l4r_free(copy);
  }
  char *content;
  size_t bytes;
  cr_assert_eq(l4r_read_file(path, 0, &content, &bytes), 0);
  uint64_t length;
  memcpy(&length, content, 8);
  cr_assert_eq((length + 8) % 64, 0u, "values begin on a cache line");
  cr_assert_not_null(strstr(content + 8, "\"__metadata__\":{\"format\":\"pt\"}"));
  l4r_free(content);
  l4r_safetensors_close(safetensors);
  l4r_free(values);
  l4r_tensors_free(&tensors);
}

Test(safetensors, half_types_are_converted_exactly) {
  const uint16_t bits[] = {0x3c00, 0xc000, 0x0001, 0x8000, 0x7bff, 0x03ff,  /* F16 */
                           0x3f80, 0xc000, 0x0001, 0x8000, 0x7f7f, 0x3eab}; /* BF16 */
  const float expected[] = {1, -2, 0x1p-24f,  -0.0f, 65504,        1023 * 0x1p-24f,
                            1, -2, 0x1p-133f, -0.0f, 0x1.fep+127f, 0x1.56p-2f};
  struct l4r_safetensors *safetensors = opened(
      file_of("half",
              "{\"h\":{\"dtype\":\"F16\",\"shape\":[2,3],\"data_offsets\":[0,12]},"
              "\"b\":{\"dtype\":\"BF16\",\"shape\":[6],\"data_offsets\":[12,24]}}",
              bits, sizeof bits));
  float found[12];
  cr_assert_eq(l4r_safetensors_copy(safetensors, "h", 2, 3, found), 0);
  cr_assert_eq(l4r_safetensors_copy(safetensors, "b", 6, 0, found + 6), 0);
  cr_assert_arr_eq(found, expected, sizeof expected);
  const float *view;
  test_fails(l4r_safetensors_view(safetensors, "h", 2, 3, &view), L4R_INPUT, "tensor h is F16");
  l4r_safetensors_close(safetensors);
}

#define T(begin, end) "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[" #begin "," #end "]}"

Test(safetensors, damaged_headers_are_refused_with_their_place) {
  static const struct {
    const char *header, *message;
    size_t bytes;
  } cases[] = {
      {"", "byte 8", 0},
      {"[]", "not a JSON object", 0},
      {"{\"a\":", "not valid JSON", 0},
      {"{\"a\":3}", "tensor a: no dtype", 0},
      {"{\"a\":" T(0, 8) ",\"a\":" T(8, 16) "}", "not valid JSON", 16},
      {"{\"a\":" T(0, 8) "}", "tensor a ends at byte 8", 4},
      {"{\"a\":" T(0, 8) "}", "4 bytes follow the last tensor", 12},
      {"{\"a\":" T(4, 12) "}", "tensor a begins at byte 4", 12},
      {"{\"a\":" T(0, 8) ",\"b\":" T(12, 20) "}", "tensor b begins at byte 12", 20},
      {"{\"a\":" T(0, 8) ",\"b\":" T(4, 12) "}", "tensor b begins at byte 4", 12},
      {"{\"a\":" T(0, 12) "}", "tensor a: its bytes do not fit its shape", 12},
      {"{\"a\":" T(8, 0) "}", "tensor a: its bytes", 8},
      {"{\"a\":" T(-8, 0) "}", "tensor a: its bytes", 8},
      {"{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}", "unknown", 8},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}", "no shape", 8},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", "not a count", 8},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}", "not a count", 8},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
       "overflows", 0},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}",
       "do not fit", 0},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}",
       "dimensions", 4},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", "data_offsets", 8},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,9]}}", "data_offsets", 8},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":\"0,8\"}}", "data_offsets", 8},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", "data_offsets", 8},
      {"{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", "no dtype", 8},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}}",
       "not valid JSON", 8},
  };
  const float zeros[8] = {0};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct l4r_safetensors *safetensors = NULL;
    const char *path = file_of("bad.safetensors", cases[i].header, zeros, cases[i].bytes);
    int status = l4r_safetensors_open(path, &safetensors);
    test_fails(status, L4R_INPUT, cases[i].message);
    test_fails(status, L4R_INPUT, "bad.safetensors");
    cr_assert_null(safetensors);
  }
}

Test(safetensors, lengths_that_cannot_be_are_refused) {
  struct l4r_safetensors *safetensors;
  test_fails(l4r_safetensors_open(test_path("none"), &safetensors), L4R_INPUT, "none");
  test_fails(l4r_safetensors_open(test_folder(), &safetensors), L4R_INPUT, "regular");
  test_fails(l4r_safetensors_open(test_file("empty", ""), &safetensors), L4R_INPUT, "0 bytes");
  const unsigned char huge[] = {255, 255, 255, 255, 255, 255, 255, 255, '{', '}'};
  test_fails(l4r_safetensors_open(test_bytes("huge", huge, 10), &safetensors), L4R_INPUT, "byte 0");
  const unsigned char more[] = {3, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
  test_fails(l4r_safetensors_open(test_bytes("more", more, 10), &safetensors), L4R_INPUT, "byte 0");
}

/* A valid small file, for damage. */
static size_t small_file(unsigned char *content, size_t room) {
  const float values[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  file_of("small",
          "{\"__metadata__\":{\"format\":\"pt\"},\"m\":{\"dtype\":\"F32\",\"shape\":[2,3],"
          "\"data_offsets\":[0,24]},\"v\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[24,"
          "32]}}  ",
          values, sizeof values);
  FILE *file = fopen(test_path("small"), "rb");
  size_t bytes = fread(content, 1, room, file);
  fclose(file);
  return bytes;
}

/* Opens; where that succeeds, everything must be readable within the file. Returns the status. */
static int open_and_read(const unsigned char *content, size_t bytes) {
  struct l4r_safetensors *safetensors;
  int status = l4r_safetensors_open(test_bytes("damaged", content, bytes), &safetensors);
  if (status) {
    cr_assert_eq(status, L4R_INPUT, "%s", l4r_error_message());
    return status;
  }
  float values[6];
  const float *view;
  volatile float sum = 0;
  l4r_safetensors_check_finite(safetensors);
  l4r_safetensors_copy(safetensors, "m", 2, 3, values);
  l4r_safetensors_copy(safetensors, "v", 2, 0, values);
  if (!l4r_safetensors_view(safetensors, "m", 2, 3, &view)) {
    for (int i = 0; i < 6; i++) sum = sum + view[i];
  }
  l4r_safetensors_close(safetensors);
  return L4R_OK;
}

Test(safetensors, a_file_cut_anywhere_is_refused) {
  unsigned char content[512];
  size_t bytes = small_file(content, sizeof content);
  cr_assert_eq(open_and_read(content, bytes), 0, "%s", l4r_error_message());
  for (size_t cut = 0; cut < bytes; cut++) {
    cr_assert_eq(open_and_read(content, cut), L4R_INPUT, "%zu of %zu bytes", cut, bytes);
  }
}

Test(safetensors, no_flipped_byte_crashes_the_reader) {
  unsigned char content[512], damaged[512];
  size_t bytes = small_file(content, sizeof content);
  struct l4r_random random;
  l4r_random_seed(&random, 4);
  int refused = 0;
  for (int round = 0; round < 6000; round++) {
    memcpy(damaged, content, bytes);
    /* First every byte once through some values, then several at random places together. */
    if ((size_t)round < 8 * bytes) {
      damaged[round % (int)bytes] ^= (unsigned char)(1u << round / (int)bytes);
    } else {
      int flips = 1 + (int)l4r_random_below(&random, 6);
      for (int i = 0; i < flips; i++) {
        damaged[l4r_random_below(&random, bytes)] = (unsigned char)l4r_random_below(&random, 256);
      }
    }
    refused += open_and_read(damaged, bytes) != 0;
  }
  cr_assert_gt(refused, 2000);
  cr_assert_lt(refused, 6000, "damage to values alone cannot be seen by the header");
}

Test(safetensors, values_that_are_no_numbers_are_found) {
  static const struct {
    int tensor;
    uint32_t bits;
    const char *message;
  } cases[] = {{0, 0x7fc00000u, "tensor m: value 0 is NaN"},
               {5, 0x7f800000u, "tensor m: value 5 is NaN or infinite"},
               {7, 0xff800001u, "tensor v: value 1 is NaN"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    unsigned char content[512];
    size_t bytes = small_file(content, sizeof content);
    memcpy(content + bytes - 32 + 4 * cases[i].tensor, &cases[i].bits, 4);
    struct l4r_safetensors *safetensors = opened(test_bytes("nan", content, bytes));
    test_fails(l4r_safetensors_check_finite(safetensors), L4R_INPUT, cases[i].message);
    l4r_safetensors_close(safetensors);
  }
  const uint16_t bits[] = {0x3c00, 0x7c00};
  struct l4r_safetensors *safetensors = opened(
      file_of("half", "{\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}", bits,
              sizeof bits));
  test_fails(l4r_safetensors_check_finite(safetensors), L4R_INPUT, "tensor h: value 1");
  l4r_safetensors_close(safetensors);
}

Test(safetensors, wrong_requests_name_tensor_and_shapes) {
  unsigned char content[512];
  size_t bytes = small_file(content, sizeof content);
  struct l4r_safetensors *safetensors = opened(test_bytes("s", content, bytes));
  const float *view;
  test_fails(l4r_safetensors_view(safetensors, "x", 2, 3, &view), L4R_INPUT, "tensor x is missing");
  test_fails(l4r_safetensors_view(safetensors, "m", 3, 2, &view), L4R_INPUT,
             "tensor m is 2 x 3, 3 x 2 is needed");
  test_fails(l4r_safetensors_view(safetensors, "m", 6, 0, &view), L4R_INPUT, "tensor m is 2 x 3");
  test_fails(l4r_safetensors_view(safetensors, "v", 2, 1, &view), L4R_INPUT, "tensor v is 2");
  l4r_safetensors_close(safetensors);
  const float one[2] = {1, 2};
  safetensors = opened(file_of("odd", "{\"a\":" T(0, 8) "} ", one, 8)); /* 59 bytes: misaligned */
  test_fails(l4r_safetensors_view(safetensors, "a", 2, 0, &view), L4R_INPUT, "not a multiple of 4");
  float copy[2];
  cr_assert_eq(l4r_safetensors_copy(safetensors, "a", 2, 0, copy), 0);
  cr_assert_eq(copy[1], 2);
  l4r_safetensors_close(safetensors);
}

/* The list of a tied P5 model with one more tensor, named `extra`, whose first value is `first`. */
static int match_with(const char *extra, float first) {
  struct l4r_model_config config = test_config(L4R_KIND_P5, "tiny", 9, 40);
  struct l4r_tensors tensors;
  cr_assert_eq(l4r_tensors_of(&config, &tensors), 0);
  struct l4r_tensors longer = {.count = tensors.count + 1};
  longer.tensor = l4r_alloc((size_t)longer.count, sizeof *longer.tensor, "a longer list");
  memcpy(longer.tensor, tensors.tensor, (size_t)tensors.count * sizeof *longer.tensor);
  struct l4r_tensor *last = &longer.tensor[tensors.count];
  *last = *l4r_tensors_find(&tensors, "shared.weight");
  snprintf(last->name, sizeof last->name, "%s", extra);
  last->offset = tensors.floats;
  longer.floats = tensors.floats + 40 * 64;
  float *values = l4r_alloc((size_t)longer.floats, sizeof *values, "weights");
  l4r_tensors_init(&tensors, 3, values);
  memcpy(values + last->offset, values, 40 * 64 * sizeof *values);
  values[last->offset] += first;
  cr_assert_eq(l4r_safetensors_write(test_path("p5"), &longer, values), 0);
  struct l4r_safetensors *safetensors = opened(test_path("p5"));
  int status = l4r_safetensors_match(safetensors, &tensors, 0);
  l4r_safetensors_close(safetensors);
  l4r_free(values);
  l4r_tensors_free(&tensors);
  l4r_tensors_free(&longer);
  return status;
}

Test(safetensors, copies_of_a_tied_embedding_are_accepted) {
  cr_assert_eq(match_with("encoder.embed_tokens.weight", 0), 0, "%s", l4r_error_message());
  cr_assert_eq(match_with("decoder.embed_tokens.weight", 0), 0, "%s", l4r_error_message());
  cr_assert_eq(match_with("lm_head.weight", 0), 0, "%s", l4r_error_message());
  test_fails(match_with("lm_head.weight", 1), L4R_INPUT, "lm_head.weight differs from shared");
  test_fails(match_with("item_llm.lm_head.weight", 0), L4R_INPUT, "item_llm.lm_head.weight");
  test_fails(match_with("stranger", 0), L4R_INPUT, "tensor stranger");
}

Test(safetensors, an_unwritable_place_is_named_and_left_clean) {
  struct l4r_model_config config = test_config(L4R_KIND_P5, "tiny", 9, 40);
  struct l4r_tensors tensors;
  cr_assert_eq(l4r_tensors_of(&config, &tensors), 0);
  float *values = l4r_alloc((size_t)tensors.floats, sizeof *values, "weights");
  int status = l4r_safetensors_write(test_path("no/such/folder/x"), &tensors, values);
  test_fails(status, L4R_ENVIRONMENT, "no/such/folder");
  l4r_free(values);
  l4r_tensors_free(&tensors);
}
