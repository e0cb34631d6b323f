/* SPDX-License-Identifier: BSD-3-Clause */
/* Divides clusters recursively. All items are in one array; a cluster is a range of it, and
 * dividing a cluster sorts its range by the labels found:
 *
 *   all items trained on   [ 3 9 1 | 7 4 | 8 2 6 5 ]   untrained [ 10 ]
 *   paths                    1.*     2.*    3.1.* 3.2.*            a place alone
 *
 * Within a range, items are ordered by popularity, so a place says how popular an item is in its
 * cluster. The meaning is the same in every cluster, so the decoder learns it once. */
#include "baselines/beam/ids/collaborate.h"

#include "baselines/beam/ids/cluster_qr.h"
#include "baselines/beam/ids/cooccurrence.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = L4R_PATH_LEVELS + 1 };

struct cluster { /* items order[begin .. end), `depth` steps from the root */
  int64_t begin, end;
  int depth;
};

struct tree {
  const struct l4r_dataset *dataset;
  const struct l4r_collaborate_spec *spec;
  l4r_item *order, *sorted; /* [items]; sorted is scratch */
  int32_t *label;           /* [items] in the order of `order` */
  int32_t *path;            /* [items + 1][STEPS] */
  unsigned char *length;    /* [items + 1] of paths */
  struct cluster *open;     /* clusters to be examined */
  size_t opened, room;
  uint64_t divided;
};

void l4r_collaborate_defaults(int64_t items, struct l4r_collaborate_spec *spec) {
  spec->clusters = items / 20 < 20 ? items / 20 : 20;
  if (spec->clusters < 2) spec->clusters = 2;
  spec->leaf = items < 6000 ? 100 : 500;
}

static int compare_popularity(const void *left, const void *right, void *context) {
  const int64_t *count = context;
  l4r_item a = *(const l4r_item *)left, b = *(const l4r_item *)right;
  if (count[a] != count[b]) return count[a] > count[b] ? -1 : 1;
  return a < b ? -1 : a > b;
}

/* Labels a cluster's items by their own graph. The embedding is the one that scikit-learn's
 * SpectralClustering passes to its cluster_qr: eigenvectors divided by the roots of the degrees. */
static int label_spectrally(struct tree *tree, const struct cluster *cluster, int64_t count) {
  int64_t nodes = cluster->end - cluster->begin;
  struct l4r_cooccurrence graph;
  int status = l4r_cooccurrence_make(tree->dataset, tree->order + cluster->begin, nodes, &graph);
  if (status) return status;
  const struct l4r_eigen_spec spec = {
      .count = count, .seed = tree->spec->seed, .stream = tree->divided};
  double *vector = l4r_alloc((size_t)(nodes * count), sizeof *vector, "eigenvectors");
  double *value = l4r_alloc((size_t)count, sizeof *value, "eigenvalues");
  status = vector && value ? l4r_cooccurrence_eigen(&graph, &spec, value, vector) : L4R_ENVIRONMENT;
  for (int64_t i = 0; !status && i < nodes; i++)
    for (int64_t c = 0; c < count; c++)
      vector[i * count + c] /= graph.degree[i] > 0 ? sqrt(graph.degree[i]) : 1;
  if (!status) status = l4r_cluster_qr(vector, nodes, count, tree->label + cluster->begin);
  l4r_free(vector);
  l4r_free(value);
  l4r_cooccurrence_free(&graph);
  return status;
}

/* Cuts items without structure into runs of equal length, in the order of popularity. */
static void label_evenly(struct tree *tree, const struct cluster *cluster, int64_t count) {
  int64_t nodes = cluster->end - cluster->begin;
  for (int64_t i = 0; i < nodes; i++)
    tree->label[cluster->begin + i] = (int32_t)(i * count / nodes);
}

static int compare_sizes(const void *left, const void *right, void *context) {
  const int64_t *size = context;
  int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
  if (size[a] != size[b]) return size[a] > size[b] ? -1 : 1;
  return a < b ? -1 : a > b;
}

/* Sorts a cluster's range by label, the largest part first, and appends the parts to `open`. */
static int open_parts(struct tree *tree, const struct cluster *cluster, int64_t count) {
  int64_t size[L4R_CLUSTERS_MAX] = {0};
  int32_t by_size[L4R_CLUSTERS_MAX];
  assert(count <= L4R_CLUSTERS_MAX && cluster->depth < STEPS);
  for (int64_t i = cluster->begin; i < cluster->end; i++) size[tree->label[i]]++;
  for (int32_t c = 0; c < count; c++) by_size[c] = c;
  qsort_r(by_size, (size_t)count, sizeof *by_size, compare_sizes, size);
  int64_t used = cluster->begin;
  for (int32_t number = 1; number <= count && size[by_size[number - 1]]; number++) {
    const struct cluster part = {used, used + size[by_size[number - 1]], cluster->depth + 1};
    for (int64_t i = cluster->begin; i < cluster->end; i++)
      if (tree->label[i] == by_size[number - 1]) {
        tree->path[tree->order[i] * STEPS + cluster->depth] = number;
        tree->sorted[used++] = tree->order[i];
      }
    int status = l4r_grow(&tree->open, &tree->room, tree->opened + 1, sizeof *tree->open,
                          "clusters");
    if (status) return status;
    tree->open[tree->opened++] = part;
  }
  memcpy(tree->order + cluster->begin, tree->sorted + cluster->begin,
         (size_t)(cluster->end - cluster->begin) * sizeof *tree->order);
  return L4R_OK;
}

static int divide(struct tree *tree, const struct cluster *cluster) {
  int64_t nodes = cluster->end - cluster->begin, count = tree->spec->clusters;
  if (count > nodes - 1) count = nodes - 1;
  int status = label_spectrally(tree, cluster, count);
  tree->divided++;
  if (status == L4R_INPUT) { /* fewer directions than clusters */
    l4r_warn("%" PRId64 " items divided by popularity: %s", nodes, l4r_error_message());
    label_evenly(tree, cluster, count);
    status = L4R_OK;
  }
  return status ? status : open_parts(tree, cluster, count);
}

static void place(struct tree *tree, const struct cluster *cluster) {
  for (int64_t i = cluster->begin; i < cluster->end; i++) {
    l4r_item item = tree->order[i];
    tree->path[item * STEPS + cluster->depth] = (int32_t)(i - cluster->begin + 1);
    tree->length[item] = (unsigned char)(cluster->depth + 1);
  }
}

static int grow_tree(struct tree *tree, int64_t trained) {
  int64_t items = tree->dataset->items;
  for (int64_t i = 0; i < items; i++) tree->order[i] = (l4r_item)(i + 1);
  qsort_r(tree->order, (size_t)items, sizeof *tree->order, compare_popularity,
          tree->dataset->train_count);
  place(tree, &(struct cluster){trained, items, 0});
  struct cluster next = {0, trained, 0};
  int status = L4R_OK;
  for (int more = trained > 0; !status && more; more = tree->opened > 0) {
    if (tree->opened) next = tree->open[--tree->opened];
    /* The root is always divided, because with ids of one token the beam would be a head. */
    int small = next.depth > 0 && next.end - next.begin <= tree->spec->leaf;
    if (small || next.depth == L4R_PATH_LEVELS || next.end - next.begin < 3)
      place(tree, &next);
    else
      status = divide(tree, &next);
  }
  return status;
}

static int write_paths(const struct tree *tree, int64_t **start, int32_t **step) {
  int64_t items = tree->dataset->items;
  *start = l4r_alloc((size_t)items + 1, sizeof **start, "item paths");
  *step = l4r_alloc((size_t)(items * STEPS), sizeof **step, "item paths");
  if (!*start || !*step) return L4R_ENVIRONMENT;
  for (int64_t item = 1; item <= items; item++) {
    memcpy(*step + (*start)[item - 1], tree->path + item * STEPS,
           tree->length[item] * sizeof **step);
    (*start)[item] = (*start)[item - 1] + tree->length[item];
  }
  return L4R_OK;
}

int l4r_collaborate(const struct l4r_dataset *dataset, const struct l4r_collaborate_spec *spec,
                    int64_t **start, int32_t **step) {
  if (spec->clusters < 2 || spec->clusters > L4R_CLUSTERS_MAX || spec->leaf < 2)
    return l4r_fail(
        L4R_USAGE, "--clusters must be 2 to %d and --leaf at least 2, not %" PRId64 " and %" PRId64,
        L4R_CLUSTERS_MAX, spec->clusters, spec->leaf);
  int64_t began = l4r_now_ns(), trained = 0;
  size_t items = (size_t)dataset->items;
  for (size_t item = 1; item <= items; item++) trained += dataset->train_count[item] > 0;
  struct tree tree = {.dataset = dataset, .spec = spec};
  tree.order = l4r_alloc(items, sizeof *tree.order, "item clusters");
  tree.sorted = l4r_alloc(items, sizeof *tree.sorted, "item clusters");
  tree.label = l4r_alloc(items, sizeof *tree.label, "item clusters");
  tree.path = l4r_alloc((items + 1) * STEPS, sizeof *tree.path, "item clusters");
  tree.length = l4r_alloc(items + 1, 1, "item clusters");
  int taken = tree.order && tree.sorted && tree.label && tree.path && tree.length;
  int status = taken ? grow_tree(&tree, trained) : L4R_ENVIRONMENT;
  if (!status) status = write_paths(&tree, start, step);
  void *const part[] = {tree.order, tree.sorted, tree.label, tree.path, tree.length, tree.open};
  for (size_t i = 0; i < sizeof part / sizeof *part; i++) l4r_free(part[i]);
  if (!status)
    l4r_info("collaborative ids: %" PRIu64 " clusters divided into at most %" PRId64 ", to %" PRId64
             " items each, in %.1f s; %" PRId64 " items were not trained on",
             tree.divided, spec->clusters, spec->leaf, (double)(l4r_now_ns() - began) * 1e-9,
             dataset->items - trained);
  return status;
}
