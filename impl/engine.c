/* SPDX-License-Identifier: BSD-3-Clause */
/* What all engines share: reading the options of an arm, describing stages. */
#include "impl/engine.h"

#include "impl/base/error.h"
#include "impl/base/text.h"

#include <stdio.h>
#include <string.h>

void (*l4r_on_stage)(int timer);

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

void l4r_description_stage(struct l4r_description *description, const char *name, double flops,
                           double bytes) {
  if (description->stages < 0 || description->stages >= L4R_STAGES_MAX) return;
  struct l4r_stage *stage = &description->stage[description->stages++];
  *stage = (struct l4r_stage){.flops = flops, .bytes = bytes, .timer = description->timers - 1};
  snprintf(stage->name, sizeof stage->name, "%s", name);
}

void l4r_description_timer(struct l4r_description *description, const char *name, int64_t ns) {
  if (description->timers < 0 || description->timers >= L4R_TIMERS_MAX) return;
  struct l4r_timer *timer = &description->timer[description->timers++];
  snprintf(timer->name, sizeof timer->name, "%s", name);
  timer->ns = ns;
}
