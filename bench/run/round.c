/* SPDX-License-Identifier: BSD-3-Clause */
/* The course of a round:
 *
 *   open | cold query | warm-up cycles ... steady | timed permutations ... | repeats : fresh |
 * known : novel | overhead | proof
 *
 * Nothing is allocated by the harness inside a permutation: samples are grown between two of them,
 * rankings are copied into slots taken beforehand, and copying happens outside the clock. Outliers
 * stay in. */
#include "bench/run/round.h"

#include "bench/ceiling/read.h"
#include "bench/machine/pin_proof.h"
#include "bench/run/arrivals.h"
#include "bench/run/describe.h"
#include "bench/counters/counters.h"
#include "bench/machine/energy.h"
#include "bench/run/novel.h"
#include "bench/run/overhead.h"
#include "bench/run/requests.h"
#include "bench/run/serve.h"
#include "bench/run/time_source.h"
#include "bench/machine/usage.h"
#include "bench/machine/watch.h"
#include "impl/base/ceiling.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <string.h>

enum {
  CYCLES = 64,
  PAIRS_LEAST = 8,
  NOVEL_PAIRS = 24,
  NOVEL_PERMUTATION = 16,
  USAGE_APART_NS = 100000000
};
/* Raw latencies travel with their record (at most 256 KB compressed for five rounds), so an engine
 * that answers in microseconds ends a round by count, long after its median is known to a percent.
 */
enum { SAMPLES_MOST = 16384 };
static const double CEILING_SECONDS = 0.1, READ_SECONDS = 0.05, IDLE_SECONDS = .3;

struct round {
  const struct l4r_job *job;
  struct l4r_session session;
  struct l4r_requests requests;
  struct l4r_request *call; /* [batch]: the requests of a call outside the timed part */
  struct l4r_serving serving;
  struct l4r_overhead overhead;
  struct l4r_counters *counters;
  struct l4r_energy energy;
  struct l4r_watch watch;
  double joules; /* negative: absent */
  int64_t cold_ns, warm_queries, allocations;
  double timed_seconds; /* of the timed part, what is between its calls included */
  int64_t *due;         /* of the open loop: when each query comes; else NULL */
  struct l4r_arrivals_plan plan;
  struct l4r_novel novel;
  int64_t aside_ns[L4R_TIMERS_MAX];          /* of the timers, while novel requests were served */
  struct l4r_timer timer[2][L4R_TIMERS_MAX]; /* before and after the timed part */
  int timers;
  struct l4r_usage *usage; /* [2]: at the begin of the timed part, and the newest */
  struct l4r_usage_span span;
  int64_t echo_ns; /* the larger of before and after the timed part; 0: nothing lies between */
  double cycle[CYCLES];
  int cycles, steady;
  const char *ended; /* why the timed part ended */
};

int l4r_is_steady(const double *cycle, int cycles) {
  if (cycles < 3) return 0;
  double fastest = cycle[0];
  for (int c = 1; c < cycles - 2; c++)
    if (cycle[c] < fastest) fastest = cycle[c];
  return cycle[cycles - 2] >= .95 * fastest && cycle[cycles - 1] >= .95 * fastest;
}

static int serve_call(struct round *round, int64_t n, int64_t *ns) {
  return l4r_session_serve(&round->session, round->call, n, round->job->k, ns);
}

/* Serves `users` warm-up requests, going round those there are, in calls of the round's batch. */
static int warm_cycle(struct round *round, int64_t users, double *seconds) {
  const struct l4r_requests *all = &round->requests;
  int64_t batch = round->job->batch, warm = l4r_requests_count(all, L4R_ROLE_WARM), total = 0;
  for (int64_t done = 0; done < users; done += batch) {
    for (int64_t b = 0; b < batch; b++)
      round->call[b] = all->request[all->begin[L4R_ROLE_WARM] + (done + b) % warm];
    int64_t ns;
    int status = serve_call(round, batch, &ns);
    if (status) return status;
    total += ns;
    round->warm_queries += batch;
  }
  *seconds = (double)total * 1e-9;
  return L4R_OK;
}

static int warm_up(struct round *round) {
  int64_t warm = l4r_requests_count(&round->requests, L4R_ROLE_WARM);
  int64_t batch = round->job->batch;
  double spent = 0, limit = round->job->min_seconds;
  round->call[0] = round->requests.request[round->requests.begin[L4R_ROLE_WARM]];
  int status = serve_call(round, 1, &round->cold_ns);
  double one = 0;
  if (!status) status = warm_cycle(round, batch, &one);
  if (status) return status;
  /* A cycle is about a tenth of the minimum time, so that slow engines are warm within it. */
  int64_t users = one > 0 ? (int64_t)(limit * .1 / one * (double)batch) : warm;
  if (users > warm) users = warm;
  if (users < batch) users = batch;
  while (round->cycles < CYCLES && !round->steady && (round->cycles < 3 || spent < limit)) {
    double *seconds = &round->cycle[round->cycles++];
    status = warm_cycle(round, users, seconds);
    if (status) return status;
    spent += *seconds;
    round->steady = l4r_is_steady(round->cycle, round->cycles);
  }
  return L4R_OK;
}

/* What reading the stages' counters costs, before anything counts: as many queries as a cycle had.
 */
static int try_stages(struct round *round) {
  const int64_t queries = round->warm_queries;
  if (!l4r_counters_by_stage(round->counters)) return L4R_OK;
  double seconds = 0;
  l4r_counters_stages_begin(round->counters, 1);
  int status = warm_cycle(round, queries / (round->cycles + 1), &seconds);
  l4r_counters_stages_end(round->counters, 1, (int64_t)(seconds * 1e9));
  round->warm_queries = queries;
  return status;
}

/* Whoever computed since the timed part began, threads and processes of the engine's own too. */
static int check_usage(struct round *round) {
  struct l4r_usage *usage = round->usage;
  l4r_usage_read(&usage[1]);
  const int status = l4r_usage_judge(&usage[0], &usage[1], &round->job->pin, &round->span);
  return status ? l4r_fail_context(status, "arm %s", round->job->arm) : L4R_OK;
}

/* Between permutations: a worker that strays and comes back would pass the proof at the end. */
static int check_places(struct round *round) {
  const struct l4r_pin *pin = &round->job->pin;
  if (!pin->bound) return L4R_OK;
  struct l4r_pin_proof proof = {.this_system = 1};
  int status = l4r_team_observed(round->session.team, proof.observed);
  for (int i = 0; i < pin->threads; i++) proof.located[i] = -1;
  if (!status) status = l4r_pin_judge(pin, &proof);
  if (status) return l4r_fail_context(status, "arm %s", round->job->arm);
  if (l4r_now_ns() - round->usage[1].at_ns < USAGE_APART_NS) return L4R_OK;
  return check_usage(round);
}

/* Selection sampling, as for the log: the rest of what is to be asked over the rest of the calls.
 * Neither the slowest calls nor the stages' timers take part in it. */
static int ask_aside(void *context, int64_t left, const struct l4r_request *known, int64_t ns) {
  struct round *round = context;
  struct l4r_novel *novel = &round->novel;
  if ((int64_t)l4r_random_below(&novel->random, (uint64_t)left) >= novel->left_here) return L4R_OK;
  struct l4r_timer before[L4R_TIMERS_MAX], after[L4R_TIMERS_MAX];
  novel->left_here--;
  l4r_slowest_close(&round->serving.slowest);
  const int timers = l4r_session_timers(&round->session, before), pairs = novel->pairs;
  const int status = l4r_novel_ask(novel, &round->session, known, ns);
  novel->inside += novel->pairs - pairs;
  l4r_session_timers(&round->session, after);
  for (int t = 0; t < timers; t++) round->aside_ns[t] += after[t].ns - before[t].ns;
  l4r_slowest_open(&round->serving.slowest);
  return status;
}

static int serve_closed(struct round *round) {
  struct l4r_serving *serving = &round->serving;
  const int64_t count = serving->options.count, batch = serving->options.batch;
  const int64_t calls = (count + batch - 1) / batch, began = l4r_time.now();
  int64_t served = 0;
  int enough = 0, timely = 0, full = 0;
  while (!enough || !(timely || full)) {
    if (serving->permutations) l4r_counters_next(round->counters);
    int status = l4r_serving_prepare(serving, 1, calls, 0);
    const uint64_t allocations = l4r_alloc_count();
    round->novel.left_here = NOVEL_PERMUTATION < count / 8 ? NOVEL_PERMUTATION : (int)(count / 8);
    if (!status) status = l4r_serve_permutation(serving);
    round->allocations += (int64_t)(l4r_alloc_count() - allocations);
    if (!status) status = check_places(round);
    if (status) return status;
    l4r_watch_during(&round->watch);
    served += count;
    const double seconds = (double)(l4r_time.now() - began) * 1e-9;
    const int was_enough = enough;
    round->timed_seconds = seconds;
    enough = served >= round->job->min_count;
    timely = seconds >= round->job->min_seconds;
    full = serving->samples.count + calls > SAMPLES_MOST;
    if (enough && !was_enough) round->ended = timely ? "minimum count" : "minimum time";
    if (enough && full && !timely) round->ended = "sample limit";
  }
  return L4R_OK;
}

/* The schedule is not interrupted for the proof of places: that comes after it. */
static int serve_open(struct round *round) {
  struct l4r_serving *serving = &round->serving;
  const int64_t queries = round->plan.queries;
  int status = l4r_serving_prepare(serving, round->plan.permutations, queries, 1);
  const uint64_t allocations = l4r_alloc_count();
  const int64_t began = l4r_time.now();
  if (!status) status = l4r_serve_arrivals(serving, round->due, queries);
  round->timed_seconds = (double)(l4r_time.now() - began) * 1e-9;
  round->allocations = (int64_t)(l4r_alloc_count() - allocations);
  round->ended = round->plan.ended;
  return status ? status : check_places(round);
}

/* The request of the sample whose length is nearest to `length`, from a random place on. */
static int64_t like(struct round *round, int64_t length) {
  int64_t count = l4r_requests_count(&round->requests, L4R_ROLE_TIMED), best = 0;
  int64_t from = (int64_t)l4r_random_below(&round->serving.random, (uint64_t)count),
          gap = INT64_MAX;
  for (int64_t i = 0; i < count && gap > 0; i++) {
    int64_t at = (from + i) % count;
    int64_t off = round->requests.request[at].length - length;
    if (off < 0) off = -off;
    if (off >= gap) continue;
    gap = off;
    best = at;
  }
  return best;
}

/* Repeats of the sample against requests never served, in pairs of like length and random order, so
 * that drift and the processor's caches treat both alike. */
static int serve_repeats(struct round *round, struct l4r_bundle *result) {
  const struct l4r_requests *all = &round->requests;
  int64_t fresh = l4r_requests_count(all, L4R_ROLE_FRESH);
  int64_t pairs = round->serving.samples.count / 20; /* a tenth of the serving, half of it each */
  if (pairs < PAIRS_LEAST) pairs = PAIRS_LEAST;
  if (pairs > fresh) pairs = fresh;
  int64_t *ns[2] = {l4r_bundle_add(result, "repeat_ns", pairs),
                    l4r_bundle_add(result, "fresh_ns", pairs)};
  if (!ns[0] || !ns[1]) return L4R_ENVIRONMENT;
  for (int64_t p = 0; p < pairs; p++) {
    const struct l4r_request *one = &all->request[all->begin[L4R_ROLE_FRESH] + p * fresh / pairs];
    const struct l4r_request *pair[2] = {&all->request[like(round, one->length)], one};
    int first = (int)l4r_random_below(&round->serving.random, 2);
    for (int turn = 0; turn < 2; turn++) {
      int which = first ^ turn;
      round->call[0] = *pair[which];
      int status = serve_call(round, 1, &ns[which][p]);
      if (status) return status;
    }
  }
  return L4R_OK;
}

/* As many pairs of known and novel requests as the timed part has left to be asked. */
static int serve_novel(struct round *round, struct l4r_bundle *result) {
  struct l4r_novel *novel = &round->novel;
  const struct l4r_requests *all = &round->requests;
  int64_t pairs = round->serving.samples.count / 20, ns;
  if (pairs < PAIRS_LEAST) pairs = PAIRS_LEAST;
  if (pairs > NOVEL_PAIRS) pairs = NOVEL_PAIRS;
  if (pairs > novel->count) pairs = novel->count;
  for (int i = novel->pairs; i < pairs; i++) {
    const int64_t place = (int64_t)l4r_random_below(&novel->random, (uint64_t)novel->count);
    round->call[0] = all->request[like(round, novel->request[place].length)];
    int status = serve_call(round, 1, &ns);
    if (!status) status = l4r_novel_ask(novel, &round->session, &round->call[0], ns);
    if (status) return status;
  }
  const int status = l4r_novel_check_answers(novel, &round->session);
  return status ? status : l4r_novel_append(novel, result);
}

static int check_logged(struct round *round) {
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

static int put_logged(const struct round *round, struct l4r_bundle *result) {
  const struct l4r_logged *logged = &round->serving.logged;
  int64_t total = 0;
  for (int64_t l = 0; l < logged->count; l++) total += logged->length[l];
  int64_t *request = l4r_bundle_add(result, "log_request", logged->count);
  int64_t *start = l4r_bundle_add(result, "log_start", logged->count + 1);
  int64_t *item = l4r_bundle_add(result, "log_item", total);
  int64_t *score = l4r_bundle_add(result, "log_score", total);
  if (!request || !start || !item || !score) return L4R_ENVIRONMENT;
  for (int64_t l = 0, at = 0; l < logged->count; l++) {
    request[l] = logged->request[l];
    for (int64_t i = 0; i < logged->length[l]; i++, at++) {
      item[at] = logged->item[l * logged->k + i];
      score[at] = l4r_float_bits(logged->score[l * logged->k + i]);
    }
    start[l + 1] = at;
  }
  return L4R_OK;
}

static json_t *put_counters(const struct round *round) {
  struct l4r_counter_reading reading[L4R_COUNTERS_MAX];
  int count = l4r_counters_read(round->counters, reading);
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

static int put_proof(struct round *round, json_t *meta) {
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

static int put_description(struct round *round, json_t *meta) {
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

static json_t *put_timers(const struct round *round) {
  json_t *timers = json_array();
  for (int t = 0; t < round->timers; t++)
    json_array_append_new(timers,
                          json_pack("{s:s, s:I}", "name", round->timer[0][t].name, "ns",
                                    (json_int_t)(round->timer[1][t].ns - round->timer[0][t].ns -
                                                 round->aside_ns[t])));
  return timers;
}

/* The slowest calls and what happened around them; users by their number in the data set's files.
 */
static json_t *put_slowest(const struct round *round) {
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

static void put_harness(const struct round *round, json_t *meta) {
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

/* What the serving is held to, on the same workers and a moment later. */
static void put_ceilings(struct round *round, json_t *meta) {
  struct l4r_team *team = round->session.team;
  struct l4r_read_caches caches;
  double speed;
  if (!l4r_ceiling_sgemm(team, CEILING_SECONDS, &speed))
    json_object_set_new(meta, "sgemm_gflops", json_real(speed));
  if (!l4r_read_caches_find(l4r_team_size(team), &caches) &&
      !l4r_ceiling_read(team, l4r_read_bytes(&caches, 4), READ_SECONDS, &speed))
    json_object_set_new(meta, "memory_gb_per_s", json_real(speed));
}

/* The bundle takes the arrays over. */
static int give_samples(struct round *round, struct l4r_bundle *result) {
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

static int put_results(struct round *round, struct l4r_bundle *result) {
  json_t *meta = result->meta;
  json_object_set_new(meta, "peak_rss_bytes", json_integer(l4r_peak_rss()));
  put_ceilings(round, meta); /* after the peak was read, because it takes buffers of its own */
  /* First, because absent counters leave messages of their own. */
  json_object_set_new(meta, "counters", put_counters(round));
  json_object_set_new(meta, "timers", put_timers(round));
  json_t *stages = l4r_counters_stages(round->counters, round->timer[0], round->timers);
  if (stages) json_object_set_new(meta, "stage_counters", stages);
  json_object_set_new(meta, "machine", l4r_watch_json(&round->watch));
  int status = put_description(round, meta);
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

static void next_counters(void *round) {
  l4r_counters_next(((struct round *)round)->counters);
}

/* Stages of the engine begin while it opens, too: before there are counters. */
static void note_stage(void *context, int timer) {
  struct round *round = context;
  if (round->counters) l4r_counters_note_stage(round->counters, timer);
}

/* Memory of the timed loops and, for the open one, its schedule. */
static int prepare_serving(struct round *round) {
  const struct l4r_job *job = round->job;
  const int64_t count = l4r_requests_count(&round->requests, L4R_ROLE_TIMED);
  const int open = job->scenario == L4R_SERVER, equal = job->scenario == L4R_MULTI_STREAM;
  if (count < 1 || (equal && job->batch > count))
    return l4r_fail(L4R_USAGE,
                    "queries of %lld requests want at least as many users, and the sample has "
                    "%lld; lower --batch or raise --users",
                    (long long)job->batch, (long long)count);
  if (open) {
    const struct l4r_arrivals_asked asked = {count, job->min_count, job->min_seconds, job->rate};
    round->plan = l4r_arrivals_plan(&asked);
    round->due = l4r_alloc((size_t)round->plan.queries, sizeof *round->due, "arrivals");
    if (!round->due) return L4R_ENVIRONMENT;
    l4r_arrivals_make(job->seed, job->round, job->rate, round->due, round->plan.queries);
  }
  /* Counters of stages have no part that could be left out. */
  const int aside = job->batch == 1 && !l4r_counters_by_stage(round->counters);
  int status = l4r_novel_make(&round->requests, &round->session, job->seed, job->round, job->k,
                              &round->novel);
  if (status) return status;
  const struct l4r_serving_options options = {.session = &round->session,
                                              .request = round->requests.request +
                                                         round->requests.begin[L4R_ROLE_TIMED],
                                              .count = count,
                                              .batch = job->batch,
                                              .k = job->k,
                                              .equal = equal,
                                              .longest = open ? round->plan.queries : count,
                                              .seed = job->seed,
                                              .round = job->round,
                                              .between = next_counters,
                                              .aside = aside ? ask_aside : NULL,
                                              .context = round};
  return l4r_serving_open(&options, &round->serving);
}

static int prepare(struct round *round, const struct l4r_bundle *bundle) {
  const struct l4r_job *job = round->job;
  int status = l4r_requests_read(bundle, &round->requests);
  if (status) return status;
  int64_t k = job->k + l4r_requests_longest(&round->requests);
  if (l4r_counters_ask_stages(job->counters))
    round->session.on_stage = (struct l4r_stage_hook){note_stage, round};
  status = l4r_session_open(job, job->batch, k, &round->session);
  if (status) return status;
  round->call = l4r_alloc((size_t)job->batch, sizeof *round->call, "requests of a call");
  if (!round->call) return L4R_ENVIRONMENT;
  status = l4r_counters_open(job->counters, round->session.team, &round->counters);
  return status ? status : prepare_serving(round);
}

/* Before and after, because others who keep the machine busy slow the way as well. */
static int measure_echo(struct round *round) {
  const struct l4r_session *session = &round->session;
  int64_t ns;
  if (!session->engine->echo) return L4R_OK;
  const int status = session->engine->echo(session->handle, &ns);
  if (!status && ns > round->echo_ns) round->echo_ns = ns;
  return status ? l4r_fail_context(status, "arm %s, the way to it", round->job->arm) : L4R_OK;
}

int l4r_round_do(const struct l4r_bundle *bundle, const struct l4r_job *job,
                 struct l4r_bundle *result) {
  struct round *round = l4r_alloc(1, sizeof *round, "a round");
  if (!round) return L4R_ENVIRONMENT;
  round->job = job;
  round->usage = l4r_alloc(2, sizeof *round->usage, "who computes");
  int status = round->usage ? L4R_OK : L4R_ENVIRONMENT;
  if (!status) status = prepare(round, bundle);
  l4r_energy_find("/sys", &round->energy);
  if (!status) l4r_energy_idle(&round->energy, IDLE_SECONDS);
  if (!status) status = warm_up(round);
  if (!status) status = try_stages(round);
  if (!status) status = measure_echo(round);
  if (!status) round->timers = l4r_session_timers(&round->session, round->timer[0]);
  l4r_watch_begin(&round->watch);
  if (!status) round->watch.elsewhere = round->session.engine->own_ns != NULL;
  if (!status) status = l4r_counters_start(round->counters);
  l4r_energy_start(&round->energy);
  if (!status) l4r_counters_stages_begin(round->counters, 0);
  l4r_usage_read(&round->usage[0]);
  round->usage[1].at_ns = round->usage[0].at_ns;
  if (!status) status = round->due ? serve_open(round) : serve_closed(round);
  if (!status) l4r_counters_stages_end(round->counters, 0, round->serving.serving_ns);
  round->joules = l4r_energy_stop(&round->energy);
  if (!status) status = l4r_counters_stop(round->counters);
  l4r_watch_end(&round->watch);
  if (!status) status = check_usage(round);
  if (!status && l4r_session_timers(&round->session, round->timer[1]) != round->timers)
    round->timers = 0;
  if (!status) status = measure_echo(round);
  if (!status) status = serve_repeats(round, result);
  if (!status) status = serve_novel(round, result);
  if (!status) status = l4r_serving_overhead(&round->serving, round->due != NULL, &round->overhead);
  if (!status) status = put_results(round, result);
  l4r_counters_close(round->counters);
  l4r_session_close(&round->session);
  l4r_requests_free(&round->requests);
  l4r_serving_close(&round->serving);
  l4r_free(round->call);
  l4r_free(round->due);
  l4r_free(round->usage);
  l4r_novel_free(&round->novel);
  l4r_free(round);
  return status;
}
