/* SPDX-License-Identifier: BSD-3-Clause */
/* The peer engine against shell scripts that answer well, badly, or not at all. */
#include "baselines/peers/peer.h"
#include "baselines/peers/process.h"

#include "impl/base/error.h"
#include "tests/baselines/beam/chain.h"
#include "tests/support/files.h"
#include "tests/support/told.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELLO "IFS= read -r first; echo '{\"protocol\":1,\"engine\":\"sh\",\"weights_bytes\":7}'\n"

static const l4r_item history[] = {4, 5, 6};
static const struct l4r_request request = {3, history, 3};

/* An executable script with that body; its path. */
static const char *script(const char *name, const char *body) {
  char text[4096];
  snprintf(text, sizeof text, "#!/bin/sh\n%s", body);
  const char *path = test_file(name, text);
  cr_assert_eq(chmod(path, 0700), 0);
  return path;
}

static int open_peer(const char *program, const char *key, const char *value, void **handle) {
  static struct l4r_dataset *dataset;
  static char model[4096];
  if (!dataset) {
    int interrupted;
    dataset = chain_dataset("data", 0);
    struct l4r_beam_train_options train = chain_options(dataset, L4R_KIND_P5, "model");
    train.config.id_form = L4R_IDS_TOKENS;
    train.config.whole_word = 1;
    cr_assert_eq(l4r_beam_train(&train, &interrupted), L4R_OK, "%s", l4r_error_message());
    snprintf(model, sizeof model, "%s", train.train.out);
  }
  const struct l4r_option option[] = {{"program", program}, {key, value}};
  const struct l4r_open_options options = {.model = model,
                                           .dataset = dataset,
                                           .option = option,
                                           .options = key ? 2 : 1,
                                           .max_batch = 2,
                                           .max_k = 5};
  return l4r_engine_peer.open(&options, handle);
}

/* Opens a peer that greets well and answers every request with `answer`; asks it once for 5. */
static int ask(const char *answer, struct l4r_ranking *ranking, int64_t *ns) {
  char body[2048];
  void *handle;
  snprintf(body, sizeof body, HELLO "while IFS= read -r line; do echo '%s'; done\n", answer);
  cr_assert_eq(open_peer(script("peer", body), NULL, NULL, &handle), L4R_OK, "%s",
               l4r_error_message());
  int status = l4r_engine_peer.recommend(handle, &request, 1, 5, ranking);
  if (ns) *ns = l4r_engine_peer.own_ns(handle);
  l4r_engine_peer.close(handle);
  return status;
}

Test(peer, a_ranking_is_put_into_the_contracts_order_and_timed_by_the_child) {
  l4r_item item[5];
  float score[5];
  struct l4r_ranking ranking = {.item = item, .score = score};
  int64_t ns;
  cr_assert_eq(ask("{\"ns\":5000,\"items\":[[9,3,7,8]],\"scores\":[[1,2.5,1,1]]}", &ranking, &ns),
               L4R_OK, "%s", l4r_error_message());
  cr_expect_eq(ns, 5000);
  cr_assert_eq(ranking.count, 4);
  static const l4r_item expected[] = {3, 7, 8, 9}; /* all items of the ring are equally popular */
  for (int i = 0; i < 4; i++) cr_expect_eq(item[i], expected[i]);
  cr_expect_eq(score[0], 2.5f);
  cr_assert_eq(ask("{\"ns\":1,\"items\":[[]],\"scores\":[[]]}", &ranking, &ns), L4R_OK);
  cr_expect_eq(ranking.count, 0);
}

struct breach {
  char answer[160], message[64];
};

Test(peer, requests_out_of_range_are_refused) {
  static const l4r_item beyond[] = {CHAIN_ITEMS + 1};
  const struct l4r_request stranger = {CHAIN_USERS, history, 0}, unknown = {0, beyond, 1};
  void *handle;
  cr_assert_eq(open_peer(script("peer", HELLO "IFS= read -r line\n"), NULL, NULL, &handle), L4R_OK);
  cr_expect_eq(l4r_engine_peer.recommend(handle, &stranger, 1, 5, NULL), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "user 80"), "%s", l4r_error_message());
  cr_expect_eq(l4r_engine_peer.recommend(handle, &unknown, 1, 5, NULL), L4R_USAGE);
  cr_expect(strstr(l4r_error_message(), "item 41"), "%s", l4r_error_message());
  l4r_engine_peer.close(handle);
}

Test(peer, breaches_of_the_protocol_are_named) {
  static const struct breach breach[] = {
      {"hello", "not a JSON object: hello"},
      {"[]", "not a JSON object"},
      {"{\"error\":\"out of luck\"}", "out of luck"},
      {"{\"items\":[[1]],\"scores\":[[1]]}", "without \"ns\""},
      {"{\"ns\":0,\"items\":[[1]],\"scores\":[[1]]}", "without \"ns\""},
      {"{\"ns\":9,\"items\":[[1],[2]],\"scores\":[[1],[2]]}", "2 rankings for 1 requests"},
      {"{\"ns\":9,\"items\":[[1,2]],\"scores\":[[1]]}", "2 items with 1 scores"},
      {"{\"ns\":9,\"items\":[[1,2,3,4,5,6]],\"scores\":[[6,5,4,3,2,1]]}", "asked for 5"},
      {"{\"ns\":9,\"items\":[[41]],\"scores\":[[1]]}", "no item of 1..40"},
      {"{\"ns\":9,\"items\":[[0]],\"scores\":[[1]]}", "no item of 1..40"},
      {"{\"ns\":9,\"items\":[[1]],\"scores\":[[null]]}", "no item of 1..40 with a score"},
      {"{\"ns\":9,\"items\":[[1.5]],\"scores\":[[1]]}", "no item of 1..40"},
      {"{\"ns\":9,\"items\":[[1]],\"scores\":[[1e39]]}", "no finite 32-bit"},
      {"{\"ns\":9,\"items\":[[1]],\"scores\":[[-1e300]]}", "no finite 32-bit"},
      {"{\"ns\":-5,\"items\":[[1]],\"scores\":[[1]]}", "without \"ns\""},
      {"{\"ns\":9,\"ns\":1,\"items\":[[1]],\"scores\":[[1]]}", "not a JSON object"},
  };
  l4r_item item[5];
  float score[5];
  struct l4r_ranking ranking = {.item = item, .score = score};
  for (size_t b = 0; b < sizeof breach / sizeof *breach; b++) {
    cr_expect_eq(ask(breach[b].answer, &ranking, NULL), L4R_CHECK, "%s", breach[b].answer);
    cr_expect(strstr(l4r_error_message(), breach[b].message), "%s: %s", breach[b].answer,
              l4r_error_message());
  }
}

/* The tokens of a request: a history's ids stand in them in its order, and the words number them
 * from the newest. */
static void check_tokens(const char *said, const json_t *line) {
  json_error_t error;
  json_t *hello = json_loads(said, JSON_DISABLE_EOF_CHECK, &error);
  cr_assert(hello, "%s", error.text);
  const json_t *ids = json_object_get(hello, "ids");
  const json_t *tokens = json_array_get(json_object_get(line, "tokens"), 0);
  const json_t *words = json_array_get(json_object_get(line, "words"), 0);
  cr_assert_eq(json_array_size(ids), CHAIN_ITEMS);
  cr_assert_eq(json_array_size(tokens), json_array_size(words));
  size_t at = 0;
  for (int i = 0; i < 3; i++) { /* items 4, 5, 6 */
    const json_t *id = json_array_get(ids, (size_t)history[i] - 1);
    const size_t length = json_array_size(id);
    cr_assert_eq(length, 2);
    while (at < json_array_size(words) && json_integer_value(json_array_get(words, at)) != 2 - i)
      at++;
    for (size_t t = 0; t < length; t++, at++) {
      cr_expect_eq(json_integer_value(json_array_get(words, at)), 2 - i);
      cr_expect(json_equal(json_array_get(tokens, at), json_array_get(id, t)));
    }
  }
  const json_t *last = json_array_get(tokens, json_array_size(tokens) - 1);
  cr_expect_eq(json_integer_value(last), 1, "</s>");
  cr_expect_eq(json_array_size(json_object_get(line, "tokens")), 2);
  json_decref(hello);
}

Test(peer, it_is_told_what_it_needs) {
  char body[8192];
  const char *hello = test_path("hello"), *asked = test_path("asked");
  snprintf(body, sizeof body,
           "IFS= read -r first; echo \"$first\" > %s; echo threads=$OMP_NUM_THREADS >> %s\n"
           "echo '{\"protocol\":1,\"engine\":\"sh\",\"weights_bytes\":7,\"load_ns\":5}'\n"
           "IFS= read -r line; echo \"$line\" > %s\n"
           "echo '{\"ns\":9,\"items\":[[1],[2]],\"scores\":[[1],[2]]}'\n",
           hello, hello, asked);
  void *handle;
  setenv("OMP_NUM_THREADS", "17", 1);
  cr_assert_eq(open_peer(script("peer", body), "beams", "3", &handle), L4R_OK, "%s",
               l4r_error_message());
  l4r_item item[10];
  float score[10];
  struct l4r_ranking ranking[2] = {{.item = item, .score = score},
                                   {.item = item + 5, .score = score + 5}};
  const struct l4r_request both[2] = {request, {7, history, 0}};
  cr_assert_eq(l4r_engine_peer.recommend(handle, both, 2, 4, ranking), L4R_OK, "%s",
               l4r_error_message());
  const struct l4r_about about = test_told(&l4r_engine_peer, handle, 3).about;
  cr_expect_str_eq(about.kernels, "sh");
  cr_expect_str_eq(about.isa, "unknown");
  cr_expect_eq(about.weights_bytes, 7);
  cr_expect_eq(about.load_ns, 5);
  l4r_engine_peer.close(handle);
  const char *said = test_read("hello");
  cr_expect(strstr(said, "\"users\":80,\"items\":40,\"max_batch\":2,\"max_k\":5,\"threads\":1,"
                         "\"options\":{\"beams\":\"3\"},\"popularity\":["),
            "%s", said);
  cr_expect(strstr(said, "\"kind\":\"p5\",\"ids\":[["), "%s", said);
  cr_expect(strstr(said, "\"max_id_tokens\":3"), "%s", said);
  cr_expect(strstr(said, "threads=1\n"), "%s", said);
  json_error_t error;
  json_t *line = json_loads(test_read("asked"), 0, &error);
  cr_assert(line, "%s", error.text);
  json_t *plain = json_pack("{s:i, s:[i, i], s:[[i, i, i], []]}", "k", 4, "users", 3, 7,
                            "histories", 4, 5, 6);
  const char *key;
  json_t *value;
  json_object_foreach(plain, key, value) cr_expect(json_equal(json_object_get(line, key), value));
  check_tokens(said, line);
}

Test(peer, programs_that_are_not_there_or_end_are_named) {
  void *handle;
  l4r_item item[5];
  float score[5];
  struct l4r_ranking ranking = {.item = item, .score = score};
  cr_expect_eq(open_peer(NULL, NULL, NULL, &handle), L4R_USAGE);
  cr_expect_eq(open_peer("./nothing-here", NULL, NULL, &handle), L4R_ENVIRONMENT);
  cr_expect(strstr(l4r_error_message(), "No such file"), "%s", l4r_error_message());
  setenv("LITE4REC_PEERS", test_folder(), 1);
  cr_expect_eq(open_peer("absent", NULL, NULL, &handle), L4R_ENVIRONMENT);
  cr_expect(strstr(l4r_error_message(), "make peers"), "%s", l4r_error_message());
  script("short", "exit 3\n");
  cr_expect_eq(open_peer("short", NULL, NULL, &handle), L4R_CHECK);
  cr_expect(strstr(l4r_error_message(), "exit code 3") || strstr(l4r_error_message(), "closed"),
            "%s", l4r_error_message());
  script("old", "IFS= read -r first; echo '{\"protocol\":2}'; IFS= read -r line\n");
  cr_expect_eq(open_peer("old", NULL, NULL, &handle), L4R_CHECK);
  cr_expect(strstr(l4r_error_message(), "says protocol 2"), "%s", l4r_error_message());
  script("hasty", "IFS= read -r first; echo '{\"protocol\":1,\"load_ns\":0}'; IFS= read -r line\n");
  cr_expect_eq(open_peer("hasty", NULL, NULL, &handle), L4R_CHECK);
  cr_expect(strstr(l4r_error_message(), "\"load_ns\""), "%s", l4r_error_message());
  script("killed", HELLO "IFS= read -r line; kill -9 $$\n");
  cr_assert_eq(open_peer("killed", NULL, NULL, &handle), L4R_OK, "%s", l4r_error_message());
  cr_expect_eq(l4r_engine_peer.recommend(handle, &request, 1, 5, &ranking), L4R_CHECK);
  cr_expect(strstr(l4r_error_message(), "signal 9"), "%s", l4r_error_message());
  l4r_engine_peer.close(handle);
}

Test(peer, the_example_ranks_by_popularity) {
  if (system("python3 -c 'import json' >/dev/null 2>&1")) cr_skip_test("there is no python3");
  void *handle;
  l4r_item item[10];
  float score[10];
  struct l4r_ranking ranking[2] = {{.item = item, .score = score},
                                   {.item = item + 5, .score = score + 5}};
  const struct l4r_request both[2] = {request, {7, history, 0}};
  cr_assert_eq(open_peer("baselines/peers/example.py", NULL, NULL, &handle), L4R_OK, "%s",
               l4r_error_message());
  cr_assert_eq(l4r_engine_peer.recommend(handle, both, 2, 4, ranking), L4R_OK, "%s",
               l4r_error_message());
  cr_expect_gt(l4r_engine_peer.own_ns(handle), 0);
  const struct l4r_about about = test_told(&l4r_engine_peer, handle, 3).about;
  cr_expect_gt(about.load_ns, 0);
  for (int r = 0; r < 2; r++) {
    cr_assert_eq(ranking[r].count, 4);
    for (int i = 0; i < 4; i++) cr_expect_eq(ranking[r].item[i], i + 1, "all are equally popular");
  }
  l4r_engine_peer.close(handle);
}

Test(peer, silence_ends_and_long_lines_do_not_matter) {
  cpu_set_t processors;
  struct l4r_process *process;
  const char *line;
  cr_assert_eq(sched_getaffinity(0, sizeof processors, &processors), 0);
  const char *const argv[] = {
      script("talker", "i=0; while [ $i -lt 20000 ]; do printf %s 12345; i=$((i + 1)); done\n"
                       "echo; echo; echo end; IFS= read -r line\n"),
      NULL};
  const struct l4r_process_spec spec = {.argv = argv, .processors = &processors, .threads = 1};
  cr_assert_eq(l4r_process_start(&spec, &process), L4R_OK, "%s", l4r_error_message());
  cr_assert_eq(l4r_process_line(process, 60, 1 << 20, &line), L4R_OK, "%s", l4r_error_message());
  cr_expect_eq(strlen(line), 100000);
  cr_assert_eq(l4r_process_line(process, 60, 1 << 20, &line), L4R_OK);
  cr_expect_str_eq(line, "");
  cr_assert_eq(l4r_process_line(process, 60, 1 << 20, &line), L4R_OK);
  cr_expect_str_eq(line, "end");
  cr_expect_eq(l4r_process_line(process, 1, 1 << 20, &line), L4R_CHECK);
  cr_expect(strstr(l4r_error_message(), "said nothing for 1 seconds"), "%s", l4r_error_message());
  l4r_process_stop(process);
}

/* A peer whose first line is `hello` and which then answers nothing. */
static int greeted(const char *hello, void **handle) {
  char body[1024];
  snprintf(body, sizeof body, "IFS= read -r first; echo '%s'; IFS= read -r line\n", hello);
  const int status = open_peer(script("peer", body), NULL, NULL, handle);
  if (!status) l4r_engine_peer.close(*handle);
  return status;
}

Test(peer, values_of_the_first_line_are_checked) {
  static const struct breach breach[] = {
      {"{\"protocol\":1,\"weights_bytes\":-5}", "\"weights_bytes\" of its first line"},
      {"{\"protocol\":1,\"weights_bytes\":1.5}", "\"weights_bytes\" of its first line"},
      {"{\"protocol\":1,\"load_ns\":-1}", "\"load_ns\" of its first line"},
      {"{\"protocol\":1,\"engine\":7}", "\"engine\" of its first line is no text"},
      {"{\"protocol\":1.0}", "this program speaks 1"},
  };
  void *handle;
  for (size_t b = 0; b < sizeof breach / sizeof *breach; b++) {
    cr_expect_eq(greeted(breach[b].answer, &handle), L4R_CHECK, "%s", breach[b].answer);
    cr_expect(strstr(l4r_error_message(), breach[b].message), "%s: %s", breach[b].answer,
              l4r_error_message());
  }
}

/* Asks a peer of that body once or twice; the status of the last call. With `after`, each call but
 * the first waits until the peer has made that file. */
static int asked_after(const char *body, int times, const char *after) {
  void *handle;
  l4r_item item[5];
  float score[5];
  struct l4r_ranking ranking = {.item = item, .score = score};
  cr_assert_eq(open_peer(script("peer", body), NULL, NULL, &handle), L4R_OK, "%s",
               l4r_error_message());
  int status = L4R_OK;
  for (int t = 0; t < times && !status; t++) {
    while (t && after && access(after, F_OK)) usleep(1000);
    status = l4r_engine_peer.recommend(handle, &request, 1, 5, &ranking);
  }
  l4r_engine_peer.close(handle);
  return status;
}

static int asked(const char *body, int times) {
  return asked_after(body, times, NULL);
}

#define ANSWER "echo '{\"ns\":9,\"items\":[[1]],\"scores\":[[1]]}'\n"

Test(peer, an_answer_before_its_request_is_refused) {
  cr_expect_eq(asked(HELLO "IFS= read -r a\n" ANSWER "IFS= read -r b\n" ANSWER, 2), L4R_OK, "%s",
               l4r_error_message());
  char body[2048];
  snprintf(body, sizeof body,
           HELLO "IFS= read -r a\n" ANSWER ANSWER ": >'%s'\nIFS= read -r b\n" ANSWER,
           test_path("ahead"));
  cr_expect_eq(asked_after(body, 2, test_path("ahead")), L4R_CHECK);
  cr_expect(strstr(l4r_error_message(), " before it "), "%s", l4r_error_message());
  cr_expect_eq(asked(HELLO "sleep 1\n" ANSWER "sleep 1\n", 1), L4R_CHECK, "it never read");
  cr_expect(strstr(l4r_error_message(), "answered before it had read"), "%s", l4r_error_message());
}

/* A request that does not fit the socket, to one that writes without reading: each would wait for
 * the other for ever. */
Test(peer, a_large_request_to_one_that_writes_without_reading_ends, .timeout = 240) {
  enum { LARGE = 4 << 20 };
  static char large[LARGE];
  cpu_set_t processors;
  struct l4r_process *process;
  cr_assert_eq(sched_getaffinity(0, sizeof processors, &processors), 0);
  const char *const argv[] = {script("writer", "exec yes\n"), NULL};
  const struct l4r_process_spec spec = {.argv = argv, .processors = &processors, .threads = 1};
  cr_assert_eq(l4r_process_start(&spec, &process), L4R_OK, "%s", l4r_error_message());
  memset(large, '1', sizeof large);
  cr_expect_eq(l4r_process_send(process, large, sizeof large), L4R_CHECK);
  cr_expect(strstr(l4r_error_message(), "answered before it had read"), "%s", l4r_error_message());
  l4r_process_stop(process);
}

Test(peer, nothing_hides_behind_a_nul) {
  cr_expect_eq(asked(HELLO "IFS= read -r a\n"
                           "printf '{\"ns\":9,\"items\":[[1]],\"scores\":[[1]]}\\000hidden\\n'\n",
                     1),
               L4R_CHECK);
  cr_expect(strstr(l4r_error_message(), "a NUL byte in its line"), "%s", l4r_error_message());
}

Test(peer, a_line_has_an_end) {
  cr_expect_eq(asked(HELLO "IFS= read -r a; exec yes ' ' | tr -d '\\n'\n", 1), L4R_CHECK);
  cr_expect(strstr(l4r_error_message(), "a line of more than "), "%s", l4r_error_message());
  void *handle;
  cr_expect_eq(open_peer(script("peer", "exec yes ' ' | tr -d '\\n'\n"), NULL, NULL, &handle),
               L4R_CHECK);
  cr_expect(strstr(l4r_error_message(), "a line of more than 1048576 bytes"), "%s",
            l4r_error_message());
}

/* In the background, in a session of its own, without a parent: gone when the peer is closed. */
Test(peer, what_it_started_ends_with_it) {
  if (prctl(PR_SET_CHILD_SUBREAPER, 0) && errno == EINVAL) /* as qemu does */
    cr_skip_test("this system lets nobody adopt orphans (PR_SET_CHILD_SUBREAPER)");
  char body[2048];
  const char *pids = test_path("pids");
  snprintf(body, sizeof body,
           "sleep 1000 & echo $! > %s; setsid sh -c 'sleep 1000 & echo $! >> %s' & wait $!\n" HELLO
           "IFS= read -r a\n" ANSWER,
           pids, pids);
  cr_assert_eq(asked(body, 1), L4R_OK, "%s", l4r_error_message());
  FILE *file = fopen(pids, "r");
  int pid, found = 0;
  while (fscanf(file, "%d", &pid) == 1) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d", pid);
    cr_expect(access(path, F_OK), "process %d is still there", pid);
    found++;
  }
  fclose(file);
  cr_assert_eq(found, 2);
}

Test(peer, the_way_there_and_back_takes_time) {
  void *handle;
  l4r_item item[5];
  float score[5];
  struct l4r_ranking ranking = {.item = item, .score = score};
  int64_t ns = 0;
  cr_assert_eq(open_peer(script("peer", HELLO "IFS= read -r a\n" ANSWER), NULL, NULL, &handle),
               L4R_OK);
  cr_assert_eq(l4r_engine_peer.recommend(handle, &request, 1, 5, &ranking), L4R_OK);
  cr_assert_eq(l4r_engine_peer.echo(handle, &ns), L4R_OK, "%s", l4r_error_message());
  cr_expect_gt(ns, 0);
  l4r_engine_peer.close(handle);
}
