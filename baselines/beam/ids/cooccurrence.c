/* SPDX-License-Identifier: BSD-3-Clause */
/* The co-occurrence graph, stored as the sequences it comes from, and ARPACK's loop around its
 * product; cooccurrence.h says why there is no matrix. */
#include "baselines/beam/ids/cooccurrence.h"

#include "impl/base/available.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "impl/base/text.h"

#include <arpack/arpack.h>
#include <dlfcn.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

/* Relative accuracy of eigenvalues; smaller changes do not move clusters. */
static const double tolerance = 1e-8;
enum { MOST_RESTARTS = 3000 };

void l4r_cooccurrence_free(struct l4r_cooccurrence *graph) {
  if (!graph) return;
  l4r_free(graph->start);
  l4r_free(graph->node);
  l4r_free(graph->taken);
  l4r_free(graph->degree);
  *graph = (struct l4r_cooccurrence){0};
}

/* Fills the rows of users with two nodes or more; node_of is -1 for other items. */
static void fill_rows(const struct l4r_dataset *dataset, const int32_t *node_of,
                      struct l4r_cooccurrence *graph) {
  int64_t used = 0;
  for (int64_t user = 0; user < dataset->users; user++) {
    int64_t begin = used;
    for (int64_t at = dataset->train_start[user]; at < dataset->train_start[user + 1]; at++) {
      int32_t node = node_of[dataset->train_item[at]];
      if (node >= 0) graph->node[used++] = node;
    }
    if (used - begin < 2) {
      used = begin;
      continue;
    }
    for (int64_t i = begin; i < used; i++) {
      graph->taken[graph->node[i]] += 1;
      graph->degree[graph->node[i]] += (double)(used - begin - 1);
    }
    graph->start[++graph->rows] = used;
  }
}

int l4r_cooccurrence_make(const struct l4r_dataset *dataset, const l4r_item *item, int64_t nodes,
                          struct l4r_cooccurrence *graph) {
  struct l4r_cooccurrence made = {.nodes = nodes};
  int32_t *node_of = l4r_alloc((size_t)dataset->items + 1, sizeof *node_of, "nodes of items");
  if (!node_of) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i <= dataset->items; i++) node_of[i] = -1;
  for (int64_t i = 0; i < nodes; i++) node_of[item[i]] = (int32_t)i;
  int64_t listings = 0;
  for (int64_t at = 0; at < dataset->train_start[dataset->users]; at++)
    listings += node_of[dataset->train_item[at]] >= 0;
  made.start = l4r_alloc((size_t)dataset->users + 1, sizeof *made.start, "co-occurrence");
  made.node = l4r_alloc((size_t)listings, sizeof *made.node, "co-occurrence");
  made.taken = l4r_alloc((size_t)nodes, sizeof *made.taken, "co-occurrence");
  made.degree = l4r_alloc((size_t)nodes, sizeof *made.degree, "co-occurrence");
  int taken = made.start && made.node && made.taken && made.degree;
  if (taken) fill_rows(dataset, node_of, &made);
  l4r_free(node_of);
  if (!taken) {
    l4r_cooccurrence_free(&made);
    return L4R_ENVIRONMENT;
  }
  *graph = made;
  return L4R_OK;
}

static double root_degree(const struct l4r_cooccurrence *graph, int64_t node) {
  return graph->degree[node] > 0 ? sqrt(graph->degree[node]) : 1;
}

void l4r_cooccurrence_apply(const struct l4r_cooccurrence *graph, const double *x, double *scaled,
                            double *y) {
  for (int64_t i = 0; i < graph->nodes; i++) {
    scaled[i] = x[i] / root_degree(graph, i);
    y[i] = -graph->taken[i] * scaled[i];
  }
  for (int64_t row = 0; row < graph->rows; row++) {
    double sum = 0;
    for (int64_t at = graph->start[row]; at < graph->start[row + 1]; at++)
      sum += scaled[graph->node[at]];
    for (int64_t at = graph->start[row]; at < graph->start[row + 1]; at++)
      y[graph->node[at]] += sum;
  }
  for (int64_t i = 0; i < graph->nodes; i++) y[i] /= root_degree(graph, i);
}

/* --- ARPACK --- */

/* ARPACK is loaded when eigenvectors are needed, which is only for `--ids collaborative`. The BLAS
 * that it loads (usually OpenBLAS) allocates memory and starts threads as it is loaded, and retries
 * forever when it gets no memory. */
static const char library[] = "libarpack.so.2";
static const double least_bytes = 512e6; /* OpenBLAS needs 32 MB per processor, LAPACK more */

static struct {
  int status;
  char why[512];
  __typeof__(dsaupd_c) *iterate;
  __typeof__(dseupd_c) *extract;
} arpack;

static void arpack_load(void) {
  void *handle = NULL;
  arpack.status = l4r_memory_check(least_bytes, "ARPACK, which --ids collaborative needs");
  if (!arpack.status) handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle) {
    *(void **)&arpack.iterate = dlsym(handle, "dsaupd_c");
    *(void **)&arpack.extract = dlsym(handle, "dseupd_c");
  }
  if (!arpack.status && (!arpack.iterate || !arpack.extract))
    arpack.status = l4r_fail(L4R_ENVIRONMENT,
                             "ARPACK cannot be loaded (%s); --ids collaborative needs it: install "
                             "libarpack2, or use --ids sequential",
                             handle ? "its functions for C are missing" : dlerror());
  if (arpack.status) l4r_text_set(arpack.why, sizeof arpack.why, "%s", l4r_error_message());
}

static int arpack_open(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, arpack_load);
  return arpack.status ? l4r_fail(arpack.status, "%s", arpack.why) : L4R_OK;
}

struct lanczos { /* work arrays with the names of its manual */
  a_int n, nev, ncv, lworkl, info;
  double *resid, *v, *workd, *workl, *d;
  a_int *select;
  double *scaled;
  a_int iparam[11], ipntr[11];
};

static int lanczos_open(int64_t nodes, int64_t count, struct lanczos *own) {
  /* A basis of 2.5 times the wanted vectors, and at least 40, needs few restarts and little
   * memory. */
  int64_t basis = 5 * count / 2 > 40 ? 5 * count / 2 : 40;
  if (basis > nodes) basis = nodes;
  *own = (struct lanczos){.n = (a_int)nodes, .nev = (a_int)count, .ncv = (a_int)basis};
  own->lworkl = own->ncv * (own->ncv + 8);
  own->resid = l4r_alloc((size_t)nodes, sizeof(double), "ARPACK");
  own->v = l4r_alloc((size_t)(nodes * basis), sizeof(double), "ARPACK");
  own->workd = l4r_alloc((size_t)(3 * nodes), sizeof(double), "ARPACK");
  own->workl = l4r_alloc((size_t)own->lworkl, sizeof(double), "ARPACK");
  own->d = l4r_alloc((size_t)count, sizeof(double), "ARPACK");
  own->select = l4r_alloc((size_t)basis, sizeof(a_int), "ARPACK");
  own->scaled = l4r_alloc((size_t)nodes, sizeof(double), "ARPACK");
  own->iparam[0] = 1; /* exact shifts */
  own->iparam[2] = MOST_RESTARTS;
  own->iparam[3] = 1;
  own->iparam[6] = 1; /* A x = lambda x */
  return own->resid && own->v && own->workd && own->workl && own->d && own->select && own->scaled
             ? L4R_OK
             : L4R_ENVIRONMENT;
}

static void lanczos_close(struct lanczos *own) {
  void *const part[] = {own->resid, own->v,      own->workd, own->workl,
                        own->d,     own->select, own->scaled};
  for (size_t i = 0; i < sizeof part / sizeof *part; i++) l4r_free(part[i]);
}

/* The largest eigenvalues of D^-1/2 A D^-1/2 are the smallest of 1 minus it. */
static int lanczos_run(const struct l4r_cooccurrence *graph, struct lanczos *own) {
  a_int ido = 0;
  own->info = 1; /* resid holds the start vector */
  for (;;) {
    arpack.iterate(&ido, "I", own->n, "LA", own->nev, tolerance, own->resid, own->ncv, own->v,
                   own->n, own->iparam, own->ipntr, own->workd, own->workl, own->lworkl,
                   &own->info);
    if (ido != -1 && ido != 1) break;
    l4r_cooccurrence_apply(graph, own->workd + own->ipntr[0] - 1, own->scaled,
                           own->workd + own->ipntr[1] - 1);
  }
  if (own->info >= 0 && own->iparam[4] >= own->nev) {
    arpack.extract(1, "A", own->select, own->d, own->v, own->n, 0, "I", own->n, "LA", own->nev,
                   tolerance, own->resid, own->ncv, own->v, own->n, own->iparam, own->ipntr,
                   own->workd, own->workl, own->lworkl, &own->info);
    if (own->info == 0) return L4R_OK;
  }
  /* -9 and -9999: nothing is left of a vector after a few products, as in a graph without edges. */
  return l4r_fail(own->info == -9 || own->info == -9999 ? L4R_INPUT : L4R_ENVIRONMENT,
                  "ARPACK found %d of %d eigenvectors of a co-occurrence graph of %d items (info "
                  "%d); choose other --clusters, or --ids sequential",
                  (int)own->iparam[4], (int)own->nev, (int)own->n, (int)own->info);
}

int l4r_cooccurrence_eigen(const struct l4r_cooccurrence *graph, const struct l4r_eigen_spec *spec,
                           double *value, double *vector) {
  int64_t n = graph->nodes, count = spec->count;
  if (count < 1 || count >= n || n * count > INT32_MAX)
    return l4r_fail(L4R_USAGE, "%" PRId64 " eigenvectors of a graph of %" PRId64 " items", count,
                    n);
  struct lanczos own;
  int status = arpack_open();
  if (status) return status;
  status = lanczos_open(n, count, &own);
  struct l4r_random random;
  l4r_random_stream(&random, spec->seed, 0x61727061636bu, spec->stream);
  for (int64_t i = 0; !status && i < n; i++) own.resid[i] = l4r_random_normal(&random);
  if (!status) status = lanczos_run(graph, &own);
  /* ARPACK gives the largest last */
  for (int64_t c = 0; !status && c < count; c++) {
    value[c] = 1 - own.d[count - 1 - c];
    for (int64_t i = 0; i < n; i++) vector[i * count + c] = own.v[(count - 1 - c) * n + i];
  }
  lanczos_close(&own);
  return status;
}
