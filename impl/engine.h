/* SPDX-License-Identifier: BSD-3-Clause */
/* The outer contract: histories in, rankings out. An engine is an implementation that serves
 * models; a row of bench/engines.c names it. Engines know nothing of the harness. */
#ifndef L4R_ENGINE_H
#define L4R_ENGINE_H

#include "impl/base/team.h"
#include "impl/data/dataset.h"

#include <stddef.h>
#include <stdint.h>

struct l4r_request {
  int64_t user;            /* 0..users-1 */
  const l4r_item *history; /* oldest first; borrowed for the call */
  int64_t length;          /* >= 0; engines use the newest they can take */
};

struct l4r_ranking { /* buffers of at least k entries, owned by the caller */
  l4r_item *item;    /* best first; ties by training popularity, then by lower item id */
  float *score;
  int64_t count; /* out: <= k */
};

struct l4r_option { /* one key=value of an arm */
  const char *key, *value;
};

struct l4r_open_options {
  const char *model;                 /* model folder */
  const struct l4r_dataset *dataset; /* opened with TRAIN and TEXT at least; outlives the handle */
  struct l4r_team *team;             /* NULL: the calling thread alone; outlives the handle */
  const struct l4r_option *option;   /* unknown keys are L4R_USAGE, listing the known ones */
  int64_t options;
  int64_t max_batch; /* most requests of one recommend/score call, >= 1 */
  int64_t max_k;     /* most items of one ranking, >= 1 */
};

enum { L4R_STAGES_MAX = 12, L4R_TIMERS_MAX = 4 };
struct l4r_stage { /* analytic cost of one stage for one mean request */
  char name[32];
  double flops, bytes;
  int timer; /* which of the timers below covers it; those not below `timers`: none */
};
struct l4r_timer { /* time of stages that follow each other, which are timed as one */
  char name[32];
  int64_t ns; /* since open, on the thread that calls recommend; l4r_now_ns's clock */
};

struct l4r_description {
  char kernels[128];  /* what computes: "blis sgemm zen3", "plain loops" */
  char isa[32];       /* "avx2", "avx512", "scalar" */
  char precision[16]; /* "fp32" */
  char settings[256]; /* every setting that changes answers or cost: "beams=20,trie=on" */
  int64_t weights_bytes, scratch_bytes;
  double open_seconds, item_vectors_seconds; /* the second 0 where there are none */
  int item_vectors_cached;                   /* 1: read from the model folder's cache */
  int64_t load_ns; /* of a process of its own, from its start until ready, by its own clock; 0: the
                      engine has none, or did not say */
  struct l4r_stage stage[L4R_STAGES_MAX];
  int stages;
  struct l4r_timer timer[L4R_TIMERS_MAX];
  int timers;                              /* 0: the engine times no stages */
  int unseen;                              /* 1: recommend_unseen serves */
  int64_t invalid_strings, short_rankings; /* generated since open: answers dropped, rankings < k */
};

/* Told where stages begin: the number of their timer, -1 behind the last of a call. NULL but where
 * somebody counts stages; set and called on the thread that calls recommend, outside team runs. */
extern void (*l4r_on_stage)(int timer);
static inline void l4r_stage_begins(int timer) {
  if (l4r_on_stage) l4r_on_stage(timer);
}

struct l4r_engine {
  const char *name;
  /* Loads, packs and allocates. L4R_INPUT for a bad model or one made for another data set. */
  int (*open)(const struct l4r_open_options *options, void **handle);
  /* Ranks for n requests, up to k items each, seen items NOT removed (the harness asks for k +
   * length and masks). Allocates nothing after its first call. */
  int (*recommend)(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                   struct l4r_ranking *ranking);
  /* The same as if the catalogue did not hold the items of each request's history, with the scores
   * of before. For engines whose rankings are shorter than the catalogue, of which the history
   * would else take places: the harness asks them twice for accuracy, `keep` by recommend, which
   * alone is timed, and `mask` by this. NULL where an engine cannot, or has score; L4R_USAGE where
   * it can, but not as it was opened (description.unseen 0). */
  int (*recommend_unseen)(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                          struct l4r_ranking *ranking);
  /* All items' scores: scores[r * items + (item - 1)]. NULL where an engine only generates. */
  int (*score)(void *handle, const struct l4r_request *request, int64_t n, float *scores);
  /* n = mean history length that the analytic costs are for. */
  int (*describe)(void *handle, int64_t n, struct l4r_description *description);
  /* What the engine says that the newest call of recommend took, in nanoseconds: a second figure
   * beside the caller's clock, which is what counts. NULL: it says nothing. */
  int64_t (*own_ns)(void *handle);
  /* For engines in processes of their own: what a call like the newest costs when nobody computes,
   * in nanoseconds, by sending such lines to and fro. NULL: nothing lies between caller and engine.
   */
  int (*echo)(void *handle, int64_t *ns);
  void (*close)(void *handle);
};

/* Appends a stage, counted for the newest timer, or a timer. A description holds L4R_STAGES_MAX and
 * L4R_TIMERS_MAX of them: what goes beyond is left out. */
void l4r_description_stage(struct l4r_description *description, const char *name, double flops,
                           double bytes);
void l4r_description_timer(struct l4r_description *description, const char *name, int64_t ns);

/* Looks an option up; NULL when absent. */
const char *l4r_option_get(const struct l4r_open_options *options, const char *key);
/* L4R_USAGE unless every key given is in the NULL-ended list `known`. */
int l4r_options_check(const struct l4r_open_options *options, const char *engine,
                      const char *const *known);

/* Exact top-k of scores[items] (index item-1): higher score, then higher popularity[item], then
 * lower item; NaN ranks last. Writes min(k, items) entries. O(items + k log k). Pure. */
void l4r_top_k(const float *scores, int64_t items, const int64_t *popularity, int64_t k,
               struct l4r_ranking *ranking);

#endif
