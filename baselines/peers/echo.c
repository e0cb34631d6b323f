/* SPDX-License-Identifier: BSD-3-Clause */
#include "baselines/peers/echo.h"

#include "baselines/peers/process.h"
#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Between turns others have the caches, as they have while an engine computes. */
enum { TURNS = 15, WARM_TURNS = 3, SECONDS = 60, PAUSE_US = 1000 };
/* A pipe holds this much; a longer line would wait for a reader who is still writing. */
enum { LINE_MOST = 32768 };

static int ascending(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* JSON of about `bytes`: what requests and answers consist of. */
static char *numbers(size_t bytes) {
  static const char one[] = "1234.5625,";
  char *text = l4r_alloc(bytes + sizeof one + 2, 1, "a line to be echoed");
  if (!text) return NULL;
  size_t used = 0;
  text[used++] = '[';
  while (used + sizeof one < bytes) {
    memcpy(text + used, one, sizeof one - 1);
    used += sizeof one - 1;
  }
  memcpy(text + used, "1]", 3);
  return text;
}

/* Both ends read what the other wrote; one request is read and one answer written by the other. */
static int64_t json_turn(const char *asked, const char *answered) {
  const int64_t began = l4r_now_ns();
  json_t *request = json_loads(asked, 0, NULL), *answer = json_loads(answered, 0, NULL);
  char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
  const int64_t took = l4r_now_ns() - began;
  free(text);
  json_decref(request);
  json_decref(answer);
  return took;
}

static int line_turn(struct l4r_process *process, const char *line, size_t count, int64_t *ns) {
  const char *back;
  const int64_t began = l4r_now_ns();
  int status = l4r_process_send(process, line, count);
  if (!status) status = l4r_process_line(process, SECONDS, count, &back);
  *ns = l4r_now_ns() - began;
  return status;
}

int l4r_echo_measure(const cpu_set_t *processors, size_t asked, size_t answered, int64_t *ns) {
  static const char *const argv[] = {"/bin/cat", NULL};
  const struct l4r_process_spec spec = {.argv = argv, .processors = processors, .threads = 1};
  const size_t longer = asked > answered ? asked : answered;
  const size_t length = longer < LINE_MOST ? longer : LINE_MOST;
  int64_t took[TURNS + WARM_TURNS], way;
  struct l4r_process *process = NULL;
  char *one = numbers(asked), *other = numbers(answered);
  char *line = l4r_alloc(length + 2, 1, "a line to be echoed");
  int status = one && other && line ? l4r_process_start(&spec, &process) : L4R_ENVIRONMENT;
  if (line) memset(line, '1', length + 1), line[length] = '\n';
  for (int t = 0; t < TURNS + WARM_TURNS && !status; t++) {
    usleep(PAUSE_US);
    status = line_turn(process, line, length + 1, &way);
    took[t] = json_turn(one, other);
    if (!status)
      took[t] += (int64_t)((double)way * ((double)longer / (double)(length ? length : 1)));
  }
  l4r_process_stop(process);
  if (!status) qsort(took + WARM_TURNS, TURNS, sizeof *took, ascending);
  if (!status) *ns = took[WARM_TURNS + TURNS / 2];
  l4r_free(one);
  l4r_free(other);
  l4r_free(line);
  return status;
}
