/* SPDX-License-Identifier: BSD-3-Clause */
/* Histories differ in length and so in cost, which is why a sample is stratified by length and why
 * a round serves whole permutations of it (MLPerf LoadGen's equal issue): every arm and every round
 * does the same work.
 *
 * A round's process is given finished requests and never opens a file with held-out items, except
 * that the validation item is the newest item of the history, as the protocol has it. */
#include "bench/run/session/requests.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLE_STREAM = 0x5a3e, WARM_USERS = 16, FRESH_USERS = 64 };

struct keyed { /* a user with what it is sorted by */
  int64_t length;
  uint64_t lot;
  int64_t user;
};

static int shorter(const void *left, const void *right) {
  const struct keyed *a = left, *b = right;
  if (a->length != b->length) return a->length < b->length ? -1 : 1;
  return (a->lot > b->lot) - (a->lot < b->lot);
}

/* One user from each of `want` equal parts of pool[count], removed from it. Returns how many are
 * left in the pool. */
static int64_t draw(struct keyed *pool, int64_t count, int64_t want, struct l4r_random *random,
                    int64_t *drawn) {
  int64_t left = 0, next = 0;
  for (int64_t part = 0; part < want; part++) {
    int64_t end = (part + 1) * count / want;
    int64_t chosen = next + (int64_t)l4r_random_below(random, (uint64_t)(end - next));
    for (; next < end; next++)
      if (next == chosen)
        drawn[part] = pool[next].user;
      else
        pool[left++] = pool[next];
  }
  return left;
}

struct picked {
  int64_t count[L4R_ROLES];
  int64_t *user[L4R_ROLES];
  int cut[L4R_ROLES]; /* newest items to drop */
};

static void pick_extra(struct picked *picked, enum l4r_role role, int64_t want, struct keyed *pool,
                       int64_t *left, struct l4r_random *random) {
  /* Leave users of the pool for the roles that follow. */
  int64_t take = *left / (L4R_ROLES - role) < want ? *left / (L4R_ROLES - role) : want;
  if (take > 0) {
    *left = draw(pool, *left, take, random, picked->user[role]);
    picked->count[role] = take;
    return;
  }
  int64_t timed = picked->count[L4R_ROLE_TIMED];
  picked->count[role] = timed < want ? timed : want;
  picked->cut[role] = role; /* warm-up and fresh requests of one user differ */
  for (int64_t i = 0; i < picked->count[role]; i++)
    picked->user[role][i] = picked->user[L4R_ROLE_TIMED][i * timed / picked->count[role]];
}

static int pack(const struct l4r_dataset *dataset, const struct picked *picked,
                struct l4r_bundle *bundle) {
  int64_t total = 0, items = 0, longest = l4r_dataset_longest(dataset);
  l4r_item *history = l4r_alloc((size_t)longest, sizeof *history, "a history");
  if (!history) return L4R_ENVIRONMENT;
  for (int r = 0; r < L4R_ROLES; r++) total += picked->count[r];
  for (int r = 0; r < L4R_ROLES; r++)
    for (int64_t i = 0; i < picked->count[r]; i++)
      items += l4r_dataset_history(dataset, picked->user[r][i], 1, history, longest);
  int64_t *user = l4r_bundle_add(bundle, "user", total);
  int64_t *role = l4r_bundle_add(bundle, "role", total);
  int64_t *start = l4r_bundle_add(bundle, "start", total + 1);
  int64_t *item = l4r_bundle_add(bundle, "item", items);
  int64_t at = 0, used = 0;
  for (int r = 0; item && r < L4R_ROLES; r++)
    for (int64_t i = 0; i < picked->count[r]; i++, at++) {
      int64_t n = l4r_dataset_history(dataset, picked->user[r][i], 1, history, longest);
      n = n > picked->cut[r] ? n - picked->cut[r] : n > 0;
      user[at] = picked->user[r][i];
      role[at] = r;
      start[at] = used;
      for (int64_t h = 0; h < n; h++) item[used++] = history[h];
      start[at + 1] = used;
    }
  l4r_free(history);
  return user && role && start && item ? L4R_OK : L4R_ENVIRONMENT;
}

/* Timed answers are compared with those of the accuracy pass, so the sample is of its users. */
static int is_evaluated(const struct l4r_dataset *dataset, int64_t user) {
  return dataset->test ? dataset->test[user] > 0 : 1;
}

int l4r_requests_draw(const struct l4r_dataset *dataset, int64_t want, uint64_t seed,
                      struct l4r_bundle *bundle) {
  int64_t users = 0;
  struct keyed *pool = l4r_alloc((size_t)dataset->users, sizeof *pool, "users to sample");
  for (int64_t u = 0; u < dataset->users; u++) users += is_evaluated(dataset, u);
  if (want <= 0 || want > users) want = users;
  int64_t *lists = l4r_alloc((size_t)(want + WARM_USERS + FRESH_USERS), sizeof *lists, "a sample");
  int status = pool && lists ? L4R_OK : L4R_ENVIRONMENT;
  if (!status) {
    struct l4r_random random;
    l4r_random_stream(&random, seed, SAMPLE_STREAM, 0);
    for (int64_t u = 0, at = 0; u < dataset->users; u++)
      if (is_evaluated(dataset, u))
        pool[at++] = (struct keyed){l4r_dataset_history_length(dataset, u, 1),
                                    l4r_random_next(&random), u};
    qsort(pool, (size_t)users, sizeof *pool, shorter);
    struct picked picked = {.count = {want},
                            .user = {lists, lists + want, lists + want + WARM_USERS}};
    int64_t left = draw(pool, users, want, &random, lists);
    pick_extra(&picked, L4R_ROLE_WARM, WARM_USERS, pool, &left, &random);
    pick_extra(&picked, L4R_ROLE_FRESH, FRESH_USERS, pool, &left, &random);
    status = pack(dataset, &picked, bundle);
  }
  l4r_free(pool);
  l4r_free(lists);
  return status;
}

/* The arrays must be those of one list of requests: what is read from them indexes others. */
static int fits(const struct l4r_array *user, const struct l4r_array *role,
                const struct l4r_array *start, const struct l4r_array *item) {
  if (role->count != user->count || start->count != user->count + 1 || start->value[0] != 0 ||
      start->value[user->count] > item->count)
    return 0;
  for (int64_t i = 0; i < user->count; i++)
    if (role->value[i] < (i ? role->value[i - 1] : 0) || role->value[i] >= L4R_ROLES ||
        user->value[i] < 0 || start->value[i] > start->value[i + 1])
      return 0;
  for (int64_t i = 0; i < start->value[user->count]; i++) /* what was cut leaves room behind it */
    if (item->value[i] < 1 || item->value[i] > INT32_MAX) return 0;
  return 1;
}

int l4r_requests_read(const struct l4r_bundle *bundle, struct l4r_requests *requests) {
  const struct l4r_array *user, *role, *start, *item;
  if (l4r_bundle_need(bundle, "user", &user) || l4r_bundle_need(bundle, "role", &role) ||
      l4r_bundle_need(bundle, "start", &start) || l4r_bundle_need(bundle, "item", &item))
    return L4R_INPUT;
  if (!fits(user, role, start, item))
    return l4r_fail(L4R_INPUT, "requests whose arrays do not fit each other");
  struct l4r_requests out = {0};
  out.request = l4r_alloc((size_t)user->count, sizeof *out.request, "requests");
  out.item = l4r_alloc((size_t)item->count, sizeof *out.item, "histories");
  if (!out.request || !out.item) {
    l4r_requests_free(&out);
    return L4R_ENVIRONMENT;
  }
  for (int64_t i = 0; i < item->count; i++) out.item[i] = (l4r_item)item->value[i];
  for (int64_t i = 0; i < user->count; i++) {
    out.request[i] = (struct l4r_request){.user = user->value[i],
                                          .history = out.item + start->value[i],
                                          .length = start->value[i + 1] - start->value[i]};
    for (int64_t r = role->value[i] + 1; r <= L4R_ROLES; r++) out.begin[r] = i + 1;
  }
  *requests = out;
  return L4R_OK;
}

void l4r_requests_free(struct l4r_requests *requests) {
  l4r_free(requests->request);
  l4r_free(requests->item);
  memset(requests, 0, sizeof *requests);
}

int64_t l4r_requests_longest(const struct l4r_requests *requests) {
  int64_t longest = 0;
  for (int64_t i = 0; i < requests->begin[L4R_ROLES]; i++)
    if (requests->request[i].length > longest) longest = requests->request[i].length;
  return longest;
}
