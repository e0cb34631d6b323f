/* SPDX-License-Identifier: BSD-3-Clause */
/* Our end of the protocol. Requests are written by hand into a buffer taken at open; answers are
 * parsed with jansson. All of it is inside of the time that counts; what the child says it took
 * itself is a second figure. */
#include "baselines/peers/peer.h"

#include "baselines/peers/echo.h"
#include "baselines/peers/feed.h"
#include "baselines/peers/process.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/text.h"
#include "impl/data/dataset.h"
#include "impl/rank.h"

#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROTOCOL = 1, LOAD_SECONDS = 1800, ANSWER_SECONDS = 600 };
/* Bytes of a line: the first one's, and an answer's own, a request's and an item's part. An item
 * and its score take 40 where they are written in full. */
enum { HELLO_MOST = 1 << 20, ANSWER_MOST = 1 << 16, REQUEST_MOST = 64, ITEM_MOST = 128 };
enum { LONGEST = 1000 }; /* newest items of a history that travel: no model here sees more */

struct peer {
  struct l4r_process *process;
  struct l4r_feed *feed;
  cpu_set_t processors; /* where it may run */
  char name[64];
  int64_t items;
  const int64_t *popularity;
  char *line; /* [room] the request under way */
  size_t room;
  int64_t ns;             /* of the newest call, by the child's clock */
  size_t asked, answered; /* bytes of the newest call's lines */
  json_t *hello;          /* what it said of itself */
  double open_seconds;
};

static void peer_close(void *handle) {
  struct peer *peer = handle;
  if (!peer) return;
  l4r_process_stop(peer->process);
  l4r_feed_close(peer->feed);
  json_decref(peer->hello);
  l4r_free(peer->line);
  l4r_free(peer);
}

/* --- start --- */

/* Where make.sh puts them that `make install` installs: nobody's sources are there. */
static int own_path(const char *name, char path[L4R_PATH_MAX]) {
  char folder[L4R_PATH_MAX];
  const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
  int status = L4R_OK;
  if (!access("build/peers", F_OK)) return l4r_path_join(path, "build/peers", name);
  if (data && *data)
    status = l4r_path_join(folder, data, "lite4rec/peers");
  else
    status = l4r_path_join(folder, home && *home ? home : "/", ".local/share/lite4rec/peers");
  return status ? status : l4r_path_join(path, folder, name);
}

static int program_path(const char *name, char path[L4R_PATH_MAX]) {
  if (!name)
    return l4r_fail(L4R_USAGE, "a peer needs a program: write peer:NAME@MODEL, or "
                               "peer:./my-engine@MODEL for one of your own");
  if (strchr(name, '/')) {
    snprintf(path, L4R_PATH_MAX, "%s", name);
    return L4R_OK;
  }
  const char *folder = getenv("LITE4REC_PEERS");
  if (folder && *folder) return l4r_path_join(path, folder, name);
  return own_path(name, path);
}

static int add_processors(void *argument, int worker, int workers) {
  cpu_set_t mine;
  if (sched_getaffinity(0, sizeof mine, &mine)) return L4R_ENVIRONMENT;
  ((cpu_set_t *)argument)[worker] = mine;
  return L4R_OK;
}

/* Where the team's workers may run, taken together. */
static int team_processors(struct l4r_team *team, cpu_set_t *all) {
  const int workers = l4r_team_size(team);
  cpu_set_t *each = l4r_alloc((size_t)workers, sizeof *each, "processor sets");
  if (!each) return L4R_ENVIRONMENT;
  int status = l4r_team_run(team, add_processors, each);
  CPU_ZERO(all);
  for (int w = 0; w < workers; w++) CPU_OR(all, all, &each[w]);
  l4r_free(each);
  return status;
}

static int start(struct peer *peer, const struct l4r_open_options *options) {
  char path[L4R_PATH_MAX];
  int status = program_path(l4r_option_get(options, "program"), path);
  if (!status) status = team_processors(options->team, &peer->processors);
  if (status) return status;
  const char *const argv[] = {path, NULL};
  const struct l4r_process_spec spec = {.argv = argv,
                                        .processors = &peer->processors,
                                        .threads = l4r_team_size(options->team),
                                        .kept = l4r_feed_file(peer->feed)};
  status = l4r_process_start(&spec, &peer->process);
  return status ? l4r_fail_context(status,
                                   "peer '%s' (`make peers` makes those of other projects, or "
                                   "after an installation "
                                   "`sh PREFIX/share/lite4rec/peers/make.sh`)",
                                   peer->name)
                : L4R_OK;
}

static int send_json(struct peer *peer, json_t *message) {
  char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
  json_decref(message);
  if (!text) return l4r_fail(L4R_ENVIRONMENT, "no memory for a peer's request");
  int status = l4r_process_send(peer->process, text, strlen(text));
  free(text);
  return status ? status : l4r_process_send(peer->process, "\n", 1);
}

/* Reads the object of the child's next line; its "error" becomes a failure in the child's words. */
static int receive(struct peer *peer, int seconds, size_t most, json_t **answer) {
  const char *line;
  json_error_t error;
  int status = l4r_process_line(peer->process, seconds, most, &line);
  if (status) return l4r_fail_context(status, "peer %s", peer->name);
  peer->answered = strlen(line);
  *answer = json_loads(line, JSON_REJECT_DUPLICATES, &error);
  if (!json_is_object(*answer)) {
    json_decref(*answer);
    return l4r_fail(L4R_CHECK, "peer %s: not a JSON object: %.80s", peer->name, line);
  }
  const char *complaint = json_string_value(json_object_get(*answer, "error"));
  if (!complaint) return L4R_OK;
  status = l4r_fail(L4R_CHECK, "peer %s: %s", peer->name, complaint);
  json_decref(*answer);
  return status;
}

/* Checks a member of the first line: if it is there, it must be a whole number of at least `least`.
 */
static int check_count(const struct peer *peer, const char *key, json_int_t least) {
  const json_t *value = json_object_get(peer->hello, key);
  if (!value || (json_is_integer(value) && json_integer_value(value) >= least)) return L4R_OK;
  return l4r_fail(L4R_CHECK,
                  "peer %s: \"%s\" of its first line has to be a whole number of at least %lld, or "
                  "left out",
                  peer->name, key, (long long)least);
}

static int check_texts(const struct peer *peer) {
  static const char *const keys[] = {"engine", "isa", "precision", "settings"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    const json_t *value = json_object_get(peer->hello, keys[i]);
    if (value && !json_is_string(value))
      return l4r_fail(L4R_CHECK, "peer %s: \"%s\" of its first line is no text", peer->name,
                      keys[i]);
  }
  return L4R_OK;
}

/* A field of another name was meant to be one of these. */
static int check_members(const struct peer *peer, json_t *object, const char *what,
                         const char *const *known) {
  const char *name;
  json_t *value;
  json_object_foreach(object, name, value) {
    char all[256] = "";
    size_t used = 0;
    int found = 0;
    for (const char *const *one = known; *one; one++) {
      found |= !strcmp(*one, name);
      l4r_text_add(all, sizeof all, &used, "%s%s", used ? ", " : "", *one);
    }
    if (!found)
      return l4r_fail(L4R_CHECK,
                      "peer %s: %s has a field \"%.60s\" that the protocol does not; "
                      "its fields are: %s",
                      peer->name, what, name, all);
  }
  return L4R_OK;
}

static int check_hello(const struct peer *peer) {
  static const char *const known[] = {"protocol", "engine",        "isa",     "precision",
                                      "settings", "weights_bytes", "load_ns", NULL};
  const json_t *protocol = json_object_get(peer->hello, "protocol");
  if (!json_is_integer(protocol) || json_integer_value(protocol) != PROTOCOL)
    return l4r_fail(L4R_CHECK, "peer %s: its first line says protocol %lld, this program speaks %d",
                    peer->name, (long long)json_integer_value(protocol), PROTOCOL);
  int status = check_members(peer, peer->hello, "its first line", known);
  if (!status) status = check_count(peer, "load_ns", 1);
  if (!status) status = check_count(peer, "weights_bytes", 0);
  return status ? status : check_texts(peer);
}

static int greet(struct peer *peer, const struct l4r_open_options *options) {
  const struct l4r_dataset *dataset = options->dataset;
  json_t *popularity = json_array(), *given = json_object();
  for (int64_t item = 1; item <= dataset->items; item++)
    json_array_append_new(popularity, json_integer(dataset->train_count[item]));
  for (int64_t o = 0; o < options->options; o++)
    if (strcmp(options->option[o].key, "program"))
      json_object_set_new(given, options->option[o].key, json_string(options->option[o].value));
  json_t *hello = json_pack(
      "{s:i, s:s, s:I, s:I, s:I, s:I, s:i, s:o, s:o}", "protocol", PROTOCOL, "model",
      options->model, "users", (json_int_t)dataset->users, "items", (json_int_t)dataset->items,
      "max_batch", (json_int_t)options->max_batch, "max_k", (json_int_t)options->max_k, "threads",
      l4r_team_size(options->team), "options", given, "popularity", popularity);
  int status = hello ? l4r_feed_tell(peer->feed, hello) : L4R_OK;
  if (status)
    json_decref(hello);
  else
    status = send_json(peer, hello);
  if (!status) status = receive(peer, LOAD_SECONDS, HELLO_MOST, &peer->hello);
  return status ? status : check_hello(peer);
}
static int peer_open(const struct l4r_open_options *options, void **handle) {
  const int64_t began = l4r_now_ns();
  struct peer *peer = l4r_alloc(1, sizeof *peer, "an engine");
  if (!peer) return L4R_ENVIRONMENT;
  const char *program = l4r_option_get(options, "program");
  const char *base = program && strrchr(program, '/') ? strrchr(program, '/') + 1 : program;
  snprintf(peer->name, sizeof peer->name, "%s", base ? base : "");
  peer->items = options->dataset->items;
  peer->popularity = options->dataset->train_count;
  int status = l4r_feed_open(options, &peer->feed);
  if (!status) {
    const size_t each = 64 + 11 * LONGEST + l4r_feed_room(peer->feed);
    peer->room = 256 + (size_t)options->max_batch * each;
    peer->line = l4r_alloc(peer->room, 1, "a peer's request");
    status = peer->line ? start(peer, options) : L4R_ENVIRONMENT;
  }
  if (!status) status = greet(peer, options);
  if (status) {
    peer_close(peer);
    return status;
  }
  peer->open_seconds = (double)(l4r_now_ns() - began) * 1e-9;
  *handle = peer;
  return L4R_OK;
}

/* --- serving --- */

static size_t write_request(const struct peer *peer, const struct l4r_request *request, int64_t n,
                            int64_t k) {
  char *at = peer->line, *end = peer->line + peer->room;
  at += snprintf(at, (size_t)(end - at), "{\"k\":%lld,\"users\":[", (long long)k);
  for (int64_t r = 0; r < n; r++)
    at += snprintf(at, (size_t)(end - at), "%s%lld", r ? "," : "", (long long)request[r].user);
  at += snprintf(at, (size_t)(end - at), "],\"histories\":[");
  for (int64_t r = 0; r < n; r++) {
    const int64_t length = request[r].length;
    const int64_t skip = length > LONGEST ? length - LONGEST : 0;
    at += snprintf(at, (size_t)(end - at), "%s", r ? ",[" : "[");
    for (int64_t i = skip; i < length; i++)
      at += snprintf(at, (size_t)(end - at), "%s%d", i > skip ? "," : "", request[r].history[i]);
    *at++ = ']';
  }
  *at++ = ']';
  at = l4r_feed_write(peer->feed, request, n, at);
  at += snprintf(at, (size_t)(end - at), "}\n");
  return (size_t)(at - peer->line);
}

/* Takes one ranking and puts it into the contract's order: equal scores by popularity, then by id.
 */
static int take_ranking(const struct peer *peer, const json_t *items, const json_t *scores,
                        int64_t k, struct l4r_ranking *ranking) {
  const int64_t count = (int64_t)json_array_size(items);
  if (!json_is_array(items) || (int64_t)json_array_size(scores) != count || count > k)
    return l4r_fail(L4R_CHECK,
                    "peer %s: a ranking of %lld items with %zu scores, asked for %lld at most",
                    peer->name, (long long)count, json_array_size(scores), (long long)k);
  for (int64_t i = 0; i < count; i++) {
    const json_t *id = json_array_get(items, (size_t)i), *value = json_array_get(scores, (size_t)i);
    const json_int_t item = json_integer_value(id);
    const double number = json_number_value(value);
    if (!json_is_integer(id) || item < 1 || item > peer->items || !json_is_number(value))
      return l4r_fail(L4R_CHECK,
                      "peer %s: place %lld of a ranking is no item of 1..%lld with a score",
                      peer->name, (long long)i + 1, (long long)peer->items);
    if (!(fabs(number) <= (double)FLT_MAX))
      return l4r_fail(L4R_CHECK,
                      "peer %s: the score at place %lld of a ranking, %g, is no finite 32-bit "
                      "number",
                      peer->name, (long long)i + 1, number);
    const float score = (float)number;
    int64_t at = i;
    for (;
         at > 0 && l4r_before(score, peer->popularity[item], (l4r_item)item, ranking->score[at - 1],
                              peer->popularity[ranking->item[at - 1]], ranking->item[at - 1]);
         at--) {
      ranking->item[at] = ranking->item[at - 1];
      ranking->score[at] = ranking->score[at - 1];
    }
    ranking->item[at] = (l4r_item)item;
    ranking->score[at] = score;
  }
  ranking->count = count;
  return L4R_OK;
}

static int take_answer(struct peer *peer, json_t *answer, int64_t n, int64_t k,
                       struct l4r_ranking *ranking) {
  const json_t *items = json_object_get(answer, "items"),
               *scores = json_object_get(answer, "scores");
  static const char *const known[] = {"ns", "items", "scores", NULL};
  const json_t *ns = json_object_get(answer, "ns");
  const int named = check_members(peer, answer, "an answer", known);
  if (named) return named;
  if (!json_is_integer(ns) || json_integer_value(ns) <= 0)
    return l4r_fail(L4R_CHECK,
                    "peer %s: an answer without \"ns\", the time it took by its own clock",
                    peer->name);
  if ((int64_t)json_array_size(items) != n || (int64_t)json_array_size(scores) != n)
    return l4r_fail(L4R_CHECK, "peer %s: %zu rankings for %lld requests", peer->name,
                    json_array_size(items), (long long)n);
  peer->ns = json_integer_value(ns);
  for (int64_t r = 0; r < n; r++) {
    int status = take_ranking(peer, json_array_get(items, (size_t)r),
                              json_array_get(scores, (size_t)r), k, &ranking[r]);
    if (status) return status;
  }
  return L4R_OK;
}

static size_t answer_most(int64_t n, int64_t k) {
  return ANSWER_MOST + (size_t)n * (REQUEST_MOST + (size_t)k * ITEM_MOST);
}

static int peer_recommend(void *handle, const struct l4r_request *request, int64_t n, int64_t k,
                          struct l4r_ranking *ranking) {
  struct peer *peer = handle;
  json_t *answer;
  int status = L4R_OK;
  for (int64_t r = 0; r < n && !status; r++) status = l4r_feed_check(peer->feed, &request[r]);
  if (status) return status;
  peer->asked = write_request(peer, request, n, k);
  status = l4r_process_silent(peer->process);
  if (!status) status = l4r_process_send(peer->process, peer->line, peer->asked);
  if (status) return l4r_fail_context(status, "peer %s", peer->name);
  status = receive(peer, ANSWER_SECONDS, answer_most(n, k), &answer);
  if (status) return status;
  status = take_answer(peer, answer, n, k, ranking);
  json_decref(answer);
  return status;
}

static int64_t peer_own_ns(void *handle) {
  return ((struct peer *)handle)->ns;
}

static int peer_echo(void *handle, int64_t *ns) {
  const struct peer *peer = handle;
  return l4r_echo_measure(&peer->processors, peer->asked, peer->answered, ns);
}

/* --- description --- */

static void copy_text(const json_t *hello, const char *key, char *out, size_t size) {
  const char *text = json_string_value(json_object_get(hello, key));
  snprintf(out, size, "%s", text ? text : "unknown");
}

static int peer_about(void *handle, struct l4r_about *about) {
  const struct peer *peer = handle;
  copy_text(peer->hello, "engine", about->kernels, sizeof about->kernels);
  copy_text(peer->hello, "isa", about->isa, sizeof about->isa);
  copy_text(peer->hello, "precision", about->precision, sizeof about->precision);
  copy_text(peer->hello, "settings", about->settings, sizeof about->settings);
  about->weights_bytes = json_integer_value(json_object_get(peer->hello, "weights_bytes"));
  about->open_seconds = peer->open_seconds;
  about->load_ns = json_integer_value(json_object_get(peer->hello, "load_ns"));
  return L4R_OK;
}

const struct l4r_engine l4r_engine_peer = {
    .abi = L4R_ENGINE_ABI,
    .name = "peer",
    .open = peer_open,
    .recommend = peer_recommend,
    .about = peer_about,
    .own_ns = peer_own_ns,
    .echo = peer_echo,
    .close = peer_close,
};
