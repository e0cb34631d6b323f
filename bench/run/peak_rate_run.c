/* SPDX-License-Identifier: BSD-3-Clause */
/* --find-knee: each rate that is tried is a configuration of its own, with all its rounds and a
 * record. The next rate depends on the verdict, so trials are not interleaved with other arms. */
#include "bench/run/peak_rate_run.h"
#include "bench/derive/derive_server.h"
#include "bench/record/encode.h"
#include "bench/run/compose.h"
#include "bench/run/interrupt.h"
#include "bench/run/peak_rate.h"
#include "bench/run/phases.h"
#include "bench/run/run.h"
#include "bench/derive/derive.h"
#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/log.h"

#include <string.h>

/* The share of the probe's closed-loop speed at which a search begins. */
static const double first_share = .7;

/* Derives the configuration's verdict from its rounds; `server` stays NULL when it has none. */
static int judge(const struct l4r_run *run, const struct l4r_run_config *config, json_t **server) {
  struct l4r_bundle samples = {0};
  struct l4r_record record;
  l4r_record_blank(&record);
  int status = l4r_run_gather(run, config, &samples);
  if (!status) status = l4r_derive_latency(&samples, &record);
  if (!status) status = l4r_derive_server(&samples, &record);
  if (!status && record.data.server.is_there) {
    *server = l4r_shape_json(l4r_shape_server(), &record.data.server);
    if (!*server) status = L4R_ENVIRONMENT;
  }
  l4r_record_free(&record);
  l4r_bundle_free(&samples);
  return status;
}

static int is_pass(const json_t *server) {
  const char *verdict = json_string_value(json_object_get(server, "verdict"));
  return verdict && !strcmp(verdict, "PASS");
}

/* Returns why no lower rate would pass after this one has failed, or NULL when one may. */
static const char *hopeless(const json_t *server) {
  const json_t *service = json_object_get(json_object_get(server, "service_p99_ns"), "value");
  const double bound = json_number_value(json_object_get(server, "bound_ns"));
  if (json_is_number(service) && json_number_value(service) >= bound)
    return "the engine alone is slower than the bound";
  /* As many arrivals as the load says find the worker busy: below 1 %, p99 is not the queue's. */
  if (json_number_value(json_object_get(server, "load")) < .01)
    return "without a queue p99 is above the bound: the machine was busy with something else";
  return NULL;
}

/* Measures the rate of run->config[c], the newest. */
static int try_rate(struct l4r_run *run, int c, struct l4r_peak_rate *search, json_t *trials) {
  struct l4r_run_config *config = &run->config[c];
  const char *label = run->arm[config->arm].arm->label;
  json_t *server = NULL;
  config->rate = search->next;
  int status = l4r_run_config_rounds(run, config);
  if (status) return status;
  if (l4r_interrupted()) {
    l4r_peak_rate_stop(search, "the run was interrupted");
    return L4R_OK;
  }
  if (!config->done || *run->arm[config->arm].failure) {
    l4r_peak_rate_stop(search, "a trial has no round that finished");
    return L4R_OK;
  }
  status = judge(run, config, &server);
  if (status) return status;
  json_array_append_new(trials, json_pack("{s:f, s:O, s:O}", "rate", config->rate, "verdict",
                                          json_object_get(server, "verdict"), "p99_ns",
                                          json_object_get(server, "p99_ns")));
  l4r_info("%s, %d threads, %.4g users/s: %s", label, config->pin.threads, config->rate,
           l4r_text_at(server, "reason"));
  l4r_peak_rate_set(search, is_pass(server));
  const char *why = is_pass(server) || search->passed > 0 ? NULL : hopeless(server);
  if (why) l4r_peak_rate_stop(search, why);
  json_decref(server);
  return L4R_OK;
}

/* One arm and thread count: begins in run->config[c], adds configurations as it goes. */
static int find(struct l4r_run *run, int c) {
  const int arm = run->config[c].arm;
  struct l4r_peak_rate search;
  json_t *trials = json_array(), *found = NULL;
  if (*run->arm[arm].failure || !(run->arm[arm].request_seconds > 0)) {
    json_decref(trials);
    return L4R_OK;
  }
  l4r_peak_rate_begin(&search, first_share / run->arm[arm].request_seconds);
  int status = try_rate(run, c, &search, trials);
  const int more = run->configs;
  while (!status && !search.stopped) {
    status = l4r_run_add_config(run, arm, &run->config[c].pin, 0);
    if (!status) status = try_rate(run, run->configs - 1, &search, trials);
  }
  found = json_pack("{s:o, s:f, s:s, s:o}", "rate",
                    search.passed > 0 ? json_real(search.passed) : json_null(), "tolerance",
                    l4r_peak_rate_tolerance, "stopped",
                    search.stopped ? search.stopped : "an error", "trials", trials);
  run->config[c].peak_rate = json_incref(found);
  for (int i = more; i < run->configs; i++) run->config[i].peak_rate = json_incref(found);
  json_decref(found);
  return status;
}

int l4r_run_peak_rates(struct l4r_run *run) {
  const int begun = run->configs;
  int status = L4R_OK;
  for (int c = 0; c < begun && !status && !l4r_interrupted(); c++) status = find(run, c);
  return status;
}
