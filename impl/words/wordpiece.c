/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/words/wordpiece.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <string.h>

/* FNV-1a of two texts one after the other. */
static uint64_t hash_of(const char *first, size_t first_bytes, const char *text, size_t bytes) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < first_bytes + bytes; i++) {
    hash ^= (unsigned char)(i < first_bytes ? first[i] : text[i - first_bytes]);
    hash *= UINT64_C(1099511628211);
  }
  return hash;
}

/* The slot of prefix + text: its piece's, or the empty one where it would be put. */
static int64_t slot_of(const struct l4r_wordpiece *w, const char *prefix, const char *text,
                       size_t bytes) {
  const size_t before = strlen(prefix);
  int64_t slot = (int64_t)(hash_of(prefix, before, text, bytes) & (uint64_t)(w->slots - 1));
  for (;; slot = (slot + 1) & (w->slots - 1)) {
    if (w->slot[slot] < 0) return slot;
    const char *piece = w->pile + w->at[w->slot[slot]];
    if (strlen(piece) == before + bytes && memcmp(piece, prefix, before) == 0 &&
        memcmp(piece + before, text, bytes) == 0)
      return slot;
  }
}

int l4r_wordpiece_make(int64_t pieces, int64_t bytes, struct l4r_wordpiece **wordpiece) {
  struct l4r_wordpiece *w = l4r_alloc(1, sizeof *w, "a tokenizer");
  if (!w) return L4R_ENVIRONMENT;
  w->slots = 64;
  while (w->slots < 2 * pieces) w->slots *= 2;
  w->pile = l4r_alloc((size_t)bytes + 1, 1, "the pieces of a vocabulary");
  w->at = l4r_alloc((size_t)pieces + 1, sizeof *w->at, "the pieces of a vocabulary");
  w->slot = l4r_alloc((size_t)w->slots, sizeof *w->slot, "the pieces of a vocabulary");
  if (!w->pile || !w->at || !w->slot) {
    l4r_wordpiece_close(w);
    return L4R_ENVIRONMENT;
  }
  for (int64_t s = 0; s < w->slots; s++) w->slot[s] = -1;
  *wordpiece = w;
  return L4R_OK;
}

int l4r_wordpiece_add(struct l4r_wordpiece *w, const char *text) {
  const size_t bytes = strlen(text);
  const int64_t at = w->at[w->pieces], slot = slot_of(w, "", text, bytes);
  if (w->slot[slot] >= 0) return 1;
  memcpy(w->pile + at, text, bytes + 1);
  w->slot[slot] = (int32_t)w->pieces++;
  w->at[w->pieces] = at + (int64_t)bytes + 1;
  if ((int64_t)bytes > w->longest) w->longest = (int64_t)bytes;
  return 0;
}

void l4r_wordpiece_close(struct l4r_wordpiece *w) {
  if (!w) return;
  l4r_free(w->pile);
  l4r_free(w->at);
  l4r_free(w->slot);
  l4r_free(w);
}

int32_t l4r_wordpiece_find(const struct l4r_wordpiece *w, const char *text, size_t bytes) {
  return w->slot[slot_of(w, "", text, bytes)];
}

const char *l4r_wordpiece_text(const struct l4r_wordpiece *w, int32_t piece) {
  return w->pile + w->at[piece];
}

/* The longest piece at the begin of word[bytes], -1 where none fits; *used: its bytes. */
static int32_t longest_piece(const struct l4r_wordpiece *w, const char *prefix, const char *word,
                             int64_t bytes, int64_t *used) {
  const int64_t most = w->longest - (int64_t)strlen(prefix);
  for (*used = bytes < most ? bytes : most; *used > 0; --*used) {
    if (*used < bytes && ((unsigned char)word[*used] & 0xc0) == 0x80) continue; /* in a character */
    const int32_t piece = w->slot[slot_of(w, prefix, word, (size_t)*used)];
    if (piece >= 0) return piece;
  }
  return -1;
}

struct output { /* pieces of a text so far; those beyond the capacity are counted alone */
  int32_t *pieces;
  int64_t capacity, count;
};

static void put(struct output *output, int32_t piece) {
  if (output->count < output->capacity) output->pieces[output->count] = piece;
  output->count++;
}

static void put_word(const struct l4r_wordpiece *w, const char *word, int64_t bytes,
                     int64_t characters, struct output *output) {
  const int64_t before = output->count;
  for (int64_t at = 0, used; at < bytes; at += used) {
    const int32_t piece = characters > w->most_characters
                              ? -1
                              : longest_piece(w, at ? w->prefix : "", word + at, bytes - at, &used);
    if (piece < 0) { /* then the whole word is */
      output->count = before;
      put(output, w->unknown);
      return;
    }
    put(output, piece);
  }
}

int64_t l4r_wordpiece_encode(const struct l4r_wordpiece *w, const char *text, int32_t *pieces,
                             int64_t capacity) {
  struct l4r_words words = {0};
  struct output output = {pieces, capacity, 0};
  const int status = l4r_words_of(&w->rules, text, strlen(text), &words);
  for (int64_t i = 0, at = 0; i < words.count && !status; at = words.end[i++])
    put_word(w, words.text + at, words.end[i] - at, words.characters[i], &output);
  l4r_words_free(&words);
  return status ? status : output.count;
}
