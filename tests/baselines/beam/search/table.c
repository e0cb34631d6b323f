/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/baselines/beam/search/table.h"

#include "impl/base/error.h"
#include "impl/base/random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

static void logits_of(uint64_t hash, float *logits) {
  struct l4r_random random;
  l4r_random_seed(&random, hash);
  for (int v = 0; v < TABLE_VOCABULARY; v++) logits[v] = (float)(2 * l4r_random_normal(&random));
}

int test_table_step(void *decoder, const struct l4r_decode_rows *rows, float *logits) {
  struct test_table *table = decoder;
  const int64_t level = rows->parent ? table->level : 0;
  cr_assert_leq(rows->rows, TABLE_ROWS);
  cr_assert_lt(level, TABLE_LEVELS);
  for (int64_t r = 0; r < rows->rows; r++) {
    uint64_t before = mix(0, (uint64_t)rows->user[r] + 7);
    if (rows->parent) {
      cr_assert(rows->parent[r] >= 0 && rows->parent[r] < table->rows[level - 1]);
      before = table->hash[level - 1][rows->parent[r]];
    }
    if (r) cr_assert_leq(rows->user[r - 1], rows->user[r], "a user's rows are adjacent");
    table->hash[level][r] = mix(before, (uint64_t)rows->token[r]);
    float all[TABLE_VOCABULARY];
    logits_of(table->hash[level][r], all);
    if (!table->restricted) memcpy(logits + r * TABLE_VOCABULARY, all, sizeof all);
    for (int64_t i = table->restricted ? rows->choice_start[r] : 0;
         table->restricted && i < rows->choice_start[r + 1]; i++)
      logits[i] = all[rows->choice[i]];
  }
  table->decoded += rows->rows;
  if (rows->rows > table->largest_batch) table->largest_batch = rows->rows;
  table->rows[level] = rows->rows;
  table->level = level + 1;
  return L4R_OK;
}

int test_table_rewind(void *decoder, int64_t level) {
  struct test_table *table = decoder;
  cr_assert(level >= 0 && level <= table->level, "back to level %d from %d", (int)level,
            (int)table->level);
  table->level = level;
  return L4R_OK;
}

void test_table_ids(struct l4r_id_tokens *ids, struct l4r_trie *trie) {
  static int64_t start[TABLE_ITEMS + 1];
  static int32_t token[TABLE_ITEMS * TABLE_LONGEST];
  struct l4r_random random;
  l4r_random_seed(&random, 11);
  *ids = (struct l4r_id_tokens){.longest = TABLE_LONGEST, .start = start, .token = token};
  while (ids->items < TABLE_ITEMS) {
    int64_t at = start[ids->items], length = 1 + (int64_t)l4r_random_below(&random, TABLE_LONGEST);
    for (int64_t i = 0; i < length; i++)
      token[at + i] = 2 + (int32_t)l4r_random_below(&random, i ? TABLE_VOCABULARY - 2 : 4);
    start[++ids->items] = at + length;
    if (l4r_trie_build(ids, trie))
      ids->items--; /* drawn twice */
    else if (ids->items < TABLE_ITEMS)
      l4r_trie_free(trie);
  }
}

static double log_probability(const float *logits, int token) {
  double sum = 0;
  for (int v = 0; v < TABLE_VOCABULARY; v++) sum += exp((double)logits[v]);
  return (double)logits[token] - log(sum);
}

double test_table_score(const struct l4r_id_tokens *ids, l4r_item item, int64_t user) {
  float logits[TABLE_VOCABULARY];
  uint64_t hash = mix(mix(0, (uint64_t)user + 7), L4R_START_TOKEN);
  double sum = 0;
  for (int64_t at = ids->start[item - 1]; at < ids->start[item]; at++) {
    logits_of(hash, logits);
    sum += log_probability(logits, ids->token[at]);
    hash = mix(hash, (uint64_t)ids->token[at]);
  }
  logits_of(hash, logits);
  sum += log_probability(logits, L4R_END_TOKEN);
  return sum / (double)(ids->start[item] - ids->start[item - 1] + 1);
}

double test_table_restricted_score(const struct l4r_id_tokens *ids, const struct l4r_trie *trie,
                                   l4r_item item, int64_t user) {
  float logits[TABLE_VOCABULARY];
  uint64_t hash = mix(mix(0, (uint64_t)user + 7), L4R_START_TOKEN);
  int64_t length = ids->start[item] - ids->start[item - 1];
  int32_t node = 0, allowed[TABLE_VOCABULARY];
  double sum = 0;
  for (int64_t i = 0; i <= length; i++) {
    int32_t token = i < length ? ids->token[ids->start[item - 1] + i] : L4R_END_TOKEN;
    int64_t count = l4r_trie_choose(trie, node, allowed);
    double total = 0;
    logits_of(hash, logits);
    for (int64_t c = 0; c < count; c++) total += exp((double)logits[allowed[c]]);
    sum += (double)logits[token] - log(total);
    hash = mix(hash, (uint64_t)token);
    if (i < length) node = l4r_trie_step(trie, node, token);
  }
  return sum / (double)(length + 1);
}
