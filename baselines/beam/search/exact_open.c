/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening and closing an exact search. A level's nodes lie one behind the other in the trie, which
 * is built level by level. */
#include "baselines/beam/search/exact_open.h"

#include "baselines/beam/search/exact_inner.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

static void *take(struct l4r_exact *exact, int64_t count, size_t size, int *status) {
  void *memory = l4r_alloc((size_t)count, size, "exact search");
  if (!memory) *status = L4R_ENVIRONMENT;
  exact->bytes += count * (int64_t)size;
  return memory;
}

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* Most nodes that wait at once in the level begin .. end-1, below at most `rows` nodes of which one
 * has at most `widest` children. */
static int64_t room_of(int32_t begin, int32_t end, int64_t rows, int64_t widest) {
  return least(end - begin, rows * widest);
}

int64_t l4r_exact_bytes_per_user(const struct l4r_trie *trie, int64_t rows) {
  int64_t bytes = 0, widest = 1;
  for (int32_t begin = 0, end = 1; begin < end;) {
    bytes += room_of(begin, end, rows, widest) * (int64_t)sizeof(struct open_node);
    widest = 0;
    for (int32_t node = begin; node < end; node++) {
      const int64_t children = trie->child[node + 1] - trie->child[node];
      if (children > widest) widest = children;
    }
    begin = trie->child[begin], end = trie->child[end];
  }
  return bytes;
}

static void take_levels(struct l4r_exact *exact, int *status) {
  const struct l4r_exact_spec *spec = &exact->spec;
  const struct l4r_trie *trie = spec->trie;
  int32_t begin = 0, end = 1;
  int64_t widest = 1;
  exact->at = take(exact, spec->steps, sizeof *exact->at, status);
  if (!exact->at) return;
  for (int64_t t = 0; t < spec->steps && begin < end && !*status; t++) {
    struct level *level = &exact->at[t];
    level->room = room_of(begin, end, spec->rows, widest);
    level->open = take(exact, spec->max_users * level->room, sizeof *level->open, status);
    widest = 0;
    for (int32_t node = begin; node < end; node++) {
      const int64_t children = trie->child[node + 1] - trie->child[node];
      if (children > widest) widest = children;
      level->nodes += !spec->restricted || children > 0;
    }
    begin = trie->child[begin], end = trie->child[end];
  }
}

/* Children stand behind their parents, so the last comes first. */
static void measure_depths(struct l4r_exact *exact) {
  const struct l4r_trie *trie = exact->spec.trie;
  for (int32_t node = (int32_t)trie->nodes - 1; node >= 0; node--) {
    int32_t deepest = trie->item[node] != 0;
    for (int32_t child = trie->child[node]; child < trie->child[node + 1]; child++)
      if (exact->deepest[child] + 1 > deepest) deepest = exact->deepest[child] + 1;
    exact->deepest[node] = deepest;
  }
  int32_t begin = 0, end = 1;
  for (int32_t depth = 0; begin < end; depth++) {
    for (int32_t node = begin; node < end; node++) exact->deepest[node] += depth;
    begin = trie->child[begin], end = trie->child[end];
  }
}

static int take_all(struct l4r_exact *exact) {
  const struct l4r_exact_spec *spec = &exact->spec;
  const int64_t users = spec->max_users, rows = spec->rows;
  int status = L4R_OK;
  take_levels(exact, &status);
  exact->next = take(exact, spec->steps * users, sizeof *exact->next, &status);
  exact->end = take(exact, spec->steps * users, sizeof *exact->end, &status);
  exact->deepest = take(exact, spec->trie->nodes, sizeof *exact->deepest, &status);
  exact->user = take(exact, users, sizeof *exact->user, &status);
  exact->item = take(exact, users * spec->max_k, sizeof *exact->item, &status);
  exact->score = take(exact, users * spec->max_k, sizeof *exact->score, &status);
  exact->row = take(exact, rows, sizeof *exact->row, &status);
  exact->row_user = take(exact, rows, sizeof *exact->row_user, &status);
  exact->row_parent = take(exact, rows, sizeof *exact->row_parent, &status);
  exact->row_token = take(exact, rows, sizeof *exact->row_token, &status);
  exact->normaliser = take(exact, rows, sizeof *exact->normaliser, &status);
  exact->per_row = spec->restricted ? l4r_trie_most_choices(spec->trie) : spec->vocabulary;
  exact->logits = take(exact, rows * exact->per_row, sizeof *exact->logits, &status);
  if (spec->restricted) {
    exact->choice_start = take(exact, rows + 1, sizeof *exact->choice_start, &status);
    exact->choice = take(exact, rows * exact->per_row, sizeof *exact->choice, &status);
  }
  if (!status) measure_depths(exact);
  return status;
}

int l4r_exact_open(const struct l4r_exact_spec *spec, struct l4r_exact **out) {
  if (spec->max_users < 1 || spec->max_k < 1 || spec->steps < 1 || spec->rows < spec->max_users)
    return l4r_fail(L4R_USAGE,
                    "an exact search needs bounds of at least 1 (users %lld, answers %lld, steps "
                    "%lld) and a row for each user (%lld)",
                    (long long)spec->max_users, (long long)spec->max_k, (long long)spec->steps,
                    (long long)spec->rows);
  struct l4r_exact *exact = l4r_alloc(1, sizeof *exact, "exact search");
  if (!exact) return L4R_ENVIRONMENT;
  exact->spec = *spec;
  exact->spec.max_k = least(spec->max_k, spec->trie->items);
  exact->exclusions = (struct l4r_exclusions){.trie = spec->trie, .max_users = spec->max_users};
  exact->kernels = spec->kernels ? spec->kernels : l4r_kernels_of(l4r_isa_widest());
  const int status = take_all(exact);
  if (status)
    l4r_exact_close(exact);
  else
    *out = exact;
  return status;
}

void l4r_exact_close(struct l4r_exact *exact) {
  if (!exact) return;
  for (int64_t t = 0; exact->at && t < exact->spec.steps; t++) l4r_free(exact->at[t].open);
  void *const part[] = {exact->at,       exact->next,         exact->end,       exact->deepest,
                        exact->user,     exact->item,         exact->score,     exact->row,
                        exact->row_user, exact->row_parent,   exact->row_token, exact->normaliser,
                        exact->logits,   exact->choice_start, exact->choice};
  for (size_t i = 0; i < sizeof part / sizeof *part; i++) l4r_free(part[i]);
  l4r_exclusions_free(&exact->exclusions);
  l4r_free(exact);
}

int64_t l4r_exact_bytes(const struct l4r_exact *exact) {
  return exact->bytes + exact->exclusions.bytes;
}
