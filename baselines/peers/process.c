/* SPDX-License-Identifier: BSD-3-Clause */
/* Input goes through a socket, because a write to one that nobody reads can fail without a signal;
 * output comes through a pipe. */
#include "baselines/peers/process.h"

#include "impl/base/error.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000, STEP_MS = 10 };

struct l4r_process {
  pid_t pid;
  int in, out; /* what we write to and read from; -1 when closed */
  char *text;  /* [room] what was read and not yet taken */
  size_t room, filled, taken;
  char name[128];
};

static const char *const thread_variables[] = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
                                               "MKL_NUM_THREADS", "BLIS_NUM_THREADS"};

enum { VARIABLES = sizeof thread_variables / sizeof *thread_variables, SETTING = 40 };

struct environment {
  char setting[VARIABLES][SETTING];
  char **all; /* NULL-ended */
};

static int is_set_here(const char *setting) {
  for (int v = 0; v < VARIABLES; v++) {
    const size_t n = strlen(thread_variables[v]);
    if (!strncmp(setting, thread_variables[v], n) && setting[n] == '=') return 1;
  }
  return 0;
}

/* The caller's environment with the threads in it: made before the fork, because a child of a
 * program with threads may not allocate. */
static int make_environment(int threads, struct environment *environment) {
  size_t count = 0, kept = 0;
  while (environ[count]) count++;
  environment->all = l4r_alloc(count + VARIABLES + 1, sizeof *environment->all, "an environment");
  if (!environment->all) return L4R_ENVIRONMENT;
  for (size_t i = 0; i < count; i++)
    if (!is_set_here(environ[i])) environment->all[kept++] = environ[i];
  for (int v = 0; v < VARIABLES; v++) {
    snprintf(environment->setting[v], SETTING, "%s=%d", thread_variables[v], threads);
    environment->all[kept++] = environment->setting[v];
  }
  return L4R_OK;
}

/* In the child: does not return. What goes wrong travels as errno. */
static void become(const struct l4r_process_spec *spec, char **environment, const int end[3],
                   pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_DFL); /* ignored signals stay so across exec */
  if (getppid() == parent && dup2(end[0], STDIN_FILENO) >= 0 && dup2(end[1], STDOUT_FILENO) >= 0 &&
      !sched_setaffinity(0, sizeof *spec->processors, spec->processors))
    execve(spec->argv[0], (char *const *)spec->argv, environment);
  const int report = end[2];
  const int error = errno;
  if (write(report, &error, sizeof error) < 0) _exit(126);
  _exit(127);
}

static void close_ends(const int end[3]) {
  for (int i = 0; i < 3; i++)
    if (end[i] >= 0) close(end[i]);
}

/* The child's ends of input, output and report; ours of the report in *told. */
static int open_ends(struct l4r_process *process, int end[3], int *told) {
  int pair[2];
  if (!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
    process->in = pair[0], end[0] = pair[1];
    if (!pipe2(pair, O_CLOEXEC)) {
      process->out = pair[0], end[1] = pair[1];
      if (!pipe2(pair, O_CLOEXEC)) {
        *told = pair[0], end[2] = pair[1];
        return L4R_OK;
      }
    }
  }
  return l4r_fail(L4R_ENVIRONMENT, "%s: no pipe to it: %s", process->name, strerror(errno));
}

static int fork_child(struct l4r_process *process, const struct l4r_process_spec *spec,
                      char **environment) {
  int end[3] = {-1, -1, -1}, told = -1, error = 0;
  int status = open_ends(process, end, &told);
  if (!status) {
    const pid_t parent = getpid();
    process->pid = fork();
    if (!process->pid) become(spec, environment, end, parent);
    if (process->pid < 0)
      status = l4r_fail(L4R_ENVIRONMENT, "%s: fork: %s", process->name, strerror(errno));
  }
  close_ends(end);
  if (!status && read(told, &error, sizeof error) == (ssize_t)sizeof error)
    status = l4r_fail(L4R_ENVIRONMENT, "%s cannot be run: %s", process->name, strerror(error));
  if (told >= 0) close(told);
  return status;
}

int l4r_process_start(const struct l4r_process_spec *spec, struct l4r_process **out) {
  struct l4r_process *process = l4r_alloc(1, sizeof *process, "a child process");
  if (!process) return L4R_ENVIRONMENT;
  process->in = process->out = process->pid = -1;
  snprintf(process->name, sizeof process->name, "%s", spec->argv[0]);
  struct environment environment = {.all = NULL};
  int status = l4r_grow(&process->text, &process->room, 4096, 1, "a child's answers");
  if (!status) status = make_environment(spec->threads, &environment);
  if (!status) status = fork_child(process, spec, environment.all);
  l4r_free(environment.all);
  if (status)
    l4r_process_stop(process);
  else
    *out = process;
  return status;
}

/* Waits for its end; 0 when it has not come in time. */
static int reap(struct l4r_process *process, int milliseconds, int *how) {
  for (int waited = 0;; waited += STEP_MS) {
    const pid_t ended = waitpid(process->pid, how, WNOHANG);
    if (ended == process->pid || (ended < 0 && errno != EINTR)) {
      process->pid = -1;
      return 1;
    }
    if (waited >= milliseconds) return 0;
    usleep(STEP_MS * 1000);
  }
}

void l4r_process_stop(struct l4r_process *process) {
  if (!process) return;
  if (process->in >= 0) close(process->in);
  if (process->out >= 0) close(process->out);
  int how;
  if (process->pid > 0 && !reap(process, PATIENCE_MS, &how)) {
    kill(process->pid, SIGKILL);
    waitpid(process->pid, &how, 0);
  }
  l4r_free(process->text);
  l4r_free(process);
}

/* Why there is nothing more to read or write. */
static int ended(struct l4r_process *process) {
  int how = 0;
  if (process->pid <= 0 || !reap(process, PATIENCE_MS, &how))
    return l4r_fail(L4R_CHECK, "%s: closed its input or output", process->name);
  if (WIFSIGNALED(how))
    return l4r_fail(L4R_CHECK, "%s: ended by signal %d (%s)", process->name, WTERMSIG(how),
                    strsignal(WTERMSIG(how)));
  return l4r_fail(L4R_CHECK, "%s: ended with exit code %d; its messages stand above", process->name,
                  WEXITSTATUS(how));
}

int l4r_process_send(struct l4r_process *process, const char *bytes, size_t count) {
  while (count) {
    const ssize_t sent = send(process->in, bytes, count, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return ended(process);
    bytes += sent;
    count -= (size_t)sent;
  }
  return L4R_OK;
}

int l4r_process_line(struct l4r_process *process, int seconds, const char **line) {
  memmove(process->text, process->text + process->taken, process->filled - process->taken);
  process->filled -= process->taken;
  process->taken = 0;
  const int64_t until = l4r_now_ns() + (int64_t)seconds * 1000000000;
  for (size_t searched = 0;;) {
    char *end = memchr(process->text + searched, '\n', process->filled - searched);
    if (end) {
      *end = '\0';
      *line = process->text;
      process->taken = (size_t)(end - process->text) + 1;
      return L4R_OK;
    }
    searched = process->filled;
    int status = l4r_grow(&process->text, &process->room, process->filled + 4096, 1,
                          "a child's answers");
    if (status) return status;
    const int64_t left = (until - l4r_now_ns()) / 1000000;
    struct pollfd ready = {.fd = process->out, .events = POLLIN};
    const int polled = left > 0 ? poll(&ready, 1, (int)left) : 0;
    if (polled < 0 && errno == EINTR) continue;
    if (!polled)
      return l4r_fail(L4R_CHECK, "%s: said nothing for %d seconds", process->name, seconds);
    const ssize_t got = read(process->out, process->text + process->filled,
                             process->room - process->filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return ended(process);
    process->filled += (size_t)got;
  }
}
