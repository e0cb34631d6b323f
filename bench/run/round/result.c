/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/run/round/result.h"

#include "bench/ceiling/read.h"
#include "bench/machine/pin_proof.h"
#include "bench/run/round/ranks.h"
#include "bench/record/text.h"
#include "bench/run/session/answers.h"
#include "bench/run/session/describe.h"
#include "impl/base/error.h"
#include "impl/base/memory.h"
#include "impl/ceiling/ceiling.h"
#include "impl/ceiling/peak.h"

#include <assert.h>
#include <string.h>

static const double CEILING_SECONDS = 0.1, READ_SECONDS = 0.05;

static int check_logged(struct l4r_round *round) {
  struct l4r_logged *logged = &round->serving.logged;
  const struct l4r_dataset *dataset = round->session.dataset;
  unsigned char *mark = l4r_alloc((size_t)dataset->items + 1, 1, "item marks");
  int status = mark ? L4R_OK : L4R_ENVIRONMENT;
  int64_t longest = 0;
  for (int64_t l = 0; l < logged->count && !status; l++) {
    if (logged->length[l] > longest) longest = logged->length[l];
    struct l4r_ranking ranking = {.item = logged->item + l * logged->k,
                                  .score = logged->score + l * logged->k,
                                  .count = logged->length[l]};
    status = l4r_ranking_check(dataset, &ranking, mark);
    if (status) l4r_fail_context(status, "arm %s, timed part", round->job->arm);
  }
  if (!status && logged->count && !longest)
    status = l4r_fail(L4R_CHECK, "arm %s, timed part: none of %lld answers ranks an item",
                      round->job->arm, (long long)logged->count);
  l4r_free(mark);
  return status;
}

static int put_logged(const struct l4r_round *round, struct l4r_bundle *result) {
  const struct l4r_logged *logged = &round->serving.logged;
  int64_t *user = l4r_alloc(2 * (size_t)logged->count, sizeof *user, "logged requests");
  if (!user) return L4R_ENVIRONMENT;
  int64_t *history = user + logged->count;
  for (int64_t l = 0; l < logged->count; l++) {
    user[l] = logged->asked[l].user;
    history[l] = l4r_history_key(logged->asked[l].history, logged->asked[l].length);
  }
  const struct l4r_answers answers = {.count = logged->count,
                                      .room = logged->k,
                                      .user = user,
                                      .history = history,
                                      .length = logged->length,
                                      .item = logged->item,
                                      .score = logged->score};
  const int status = l4r_answers_add(result, "log", &answers);
  l4r_free(user);
  return status;
}

static json_t *put_counters(const struct l4r_round *round) {
  struct l4r_counter_reading reading[L4R_COUNTERS_MAX];
  int count = l4r_counters_read(round->counters, reading);
  assert(count <= L4R_COUNTERS_MAX);
  json_t *readings = json_array();
  for (int c = 0; c < count; c++)
    json_array_append_new(
        readings,
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:b}", "name", reading[c].name, "unit",
                  reading[c].unit, "source", reading[c].source, "reason", reading[c].reason,
                  "value",
                  strcmp(reading[c].source, "absent") ? json_real(reading[c].value) : json_null(),
                  "total", reading[c].total));
  return readings;
}

static int put_proof(struct l4r_round *round, json_t *meta) {
  struct l4r_pin_proof proof;
  const struct l4r_pin *pin = &round->job->pin;
  int status = l4r_pin_observe(round->session.team, pin->threads, &proof);
  if (!status) status = l4r_pin_judge(pin, &proof);
  if (status) return l4r_fail_context(status, "arm %s", round->job->arm);
  json_t *observed = json_array(), *located = json_array(), *memory = json_array();
  for (int i = 0; i < pin->threads; i++) {
    json_array_append_new(observed, json_integer(proof.observed[i]));
    json_array_append_new(located, json_integer(proof.located[i]));
    json_array_append_new(memory, json_integer(proof.memory[i]));
  }
  json_object_set_new(meta, "observed", observed);
  json_object_set_new(meta, "located", located);
  json_object_set_new(meta, "memory_nodes", memory);
  json_object_set_new(meta, "this_system", json_boolean(proof.this_system));
  return L4R_OK;
}

static int put_description(struct l4r_round *round, json_t *meta) {
  const struct l4r_requests *all = &round->requests;
  int64_t count = l4r_requests_count(all, L4R_ROLE_TIMED);
  int64_t *length = l4r_alloc((size_t)count, sizeof *length, "history lengths");
  if (!length) return L4R_ENVIRONMENT;
  for (int64_t i = 0; i < count; i++)
    length[i] = all->request[all->begin[L4R_ROLE_TIMED] + i].length;
  json_t *description = NULL;
  int status = l4r_session_describe(&round->session, length, count, &description);
  json_object_set_new(meta, "description", description ? description : json_null());
  l4r_free(length);
  return status;
}

static json_t *put_timers(const struct l4r_round *round) {
  json_t *timers = json_array();
  for (int t = 0; t < round->timers; t++)
    json_array_append_new(timers,
                          json_pack("{s:s, s:I}", "name", round->timer[0][t].name, "ns",
                                    (json_int_t)(round->timer[1][t].ns - round->timer[0][t].ns -
                                                 round->aside_ns[t])));
  return timers;
}

/* What a part had before the timed part; an engine may name a part only once it was entered. */
static struct l4r_budget_part part_before(const struct l4r_budget *budget, const char *name) {
  for (int p = 0; p < budget->parts; p++)
    if (!strcmp(budget->part[p].name, name)) return budget->part[p];
  return (struct l4r_budget_part){.ns = 0};
}

/* Means of a call. The parts are the engine's, the call is by the harness's clock. */
static json_t *put_budget(const struct l4r_round *round) {
  const struct l4r_samples *samples = &round->serving.samples;
  const double calls = (double)samples->count;
  double sum = 0, parts_ns = 0;
  for (int64_t s = 0; s < samples->count; s++) sum += (double)samples->ns[s];
  json_t *parts = json_array();
  for (int p = 0; p < round->budget[1].parts; p++) {
    const struct l4r_budget_part *after = &round->budget[1].part[p];
    const struct l4r_budget_part before = part_before(&round->budget[0], after->name);
    const double ns = (double)(after->ns - before.ns) / calls;
    const double times = (double)(after->times - before.times) / calls;
    json_array_append_new(
        parts, json_pack("{s:s, s:f, s:f}", "name", after->name, "ns", ns, "times", times));
    parts_ns += ns;
  }
  return json_pack("{s:f, s:f, s:o}", "call_ns", sum / calls, "rest_ns", sum / calls - parts_ns,
                   "parts", parts);
}

/* The slowest calls and what happened around them; users by their number in the data set's files.
 */
static json_t *put_slowest(const struct l4r_round *round) {
  const struct l4r_slowest *slowest = &round->serving.slowest;
  json_t *list = json_array();
  for (int t = 0; t < slowest->count; t++) {
    const struct l4r_slow_call *call = &slowest->call[t];
    const int64_t user = round->serving.options.request[call->request].user + 1;
    json_t *entry = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "query", (json_int_t)call->query,
                              "ns", (json_int_t)call->ns, "user", (json_int_t)user, "history",
                              (json_int_t)call->length, "at_ns", (json_int_t)call->at_ns, "over",
                              (json_int_t)call->over);
    for (int e = 0; e < L4R_SLOW_CALL_EVENTS; e++)
      json_object_set_new(entry, l4r_slow_call_event_names[e], json_integer(call->events[e]));
    json_array_append_new(list, entry);
  }
  return list;
}

static void put_harness(const struct l4r_round *round, json_t *meta) {
  const struct l4r_slowest *slowest = &round->serving.slowest;
  json_object_set_new(meta, "overhead_ns", json_real(round->overhead.every_ns));
  json_object_set_new(meta, "overhead_inside_ns", json_real(round->overhead.inside_ns));
  json_object_set_new(meta, "tails", put_slowest(round));
  json_object_set_new(meta, "tail_readings",
                      json_pack("{s:s, s:I, s:I}", "source",
                                slowest->whole_process ? "getrusage, all threads of the process"
                                                       : "getrusage, the serving thread",
                                "cost_ns", (json_int_t)slowest->read_ns, "every",
                                (json_int_t)slowest->every));
}

/* The engine's precision is what its ceiling is of; for one that names none, or one that nobody has
 * instructions of, nothing is measured. */
static void put_peak(struct l4r_round *round, json_t *meta) {
  const char *precision = l4r_text_at(json_object_get(meta, "description"), "precision");
  enum l4r_peak_precision found;
  struct l4r_peak peak;
  if (l4r_peak_precision_named(precision, &found) ||
      l4r_peak_best(round->session.team, found, CEILING_SECONDS, &peak))
    return;
  json_object_set_new(meta, "peak",
                      json_pack("{s:f, s:s, s:s}", "gops", peak.gops, "precision",
                                l4r_peak_precision_name(found), "instructions", peak.unit->name));
}

/* Measures the ceilings that the serving is compared with, on the same workers and a moment later;
 * and sgemm, a library's speed beside them. */
static void put_ceilings(struct l4r_round *round, json_t *meta) {
  static const char *const names[] = {"l1_gb_per_s", "l2_gb_per_s", "l3_gb_per_s",
                                      "memory_gb_per_s"};
  struct l4r_team *team = round->session.team;
  struct l4r_read_caches caches;
  double speed;
  put_peak(round, meta);
  if (!l4r_ceiling_sgemm(team, CEILING_SECONDS, &speed))
    json_object_set_new(meta, "sgemm_gflops", json_real(speed));
  if (l4r_read_caches_find(l4r_team_size(team), &caches)) return;
  for (int level = 1; level <= 4; level++) {
    const int64_t bytes = l4r_read_bytes(&caches, level);
    if (bytes && !l4r_ceiling_read(team, bytes, READ_SECONDS, &speed))
      json_object_set_new(meta, names[level - 1], json_real(speed));
  }
}

/* The bundle takes the arrays over. */
static int give_samples(struct l4r_round *round, struct l4r_bundle *result) {
  static const char *const names[6] = {"ns", "served", "request", "own", "due", "wait"};
  struct l4r_samples *samples = &round->serving.samples;
  int64_t **const array[6] = {&samples->ns,  &samples->served, &samples->request,
                              &samples->own, &samples->due,    &samples->wait};
  int status = L4R_OK;
  for (int a = 0; a < (round->due ? 6 : 4) && !status; a++) {
    if (a == 3 && !round->session.engine->own_ns) continue;
    status = l4r_bundle_move(result, names[a], *array[a], samples->count);
    *array[a] = NULL;
  }
  return status;
}

int l4r_round_put_results(struct l4r_round *round, struct l4r_bundle *result) {
  json_t *meta = result->meta;
  json_object_set_new(meta, "peak_rss_bytes", json_integer(l4r_peak_rss()));
  /* The counters come first, because absent ones leave messages of their own. */
  json_object_set_new(meta, "counters", put_counters(round));
  json_object_set_new(meta, "timers", put_timers(round));
  json_t *stages = l4r_counters_stages(round->counters, round->timer[0], round->timers);
  if (stages) json_object_set_new(meta, "stage_counters", stages);
  if (round->budget[1].parts && round->serving.samples.count)
    json_object_set_new(meta, "budget", put_budget(round));
  json_object_set_new(meta, "machine", l4r_watch_json(&round->watch));
  l4r_round_put_ranks(round, meta);
  int status = put_description(round, meta);
  if (!status) put_ceilings(round, meta); /* after memory's peak was read: it takes buffers */
  if (!status) status = put_proof(round, meta);
  if (!status) status = l4r_session_leak_check(&round->session);
  if (!status) status = check_logged(round);
  json_object_set_new(meta, "open_seconds", json_real(round->session.open_seconds));
  json_object_set_new(meta, "cold_ns", json_integer(round->cold_ns));
  json_object_set_new(meta, "warmup",
                      json_pack("{s:I, s:i, s:b, s:s}", "queries", (json_int_t)round->warm_queries,
                                "cycles", round->cycles, "steady", round->steady, "ended",
                                round->steady ? "steady state" : "time limit"));
  json_object_set_new(meta, "permutations", json_integer(round->serving.permutations));
  json_object_set_new(meta, "ended", json_string(round->ended));
  json_object_set_new(meta, "timed_seconds", json_real(round->timed_seconds));
  json_object_set_new(meta, "energy", l4r_energy_json(&round->energy, round->joules));
  json_object_set_new(meta, "allocations", json_integer(round->allocations));
  json_object_set_new(meta, "held_out_hidden_by",
                      round->session.hidden ? json_string(round->session.hidden_how) : json_null());
  if (!round->session.hidden)
    json_object_set_new(meta, "held_out_in_sight", json_string(round->session.hidden_how));
  json_object_set_new(meta, "novel_inside", json_integer(round->novel.inside));
  json_object_set_new(
      meta, "usage",
      json_pack("{s:f, s:i, s:f, s:f, s:f, s:i, s:i}", "seconds", round->span.seconds, "threads",
                round->job->pin.threads, "others_cpu_seconds", round->span.others_cpu_seconds,
                "wait_seconds", round->span.wait_seconds, "cpu_seconds", round->span.cpu_seconds,
                "processes", round->span.processes, "busy_threads", round->span.busy));
  if (round->session.engine->own_ns)
    json_object_set_new(meta, "echo_ns", json_integer(round->echo_ns));
  put_harness(round, meta);
  if (!status) status = put_logged(round, result);
  return status ? status : give_samples(round, result);
}
