/* SPDX-License-Identifier: BSD-3-Clause */
/* The outer contract: histories in, rankings out. An engine is an implementation that serves models
 * and knows nothing of the harness. Those of this program stand in bench/engines.c; one in a shared
 * object is measured as `so:FILE@MODEL`, for which FILE defines l4r_plugin_engine (below).
 *
 * This header and what it includes are all that such a file is compiled against, and the functions
 * that they declare are all that the program lends it. L4R_ENGINE_ABI stands for every struct and
 * every meaning in them: it is raised when one of them changes. */
#ifndef L4R_ENGINE_H
#define L4R_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "impl/base/error.h"
#include "impl/base/team.h"
#include "impl/data/item.h"

enum { L4R_ENGINE_ABI = 3 };

struct l4r_dataset; /* impl/data/dataset.h; l4r_dataset_show tells what an engine may know of it */

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

/* Told where stages begin: the number of their timer, -1 behind the last of a call. Called on the
 * thread that calls recommend, outside of team runs. `begins` is NULL where nobody counts stages.
 */
struct l4r_stage_hook {
  void (*begins)(void *context, int timer);
  void *context;
};
static inline void l4r_stage_begins(const struct l4r_stage_hook *hook, int timer) {
  if (hook->begins) hook->begins(hook->context, timer);
}

struct l4r_open_options {
  const char *model;                 /* model folder */
  const struct l4r_dataset *dataset; /* opened with TRAIN and TEXT at least; outlives the handle */
  struct l4r_team *team;             /* NULL: the calling thread alone; outlives the handle */
  const struct l4r_option *option;   /* unknown keys are L4R_USAGE, listing the known ones */
  int64_t options;
  int64_t max_batch; /* most requests of one recommend/score call, >= 1 */
  int64_t max_k;     /* most items of one ranking, >= 1 */
  struct l4r_stage_hook on_stage;
};

/* A kernel that was compared with others at open, and what a request's matrix products took by it
 * then; 0: it was not measured. */
struct l4r_measured {
  char kernel[48];
  double ns;
};
enum { L4R_MEASURED_MAX = 12 };

struct l4r_about {    /* what ran */
  char kernels[128];  /* what computes: "blis sgemm zen3", "plain loops" */
  char isa[32];       /* "avx2", "avx512", "scalar" */
  char precision[16]; /* "fp32" */
  char settings[256]; /* every setting that changes answers or cost: "beams=20,trie=on" */
  int64_t weights_bytes, scratch_bytes;
  double open_seconds, item_vectors_seconds; /* the second 0 where there are none */
  int item_vectors_cached;                   /* 1: read from the model folder's cache */
  int64_t load_ns; /* of a process of its own, from its start until ready, by its own clock; 0: the
                      engine has none, or did not say */
  int unseen;      /* 1: recommend_unseen serves */
  /* Of engines that choose among kernels, else "" and 0: the one that multiplies, as the option
   * `kernel` takes it; how it was chosen ("asked", "only", "widest", "measured", "remembered"); and
   * what was compared. Options isa and kernel with these values give the same bits again. */
  char kernel[48], chosen[16];
  struct l4r_measured measured[L4R_MEASURED_MAX];
  int measured_kernels;
};

enum { L4R_PARTS_MAX = 24 };
struct l4r_budget_part { /* of the time of recommend, on the thread that calls it */
  char name[32];
  int64_t ns, times; /* since open; how often it was entered */
};
struct l4r_budget {
  struct l4r_budget_part part[L4R_PARTS_MAX];
  int parts;
};

enum { L4R_STAGES_MAX = 12, L4R_TIMERS_MAX = 4 };
struct l4r_stage {
  char name[32];
  double flops, bytes;
  int timer; /* which of the engine's timers covers it, -1: none; so is one that it does not have */
};
struct l4r_cost { /* analytic cost of one request, stage by stage */
  struct l4r_stage stage[L4R_STAGES_MAX];
  int stages;
};

struct l4r_timer { /* time of stages that follow each other, which are timed as one */
  char name[32];
  int64_t ns; /* since open, on the thread that calls recommend; l4r_now_ns's clock */
};
struct l4r_timers { /* what runs on while an engine serves */
  struct l4r_timer timer[L4R_TIMERS_MAX];
  int timers;
  int64_t invalid_strings, short_rankings; /* generated since open: answers dropped, rankings < k */
};

/* What is not marked as optional is there. Structs that functions fill come zeroed. */
struct l4r_engine {
  int abi; /* L4R_ENGINE_ABI */
  const char *name;
  /* Loads, packs and allocates. L4R_INPUT for a bad model or one made for another data set. */
  int (*open)(const struct l4r_open_options *options, void **handle);
  /* Ranks for n requests, up to k items each, seen items NOT removed (the harness asks for k +
   * length and masks; for k alone where recommend_unseen serves). Allocates nothing after its first
   * call. */
  int (*recommend)(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                   struct l4r_ranking *ranking);
  /* Optional. The same as if the catalogue did not hold the items of each request's history, with
   * the scores of before. For engines whose rankings are shorter than the catalogue, of which the
   * history would else take places: the harness asks them twice for accuracy, `keep` by recommend,
   * which alone is timed, and `mask` by this. NULL where an engine cannot, or has score; L4R_USAGE
   * where it can, but not as it was opened (about's unseen is 0). */
  int (*recommend_unseen)(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                          struct l4r_ranking *ranking);
  /* Optional. All items' scores: scores[r * items + (item - 1)]. NULL where an engine only
   * generates. */
  int (*score)(void *handle, const struct l4r_request *request, int64_t n, float *scores);
  /* What ran: the same at every call after the first request. */
  int (*about)(void *handle, struct l4r_about *about);
  /* Optional. The analytic cost of a request whose history has `length` items; the same stages in
   * the same order for every length. */
  int (*cost)(void *handle, int64_t length, struct l4r_cost *cost);
  /* Optional. The stages' times and the counts so far; cheap, for it is asked between requests. */
  int (*timers)(void *handle, struct l4r_timers *timers);
  /* Optional. Where the time of recommend went, part by part, finer than the timers. Parts follow
   * each other and do not overlap. Only where `on_stage` listens, else there are none: asking the
   * clock so often is not free. */
  int (*budget)(void *handle, struct l4r_budget *budget);
  /* Optional. What the engine says that the newest call of recommend took, in nanoseconds: a second
   * figure beside the caller's clock, which is what counts. */
  int64_t (*own_ns)(void *handle);
  /* Optional, for engines in processes of their own: what a call like the newest costs when nobody
   * computes, in nanoseconds, by sending such lines to and fro. */
  int (*echo)(void *handle, int64_t *ns);
  void (*close)(void *handle);
};

/* L4R_INPUT unless the table is of this contract's number and holds a name and every function that
 * is not optional; the message says which is missing. Reads nothing but `abi` of a table of another
 * number. */
int l4r_engine_check(const struct l4r_engine *engine);

/* Append a stage, or a timer. L4R_CHECK where there is no room for one more, or no end to its name.
 */
int l4r_cost_add(struct l4r_cost *cost, const struct l4r_stage *stage);
int l4r_timers_add(struct l4r_timers *timers, const char *name, int64_t ns);

/* Looks an option up; NULL when absent. */
const char *l4r_option_get(const struct l4r_open_options *options, const char *key);
/* L4R_USAGE unless every key given is in the NULL-ended list `known`. */
int l4r_options_check(const struct l4r_open_options *options, const char *engine,
                      const char *const *known);

/* Exact top-k of scores[items] (index item-1): higher score, then higher popularity[item], then
 * lower item; NaN ranks last. Writes min(k, items) entries. O(items + k log k). Pure. */
void l4r_top_k(const float *scores, int64_t items, const int64_t *popularity, int64_t k,
               struct l4r_ranking *ranking);

struct l4r_dataset_view { /* borrowed from the data set, as long as that is open */
  const char *path, *name, *sha256;
  int64_t users, items;
  const int64_t *start;             /* [users + 1] offsets into item */
  const l4r_item *item;             /* the training part, a user's oldest first */
  const int64_t *popularity;        /* [items + 1] training popularity; [0] unused */
  const struct l4r_item_text *text; /* [items + 1]; NULL: opened without */
};
void l4r_dataset_show(const struct l4r_dataset *dataset, struct l4r_dataset_view *view);

/* Defined by a shared object, not by the program: its engine, which stays valid. */
const struct l4r_engine *l4r_plugin_engine(void);

#ifdef __cplusplus
}
#endif

#endif
