/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/words/words.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <utf8proc.h>

enum { MOST_PARTS = 32 }; /* code points of a decomposed one; Unicode promises at most 18 */

static int is_white(int32_t c) { /* Unicode's White_Space */
  return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

/* Of category C (control, format, surrogate, private), except what a line consists of. */
static int is_control(int32_t c) {
  if (c == '\t' || c == '\n' || c == '\r') return 0;
  switch (utf8proc_category(c)) {
  case UTF8PROC_CATEGORY_CC:
  case UTF8PROC_CATEGORY_CF:
  case UTF8PROC_CATEGORY_CS:
  case UTF8PROC_CATEGORY_CO:
    return 1;
  default:
    return 0;
  }
}

static int is_punctuation(int32_t c) {
  if (c < 128)
    return c > ' ' && c < 127 && !(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z');
  const int category = (int)utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

/* The blocks that BERT calls Chinese. */
static int is_chinese(int32_t c) {
  static const int32_t blocks[][2] = {{0x4e00, 0x9fff},   {0x3400, 0x4dbf},   {0x20000, 0x2a6df},
                                      {0x2a700, 0x2b73f}, {0x2b740, 0x2b81f}, {0x2b920, 0x2ceaf},
                                      {0xf900, 0xfaff},   {0x2f800, 0x2fa1f}};
  for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
    if (c >= blocks[b][0] && c <= blocks[b][1]) return 1;
  return 0;
}

/* --- normalising: code points in, code points out --- */

static int put(struct l4r_words *words, int64_t *count, int32_t c) {
  int status = l4r_grow(&words->point, &words->point_capacity, (size_t)*count + 1,
                        sizeof *words->point, "a text's characters");
  if (!status) words->point[(*count)++] = c;
  return status;
}

/* One small letter a capital, but for the only one that has two. */
static int put_lower(struct l4r_words *words, int64_t *count, int32_t c) {
  if (c != 0x130) return put(words, count, utf8proc_tolower(c));
  const int status = put(words, count, 'i');
  return status ? status : put(words, count, 0x307);
}

static int put_letter(const struct l4r_word_rules *rules, struct l4r_words *words, int64_t *count,
                      int32_t c) {
  return rules->lower ? put_lower(words, count, c) : put(words, count, c);
}

/* Marks are dropped before their order could matter. */
static int put_stripped(const struct l4r_word_rules *rules, struct l4r_words *words, int64_t *count,
                        int32_t c) {
  int32_t part[MOST_PARTS];
  if (!rules->strip_accents) return put_letter(rules, words, count, c);
  const utf8proc_option_t options = (utf8proc_option_t)(UTF8PROC_DECOMPOSE | UTF8PROC_STABLE);
  const int64_t parts = utf8proc_decompose_char(c, part, MOST_PARTS, options, NULL);
  for (int64_t p = 0; p < parts && p < MOST_PARTS; p++) {
    if (utf8proc_category(part[p]) == UTF8PROC_CATEGORY_MN) continue;
    const int status = put_letter(rules, words, count, part[p]);
    if (status) return status;
  }
  return L4R_OK;
}

static int put_normal(const struct l4r_word_rules *rules, struct l4r_words *words, int64_t *count,
                      int32_t c) {
  if (rules->clean) {
    if (c == 0 || c == 0xfffd || is_control(c)) return L4R_OK;
    if (is_white(c)) c = ' ';
  }
  if (!rules->chinese || !is_chinese(c)) return put_stripped(rules, words, count, c);
  int status = put(words, count, ' ');
  if (!status) status = put_stripped(rules, words, count, c);
  return status ? status : put(words, count, ' ');
}

static int normalise(const struct l4r_word_rules *rules, const char *text, size_t bytes,
                     struct l4r_words *words, int64_t *count) {
  const unsigned char *at = (const unsigned char *)text;
  *count = 0;
  for (size_t i = 0; i < bytes;) {
    int32_t c;
    const int64_t used = utf8proc_iterate(at + i, (utf8proc_ssize_t)(bytes - i), &c);
    if (used <= 0) {
      i++;
      continue;
    }
    i += (size_t)used;
    const int status = put_normal(rules, words, count, c);
    if (status) return status;
  }
  return L4R_OK;
}

/* --- words --- */

static int begin_word(struct l4r_words *words, int64_t end) {
  int status = l4r_grow(&words->end, &words->end_capacity, (size_t)words->count + 1,
                        sizeof *words->end, "a text's words");
  if (!status)
    status = l4r_grow(&words->characters, &words->characters_capacity, (size_t)words->count + 1,
                      sizeof *words->characters, "a text's words");
  if (status) return status;
  words->end[words->count] = end;
  words->characters[words->count++] = 0;
  return L4R_OK;
}

int l4r_words_of(const struct l4r_word_rules *rules, const char *text, size_t bytes,
                 struct l4r_words *words) {
  int64_t count, end = 0;
  int open = 0; /* 1: the next letter goes on with the last word */
  words->count = 0;
  int status = normalise(rules, text, bytes, words, &count);
  if (!status)
    status = l4r_grow(&words->text, &words->capacity, 4 * (size_t)count + 1, 1, "a text's words");
  for (int64_t i = 0; i < count && !status; i++) {
    const int32_t c = words->point[i];
    const int alone = is_punctuation(c);
    if (is_white(c)) {
      open = 0;
      continue;
    }
    if (!open || alone) status = begin_word(words, end);
    if (status) break;
    end += utf8proc_encode_char(c, (unsigned char *)words->text + end);
    words->end[words->count - 1] = end;
    words->characters[words->count - 1]++;
    open = !alone;
  }
  return status;
}

void l4r_words_free(struct l4r_words *words) {
  void *const all[] = {words->text, words->end, words->characters, words->point};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) l4r_free(all[i]);
  *words = (struct l4r_words){0};
}
