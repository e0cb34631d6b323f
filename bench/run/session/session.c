/* SPDX-License-Identifier: BSD-3-Clause */
/* The engine gets a data set opened without validation.txt and test.txt, which are taken out of its
 * sight before it is opened; and every file it opens through impl/base is watched: one that goes
 * after held-out items must not pass for a good one. */
#include "bench/run/session/session.h"

#include "bench/machine/pin_proof.h"
#include "bench/run/session/time_source.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hide.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/model/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The files that hold held-out items, or their times. */
static const char *const held_out[] = {"test.txt", "validation.txt", "times.txt"};
enum { HELD_OUT = sizeof held_out / sizeof *held_out };

static void watch(void *context, const char *path) {
  struct l4r_session *session = context;
  char base[64];
  l4r_base_name(path, base, sizeof base);
  for (int f = 0; f < HELD_OUT; f++)
    if (!strcmp(base, held_out[f])) session->held_out_read = held_out[f];
}

/* From here on neither this process nor its descendants can read them in any way. What the harness
 * itself needs of them is in memory. */
static void hide_held_out(const char *data, struct l4r_session *session) {
  char path[HELD_OUT][L4R_PATH_MAX];
  const char *paths[HELD_OUT];
  int count = 0;
  for (int f = 0; f < HELD_OUT; f++)
    if (!l4r_path_join(path[count], data, held_out[f])) paths[count] = path[count], count++;
  session->hidden = l4r_hide_files(paths, count, L4R_HIDE_LANDLOCK | L4R_HIDE_MOUNTS,
                                   session->hidden_how, sizeof session->hidden_how);
}

static int open_buffers(struct l4r_session *session) {
  size_t batch = (size_t)session->max_batch, k = (size_t)session->max_k;
  session->ranking = l4r_alloc(batch, sizeof *session->ranking, "rankings");
  session->item = l4r_alloc(batch * k, sizeof *session->item, "ranked items");
  session->score = l4r_alloc(batch * k, sizeof *session->score, "ranked scores");
  if (!session->ranking || !session->item || !session->score) return L4R_ENVIRONMENT;
  for (size_t r = 0; r < batch; r++) {
    session->ranking[r].item = session->item + r * k;
    session->ranking[r].score = session->score + r * k;
  }
  /* Touches the buffers now, so that no query pays for their pages. */
  memset(session->item, 0, batch * k * sizeof *session->item);
  memset(session->score, 0, batch * k * sizeof *session->score);
  return L4R_OK;
}

int l4r_session_answered(const struct l4r_session *session, int status, const char *what) {
  if (!status) return L4R_OK;
  if (status > 0 || status < L4R_ENVIRONMENT)
    return l4r_fail(L4R_CHECK, "arm %s, %s: %d came back, which is no status of the contract",
                    session->arm.text, what, status);
  if (!*l4r_error_message()) l4r_fail(status, "the engine gives no reason");
  return l4r_fail_context(status, "arm %s, %s", session->arm.text, what);
}

static int open_engine(struct l4r_session *session) {
  struct l4r_open_options options = {.model = session->arm.model,
                                     .dataset = session->dataset,
                                     .team = session->team,
                                     .option = session->arm.option,
                                     .options = session->arm.options,
                                     .max_batch = session->max_batch,
                                     .max_k = session->max_k,
                                     .on_stage = session->on_stage};
  l4r_on_read(watch, session);
  l4r_error_clear();
  int64_t before = l4r_now_ns();
  int status = session->engine->open(&options, &session->handle);
  session->open_seconds = (double)(l4r_now_ns() - before) * 1e-9;
  if (status) session->handle = NULL;
  return l4r_session_answered(session, status, "open");
}

/* Behind the hiding of files and on the processors of the run, since a file's constructors run. */
static int load(struct l4r_session *session) {
  int status = l4r_arm_load(&session->arm);
  if (status) return status;
  session->engine = session->arm.engine;
  status = l4r_engine_check(session->engine);
  return status ? l4r_fail_context(status, "arm %s", session->arm.text) : L4R_OK;
}

static int leaves_out(const struct l4r_session *session) {
  const struct l4r_engine *engine = session->engine;
  struct l4r_about about = {.unseen = 0};
  if (engine->score || !engine->recommend_unseen) return 0;
  return !engine->about(session->handle, &about) && about.unseen;
}

/* Texts are many. They are read where an engine of others may ask for them, and where a model's
 * vectors are made of them. */
static unsigned parts_for(const struct l4r_arm *arm) {
  struct l4r_model_config config;
  if (!arm->file && arm->model[0] && !l4r_config_read(arm->model, &config) &&
      !l4r_model_needs_texts(&config))
    return L4R_PART_TRAIN;
  return L4R_PART_TRAIN | L4R_PART_TEXT;
}

int l4r_session_open(const struct l4r_job *job, int64_t max_batch, int64_t max_k,
                     struct l4r_session *session) {
  session->max_batch = max_batch;
  int status = l4r_arm_parse(job->arm, &session->arm);
  if (!status) status = l4r_arm_resolve(&session->arm);
  if (!status) status = l4r_pin_memory(&job->pin);
  if (!status) status = l4r_dataset_open(job->data, parts_for(&session->arm), &session->dataset);
  if (status) return status;
  snprintf(session->hidden_how, sizeof session->hidden_how, "it was not asked for");
  if (job->hides) hide_held_out(job->data, session);
  session->max_k = max_k < session->dataset->items ? max_k : session->dataset->items;
  status = l4r_team_create(job->pin.threads, job->pin.bound ? job->pin.processor : NULL,
                           &session->team);
  if (!status) status = load(session);
  if (!status) status = open_buffers(session);
  if (!status) status = open_engine(session);
  if (!status) session->leaves_out = leaves_out(session);
  return status;
}

int64_t l4r_session_scored_at_once(int64_t items, int64_t most) {
  const int64_t fit = ((int64_t)64 << 20) / (items * (int64_t)sizeof(float));
  return fit > most ? most : fit < 1 ? 1 : fit;
}

void l4r_session_close(struct l4r_session *session) {
  if (session->handle) session->engine->close(session->handle);
  l4r_on_read(NULL, NULL);
  l4r_team_free(session->team);
  if (session->dataset) l4r_dataset_close(session->dataset);
  l4r_free(session->ranking);
  l4r_free(session->item);
  l4r_free(session->score);
  memset(session, 0, sizeof *session);
}

/* No latency can be trusted after that, the earlier ones included. */
static int clock_fault(const struct l4r_session *session, int64_t from, int64_t to) {
  return l4r_fail(L4R_ENVIRONMENT,
                  "arm %s: the clock went backwards by %lld ns during the round, and no time of it "
                  "can be trusted; see which clock the kernel uses in "
                  "/sys/devices/system/clocksource/clocksource0/current_clocksource",
                  session->arm.text, (long long)(from - to));
}

/* Clocks of two processes may tick at slightly different rates, and start within a tick. */
static const double CLOCKS_APART = .001;
enum { CLOCK_GRAIN_NS = 1000 };

static int check_own(struct l4r_session *session, int64_t wall) {
  const int64_t own = session->own_ns = session->engine->own_ns(session->handle);
  if (own > 0 && (double)own <= (double)wall * (1 + CLOCKS_APART) + CLOCK_GRAIN_NS) return L4R_OK;
  if (own <= 0)
    return l4r_fail(L4R_CHECK, "arm %s says that a request took it %lld ns: no computation does",
                    session->arm.text, (long long)own);
  return l4r_fail(L4R_CHECK,
                  "arm %s says that a request took it %lld ns, longer than the %lld ns from the "
                  "question to the answer: its clock cannot be believed",
                  session->arm.text, (long long)own, (long long)wall);
}

/* How many items to ask for; marks the rankings as not made. */
static int64_t prepare(struct l4r_session *session, const struct l4r_request *request, int64_t n,
                       int64_t k) {
  int64_t longest = 0;
  /* Who leaves the history out when asked to is not asked for more in its place. */
  const int whole = session->leaves_out;
  for (int64_t r = 0; r < n; r++) {
    if (!whole && request[r].length > longest) longest = request[r].length;
    session->ranking[r].count = -1;
  }
  l4r_error_clear();
  return k + longest < session->max_k ? k + longest : session->max_k;
}

static int check_counts(const struct l4r_session *session, int64_t n, int64_t ask) {
  for (int64_t r = 0; r < n; r++)
    if (session->ranking[r].count < 0 || session->ranking[r].count > ask)
      return l4r_fail(L4R_CHECK, "arm %s: asked for %lld items, the ranking says it holds %lld",
                      session->arm.text, (long long)ask, (long long)session->ranking[r].count);
  return L4R_OK;
}

int l4r_session_serve_unseen(struct l4r_session *session, const struct l4r_request *request,
                             int64_t n, int64_t k) {
  const int64_t ask = prepare(session, request, n, k);
  const int status = session->engine->recommend_unseen(session->handle, request, n, ask,
                                                       session->ranking);
  if (status) return l4r_session_answered(session, status, "recommend_unseen");
  return check_counts(session, n, ask);
}

int l4r_session_serve(struct l4r_session *session, const struct l4r_request *request, int64_t n,
                      int64_t k, int64_t *nanoseconds) {
  const int64_t ask = prepare(session, request, n, k);
  const int64_t earlier = session->ended_ns, before = l4r_time.now();
  int status = session->engine->recommend(session->handle, request, n, ask, session->ranking);
  const int64_t after = l4r_time.now();
  session->began_ns = before;
  session->ended_ns = after;
  *nanoseconds = after - before;
  if (status) return l4r_session_answered(session, status, "recommend");
  if (before < earlier) return clock_fault(session, earlier, before);
  if (after < before) return clock_fault(session, before, after);
  if (session->engine->own_ns) status = check_own(session, after - before);
  return status ? status : check_counts(session, n, ask);
}

static const char *fault_at(const struct l4r_dataset *dataset, const struct l4r_ranking *ranking,
                            int64_t at, unsigned char *mark) {
  l4r_item item = ranking->item[at];
  float score = ranking->score[at];
  if (item < 1 || item > dataset->items) return "an item that is not in the catalogue";
  if (mark[item]) return "an item that was ranked before";
  mark[item] = 1;
  if (isnan(score)) return "a score that is not a number";
  if (isinf(score)) return "an infinite score";
  if (at == 0) return NULL;
  l4r_item last = ranking->item[at - 1];
  if (score > ranking->score[at - 1]) return "a score above the one before it";
  if (score < ranking->score[at - 1]) return NULL;
  int64_t popularity = dataset->train_count[item], before = dataset->train_count[last];
  if (popularity > before || (popularity == before && item < last))
    return "an item whose tie with the one before it is broken the wrong way (popularity, then id)";
  return NULL;
}

int l4r_ranking_check(const struct l4r_dataset *dataset, const struct l4r_ranking *ranking,
                      unsigned char *mark) {
  const char *fault = NULL;
  int64_t at = 0;
  while (at < ranking->count && !(fault = fault_at(dataset, ranking, at, mark))) at++;
  for (int64_t i = 0; i < ranking->count; i++)
    if (ranking->item[i] >= 1 && ranking->item[i] <= dataset->items) mark[ranking->item[i]] = 0;
  if (!fault) return L4R_OK;
  return l4r_fail(L4R_CHECK, "place %lld of a ranking holds %s (item %d, score %g)",
                  (long long)at + 1, fault, (int)ranking->item[at], (double)ranking->score[at]);
}

int l4r_session_leak_check(const struct l4r_session *session) {
  if (!session->held_out_read) return L4R_OK;
  return l4r_fail(L4R_CHECK, "arm %s: the engine opened %s, which holds the answers",
                  session->arm.text, session->held_out_read);
}

int64_t l4r_peak_rss(void) {
  FILE *stream = fopen("/proc/self/status", "r");
  char line[256];
  long long kilobytes = 0;
  while (stream && fgets(line, sizeof line, stream))
    if (sscanf(line, "VmHWM: %lld kB", &kilobytes) == 1) break;
  if (stream) fclose(stream);
  return (int64_t)kilobytes * 1024;
}
