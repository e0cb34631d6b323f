/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/session/describe.h"

#include "impl/base/error.h"

#include <math.h>
#include <string.h>

/* An engine may be foreign code, so its texts need not end within their room. */
static int has_end(const char *text, size_t size) {
  return memchr(text, '\0', size) != NULL;
}

static int is_cost(double value) {
  return isfinite(value) && value >= 0;
}

static int out_of_range(const struct l4r_session *session, const char *what) {
  return l4r_fail(L4R_CHECK, "arm %s describes itself with a %s that is out of range",
                  session->arm.text, what);
}

static int endless(const struct l4r_session *session, const char *what) {
  return l4r_fail(L4R_CHECK, "arm %s describes itself with a %s that does not end within its room",
                  session->arm.text, what);
}

static int check_about(const struct l4r_session *session, const struct l4r_about *about) {
  const struct {
    const char *name, *text;
    size_t size;
  } texts[] = {{"kernels", about->kernels, sizeof about->kernels},
               {"isa", about->isa, sizeof about->isa},
               {"precision", about->precision, sizeof about->precision},
               {"settings", about->settings, sizeof about->settings},
               {"kernel", about->kernel, sizeof about->kernel},
               {"chosen", about->chosen, sizeof about->chosen}};
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
    if (!has_end(texts[t].text, texts[t].size)) return endless(session, texts[t].name);
  const char *bad = about->weights_bytes < 0                ? "weights_bytes"
                    : about->scratch_bytes < 0              ? "scratch_bytes"
                    : about->load_ns < 0                    ? "load_ns"
                    : !is_cost(about->item_vectors_seconds) ? "item_vectors_seconds"
                    : about->measured_kernels < 0 || about->measured_kernels > L4R_MEASURED_MAX
                        ? "number of measured kernels"
                        : NULL;
  for (int m = 0; !bad && m < about->measured_kernels; m++) {
    if (!has_end(about->measured[m].kernel, sizeof about->measured[m].kernel))
      return endless(session, "name of a measured kernel");
    if (!is_cost(about->measured[m].ns)) bad = "time of a measured kernel";
  }
  return bad ? out_of_range(session, bad) : L4R_OK;
}

static int ask_about(struct l4r_session *session, struct l4r_about *about) {
  memset(about, 0, sizeof *about);
  l4r_error_clear();
  const int status = session->engine->about(session->handle, about);
  return status ? l4r_session_answered(session, status, "about") : check_about(session, about);
}

static int check_cost(const struct l4r_session *session, const struct l4r_cost *cost) {
  if (cost->stages < 0 || cost->stages > L4R_STAGES_MAX)
    return out_of_range(session, "number of stages");
  for (int s = 0; s < cost->stages; s++) {
    const struct l4r_stage *stage = &cost->stage[s];
    if (!has_end(stage->name, sizeof stage->name)) return endless(session, "name of a stage");
    if (!is_cost(stage->flops) || !is_cost(stage->bytes))
      return out_of_range(session, "cost of a stage");
    if (stage->timer < -1 || stage->timer >= L4R_TIMERS_MAX)
      return out_of_range(session, "timer of a stage");
  }
  return L4R_OK;
}

static int ask_cost(struct l4r_session *session, int64_t length, struct l4r_cost *cost) {
  memset(cost, 0, sizeof *cost);
  if (!session->engine->cost) return L4R_OK;
  l4r_error_clear();
  const int status = session->engine->cost(session->handle, length, cost);
  return status ? l4r_session_answered(session, status, "cost") : check_cost(session, cost);
}

static int same_stages(const struct l4r_cost *a, const struct l4r_cost *b) {
  int same = a->stages == b->stages;
  for (int s = 0; s < a->stages && same; s++)
    same = a->stage[s].timer == b->stage[s].timer && !strcmp(a->stage[s].name, b->stage[s].name);
  return same;
}

/* The costs of the mean request, not those of a request of mean length: histories are cut and
 * attention is quadratic, so the two differ. */
static int ask_mean(struct l4r_session *session, const int64_t *length, int64_t count,
                    struct l4r_cost *mean) {
  struct l4r_cost one;
  memset(mean, 0, sizeof *mean);
  for (int64_t i = 0; i < count; i++) {
    if (!i || length[i] != length[i - 1]) {
      const int status = ask_cost(session, length[i], &one);
      if (status) return status;
    }
    if (!i) {
      *mean = one;
      for (int s = 0; s < mean->stages; s++) mean->stage[s].flops = mean->stage[s].bytes = 0;
    }
    if (!same_stages(&one, mean))
      return l4r_fail(L4R_CHECK,
                      "arm %s: the stages of a request of %lld items are not those of one of %lld",
                      session->arm.text, (long long)length[i], (long long)length[0]);
    for (int s = 0; s < mean->stages; s++) {
      mean->stage[s].flops += one.stage[s].flops / (double)count;
      mean->stage[s].bytes += one.stage[s].bytes / (double)count;
    }
  }
  return L4R_OK;
}

static int ask_timers(struct l4r_session *session, struct l4r_timers *timers) {
  memset(timers, 0, sizeof *timers);
  if (!session->engine->timers) return L4R_OK;
  l4r_error_clear();
  int status = session->engine->timers(session->handle, timers);
  if (status) return l4r_session_answered(session, status, "timers");
  const char *bad = timers->timers < 0 || timers->timers > L4R_TIMERS_MAX ? "number of timers"
                    : timers->invalid_strings < 0                         ? "invalid_strings"
                    : timers->short_rankings < 0                          ? "short_rankings"
                                                                          : NULL;
  if (bad) return out_of_range(session, bad);
  for (int t = 0; t < timers->timers && !status; t++)
    if (!has_end(timers->timer[t].name, sizeof timers->timer[t].name))
      status = endless(session, "name of a timer");
  return status;
}

static json_t *stages_of(const struct l4r_cost *cost) {
  json_t *stages = json_array();
  for (int s = 0; s < cost->stages; s++)
    json_array_append_new(stages, json_pack("{s:s, s:f, s:f, s:i}", "name", cost->stage[s].name,
                                            "flops", cost->stage[s].flops, "bytes",
                                            cost->stage[s].bytes, "timer", cost->stage[s].timer));
  return stages;
}

/* Says which kernel multiplies, of an engine that has a choice. */
static void put_choice(const struct l4r_about *about, json_t *description) {
  if (!*about->kernel) return;
  json_object_set_new(description, "kernel", json_string(about->kernel));
  json_object_set_new(description, "chosen", json_string(about->chosen));
  json_t *list = json_array();
  for (int m = 0; m < about->measured_kernels; m++)
    json_array_append_new(list, json_pack("{s:s, s:f}", "kernel", about->measured[m].kernel, "ns",
                                          about->measured[m].ns));
  json_object_set_new(description, "measured", list);
}

int l4r_session_describe(struct l4r_session *session, const int64_t *length, int64_t count,
                         json_t **description) {
  struct l4r_about about;
  struct l4r_cost cost;
  struct l4r_timers timers;
  int status = ask_about(session, &about);
  if (!status) status = ask_mean(session, length, count, &cost);
  if (!status) status = ask_timers(session, &timers);
  if (status) return status;
  *description = json_pack(
      "{s:s, s:s, s:s, s:s, s:I, s:I, s:f, s:f, s:b, s:I, s:I, s:o}", "kernels", about.kernels,
      "isa", about.isa, "precision", about.precision, "settings", about.settings, "weights_bytes",
      (json_int_t)about.weights_bytes, "scratch_bytes", (json_int_t)about.scratch_bytes,
      "open_seconds", session->open_seconds, "item_vectors_seconds", about.item_vectors_seconds,
      "item_vectors_cached", about.item_vectors_cached, "invalid_strings",
      (json_int_t)timers.invalid_strings, "short_rankings", (json_int_t)timers.short_rankings,
      "stages", stages_of(&cost));
  if (*description && *session->arm.file_sha256)
    json_object_set_new(*description, "file_sha256", json_string(session->arm.file_sha256));
  if (*description) put_choice(&about, *description);
  if (*description && about.load_ns > 0)
    json_object_set_new(*description, "load_ns", json_integer((json_int_t)about.load_ns));
  if (*description) return L4R_OK;
  return l4r_fail(L4R_CHECK, "arm %s describes itself in something that is not UTF-8",
                  session->arm.text);
}

int l4r_session_timers(struct l4r_session *session, struct l4r_timer timer[L4R_TIMERS_MAX]) {
  struct l4r_timers now;
  if (ask_timers(session, &now)) return 0;
  memcpy(timer, now.timer, (size_t)now.timers * sizeof *timer);
  return now.timers;
}

void l4r_session_budget(struct l4r_session *session, struct l4r_budget *budget) {
  *budget = (struct l4r_budget){0};
  if (!session->engine->budget || session->engine->budget(session->handle, budget)) {
    budget->parts = 0;
    return;
  }
  int fit = budget->parts >= 0 && budget->parts <= L4R_PARTS_MAX;
  for (int p = 0; fit && p < budget->parts; p++)
    fit = has_end(budget->part[p].name, sizeof budget->part[p].name) && budget->part[p].ns >= 0 &&
          budget->part[p].times >= 0;
  if (!fit) budget->parts = 0;
}
