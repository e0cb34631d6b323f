/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/derive/ranks.h"

#include "bench/record/read.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/text.h"

#include <math.h>
#include <string.h>

const char *const l4r_apart_names[L4R_APARTS] = {"keep", "mask"};

int l4r_ranks_read(const struct l4r_record *record, struct l4r_bundle *ranks) {
  const char *name = record->data.accuracy.samples;
  char path[L4R_PATH_MAX];
  if (!name) return l4r_fail(L4R_INPUT, "the record names no file with its users' ranks");
  const int status = l4r_record_sibling_path(record, name, path);
  return status ? status : l4r_bundle_read(path, ranks);
}

struct side {
  const struct l4r_array *user, *rank[L4R_APARTS];
};

static int side_of(const struct l4r_bundle *bundle, struct side *side) {
  int status = l4r_bundle_need(bundle, "user", &side->user);
  for (int c = 0; c < L4R_APARTS && !status; c++)
    status = l4r_bundle_need(bundle, l4r_apart_names[c], &side->rank[c]);
  for (int c = 0; c < L4R_APARTS && !status; c++)
    if (side->rank[c]->count != side->user->count)
      status = l4r_fail(L4R_INPUT, "%lld ranks (%s) of %lld users", (long long)side->rank[c]->count,
                        l4r_apart_names[c], (long long)side->user->count);
  return status;
}

/* Both lists are in ascending order, as l4r_whole_ranks demands of records. */
static int same_users(const struct side *a, const struct side *b) {
  const int64_t n = a->user->count < b->user->count ? a->user->count : b->user->count;
  int64_t u = 0;
  while (u < n && a->user->value[u] == b->user->value[u]) u++;
  if (u == a->user->count && u == b->user->count && u > 0) return L4R_OK;
  if (!a->user->count || !b->user->count) return l4r_fail(L4R_INPUT, "ranks of no user");
  const int in_a = u < a->user->count && (u == n || a->user->value[u] < b->user->value[u]);
  return l4r_fail(L4R_INPUT,
                  "the ranks are not of the same users (%lld and %lld): user %lld is in one alone",
                  (long long)a->user->count, (long long)b->user->count,
                  (long long)(in_a ? a : b)->user->value[u] + 1);
}

static double gain_of(int64_t rank) {
  return rank >= 1 && rank <= 10 ? 1 / log2((double)rank + 1) : 0;
}

static int is_hit(int64_t rank) {
  return rank >= 1 && rank <= 10;
}

static int is_counted(int64_t rank) {
  return rank >= 1 && rank <= L4R_METRIC_DEPTH;
}

static struct l4r_difference_of_means mean_of(double sum, double squares, int64_t users) {
  const double n = (double)users, mean = sum / n;
  const double variance = users > 1 ? fmax(0, squares - sum * mean) / (n - 1) : 0;
  const double half = 1.959964 * sqrt(variance / n);
  return (struct l4r_difference_of_means){mean, mean - half, mean + half};
}

static void compare(const int64_t *user, const int64_t *a, const int64_t *b, int64_t users,
                    struct l4r_apart *out) {
  double sum[2] = {0, 0}, squares[2] = {0, 0};
  *out = (struct l4r_apart){.users = users};
  for (int64_t u = 0; u < users; u++) {
    if (a[u] == b[u]) continue;
    const double of[2] = {is_hit(b[u]) - is_hit(a[u]), gain_of(b[u]) - gain_of(a[u])};
    out->differ++;
    out->counted += is_counted(a[u]) || is_counted(b[u]);
    out->only[0] += is_hit(a[u]) && !is_hit(b[u]);
    out->only[1] += is_hit(b[u]) && !is_hit(a[u]);
    for (int m = 0; m < 2; m++) {
      sum[m] += of[m];
      squares[m] += of[m] * of[m];
    }
    if (out->firsts < L4R_APART_FIRST)
      out->first[out->firsts++] = (struct l4r_rank_moved){user[u], {a[u], b[u]}};
  }
  l4r_metrics_of_ranks(a, users, &out->metric[0]);
  l4r_metrics_of_ranks(b, users, &out->metric[1]);
  out->hr10 = mean_of(sum[0], squares[0], users);
  out->ndcg10 = mean_of(sum[1], squares[1], users);
}

int l4r_ranks_apart(const struct l4r_bundle *a, const struct l4r_bundle *b,
                    struct l4r_apart apart[L4R_APARTS]) {
  struct side one, other;
  int status = side_of(a, &one);
  if (!status) status = side_of(b, &other);
  if (!status) status = same_users(&one, &other);
  for (int c = 0; c < L4R_APARTS && !status; c++)
    compare(one.user->value, one.rank[c]->value, other.rank[c]->value, one.user->count, &apart[c]);
  return status;
}

static void add_rank(int64_t rank, char *out, size_t size, size_t *used) {
  if (rank)
    l4r_text_add(out, size, used, "%lld", (long long)rank);
  else
    l4r_text_add(out, size, used, "not ranked");
}

void l4r_apart_first(const struct l4r_apart *apart, const char *between, char *out, size_t size) {
  size_t used = 0;
  *out = '\0';
  for (int f = 0; f < apart->firsts; f++) {
    l4r_text_add(out, size, &used, "%suser %lld: ", f ? "; " : "",
                 (long long)apart->first[f].user + 1);
    add_rank(apart->first[f].rank[0], out, size, &used);
    l4r_text_add(out, size, &used, "%s", between);
    add_rank(apart->first[f].rank[1], out, size, &used);
  }
}
