/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/eval/text_vectors.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { WORD = 256 }; /* bytes of a word; longer ones are cut */

struct counting {
  struct l4r_text_vectors *vectors;
  json_t *known; /* word -> number; jansson's hash table */
  int64_t entries;
  size_t word_room, weight_room;
};

static int is_letter(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 128;
}

/* The next word of *text in small letters; 0 at the end. */
static int next_word(const char **text, char word[WORD]) {
  const char *at = *text;
  size_t n = 0;
  while (*at && !is_letter((unsigned char)*at)) at++;
  for (; is_letter((unsigned char)*at); at++)
    if (n + 1 < WORD) word[n++] = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
  word[n] = '\0';
  *text = at;
  return n > 0;
}

/* Counts a word of the item whose entries begin at `first`. */
static int count(struct counting *counting, const char *word, int64_t first) {
  struct l4r_text_vectors *vectors = counting->vectors;
  json_t *number = json_object_get(counting->known, word);
  if (!number) {
    number = json_integer(vectors->words++);
    if (!number || json_object_set_new_nocheck(counting->known, word, number))
      return l4r_fail(L4R_ENVIRONMENT, "no memory for words");
  }
  const int32_t id = (int32_t)json_integer_value(number);
  for (int64_t e = first; e < counting->entries; e++)
    if (vectors->word[e] == id) {
      vectors->weight[e]++;
      return L4R_OK;
    }
  const size_t needed = (size_t)counting->entries + 1;
  int status = l4r_grow(&vectors->word, &counting->word_room, needed, sizeof *vectors->word,
                        "words");
  if (!status)
    status = l4r_grow(&vectors->weight, &counting->weight_room, needed, sizeof *vectors->weight,
                      "words");
  if (status) return status;
  vectors->word[counting->entries] = id;
  vectors->weight[counting->entries++] = 1;
  return L4R_OK;
}

static int count_all(const struct l4r_dataset *dataset, struct counting *counting) {
  int status = L4R_OK;
  for (int64_t i = 1; i <= dataset->items && !status; i++) {
    const struct l4r_item_text *text = &dataset->text[i];
    const char *const parts[] = {text->title, text->brand, text->categories};
    const int64_t first = counting->vectors->start[i] = counting->entries;
    for (size_t p = 0; p < sizeof parts / sizeof *parts && !status; p++) {
      const char *at = parts[p] ? parts[p] : "";
      char word[WORD];
      while (!status && next_word(&at, word)) status = count(counting, word, first);
    }
  }
  counting->vectors->start[dataset->items + 1] = counting->entries;
  return status;
}

static void weigh(struct l4r_text_vectors *vectors, int64_t *with) {
  const int64_t entries = vectors->start[vectors->items + 1];
  for (int64_t e = 0; e < entries; e++) with[vectors->word[e]]++;
  for (int64_t i = 1; i <= vectors->items; i++) {
    double squares = 0;
    for (int64_t e = vectors->start[i]; e < vectors->start[i + 1]; e++) {
      const double rare = log((1 + (double)vectors->items) / (1 + (double)with[vectors->word[e]])) +
                          1;
      vectors->weight[e] = (float)(vectors->weight[e] * rare);
      squares += (double)vectors->weight[e] * vectors->weight[e];
    }
    for (int64_t e = vectors->start[i]; e < vectors->start[i + 1]; e++)
      vectors->weight[e] = (float)(vectors->weight[e] / sqrt(squares));
  }
}

int l4r_text_vectors_make(const struct l4r_dataset *dataset, struct l4r_text_vectors *vectors) {
  *vectors = (struct l4r_text_vectors){.items = dataset->items};
  struct counting counting = {.vectors = vectors, .known = json_object()};
  vectors->start = l4r_alloc((size_t)dataset->items + 2, sizeof *vectors->start, "words of items");
  int status = vectors->start && counting.known ? count_all(dataset, &counting) : L4R_ENVIRONMENT;
  int64_t *with = l4r_alloc((size_t)vectors->words + 1, sizeof *with, "words");
  if (!with) status = L4R_ENVIRONMENT;
  if (!status) weigh(vectors, with);
  l4r_free(with);
  json_decref(counting.known);
  return status;
}

void l4r_text_vectors_free(struct l4r_text_vectors *vectors) {
  l4r_free(vectors->start);
  l4r_free(vectors->word);
  l4r_free(vectors->weight);
  *vectors = (struct l4r_text_vectors){.items = 0};
}

/* The squared length of the sum of unit vectors is n plus twice the cosines of all pairs. */
double l4r_text_diversity(const struct l4r_text_vectors *vectors, const int64_t *item, int64_t n,
                          double *sum) {
  double whole = 0, own = 0;
  for (int64_t i = 0; i < n; i++)
    for (int64_t e = vectors->start[item[i]]; e < vectors->start[item[i] + 1]; e++) {
      sum[vectors->word[e]] += vectors->weight[e];
      own += (double)vectors->weight[e] * vectors->weight[e];
    }
  for (int64_t i = 0; i < n; i++)
    for (int64_t e = vectors->start[item[i]]; e < vectors->start[item[i] + 1]; e++) {
      whole += sum[vectors->word[e]] * sum[vectors->word[e]];
      sum[vectors->word[e]] = 0;
    }
  return 1 - (whole - own) / ((double)n * (double)(n - 1));
}
