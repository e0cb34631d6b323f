/* SPDX-License-Identifier: BSD-3-Clause */
/* What all engines share: checking a table, reading the options of an arm, adding up stages, the
 * best of many scores. */
#include "impl/engine.h"

#include "impl/base/text.h"
#include "impl/data/dataset.h"
#include "impl/rank.h"

#include <string.h>

int l4r_engine_check(const struct l4r_engine *engine) {
  if (!engine) return l4r_fail(L4R_INPUT, "there is no table of an engine");
  if (engine->abi != L4R_ENGINE_ABI)
    return l4r_fail(L4R_INPUT,
                    "the engine was built for contract %d, this program speaks %d: compile it anew "
                    "against this version's engine.h, with .abi = L4R_ENGINE_ABI",
                    engine->abi, L4R_ENGINE_ABI);
  const char *missing = !engine->name || !*engine->name ? "name"
                        : !engine->open                 ? "open"
                        : !engine->recommend            ? "recommend"
                        : !engine->about                ? "about"
                        : !engine->close                ? "close"
                                                        : NULL;
  if (!missing) return L4R_OK;
  return l4r_fail(L4R_INPUT, "the engine's table has no '%s', which engine.h requires", missing);
}

const char *l4r_option_get(const struct l4r_open_options *options, const char *key) {
  for (int64_t i = 0; i < options->options; ++i)
    if (strcmp(options->option[i].key, key) == 0) return options->option[i].value;
  return NULL;
}

static int is_known(const char *const *known, const char *key) {
  for (; *known; ++known)
    if (strcmp(*known, key) == 0) return 1;
  return 0;
}

int l4r_options_check(const struct l4r_open_options *options, const char *engine,
                      const char *const *known) {
  for (int64_t i = 0; i < options->options; ++i) {
    if (is_known(known, options->option[i].key)) continue;
    char list[512] = "";
    size_t used = 0;
    for (const char *const *k = known; *k; ++k) {
      if (l4r_text_add(list, sizeof list, &used, "%s%s", used ? ", " : "", *k)) break;
    }
    return l4r_fail(L4R_USAGE, "engine %s has no option '%s'; it knows: %s", engine,
                    options->option[i].key, used ? list : "none");
  }
  return L4R_OK;
}

int l4r_cost_add(struct l4r_cost *cost, const struct l4r_stage *stage) {
  if (cost->stages < 0 || cost->stages >= L4R_STAGES_MAX)
    return l4r_fail(L4R_CHECK, "an engine has at most %d stages", L4R_STAGES_MAX);
  if (!memchr(stage->name, '\0', sizeof stage->name))
    return l4r_fail(L4R_CHECK, "a stage's name has at most %zu characters", sizeof stage->name - 1);
  cost->stage[cost->stages++] = *stage;
  return L4R_OK;
}

int l4r_timers_add(struct l4r_timers *timers, const char *name, int64_t ns) {
  if (timers->timers < 0 || timers->timers >= L4R_TIMERS_MAX)
    return l4r_fail(L4R_CHECK, "an engine has at most %d timers", L4R_TIMERS_MAX);
  struct l4r_timer *timer = &timers->timer[timers->timers];
  if (l4r_text_set(timer->name, sizeof timer->name, "%s", name))
    return l4r_fail(L4R_CHECK, "the name of timer '%s' has more than %zu characters", name,
                    sizeof timer->name - 1);
  timer->ns = ns;
  timers->timers++;
  return L4R_OK;
}

void l4r_top_k(const float *scores, int64_t items, const int64_t *popularity, int64_t k,
               struct l4r_ranking *ranking) {
  struct l4r_heap heap = {.item = ranking->item,
                          .score = ranking->score,
                          .capacity = k < 0       ? 0
                                      : k < items ? k
                                                  : items,
                          .popularity = popularity};
  for (int64_t i = 0; i < items; i++) l4r_heap_offer(&heap, (l4r_item)(i + 1), scores[i]);
  l4r_heap_sort(&heap);
  ranking->count = heap.count;
}

void l4r_dataset_show(const struct l4r_dataset *dataset, struct l4r_dataset_view *view) {
  *view = (struct l4r_dataset_view){.path = dataset->path,
                                    .name = dataset->name,
                                    .sha256 = dataset->sha256,
                                    .users = dataset->users,
                                    .items = dataset->items,
                                    .start = dataset->train_start,
                                    .item = dataset->train_item,
                                    .popularity = dataset->train_count,
                                    .text = dataset->text};
}
