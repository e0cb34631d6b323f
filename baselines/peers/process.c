/* SPDX-License-Identifier: BSD-3-Clause */
/* The input goes through a socket, because a write to a socket that nobody reads can fail without a
 * signal, and because a socket tells how much of it was read. The output comes through a pipe.
 *
 *   caller -- keeper -- program -- whatever it starts
 *
 * The keeper ends when its caller closes `leash`, or dies. */
#include "baselines/peers/process.h"

#include "impl/base/error.h"
#include "impl/base/hide.h"
#include "impl/base/kin.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <linux/sockios.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000, READ_LEAST = 4096, SEND_SECONDS = 600 };

struct l4r_process {
  pid_t keeper;
  int in, out; /* what we write to and read from; -1 when closed */
  int leash;   /* the keeper lives as long as this is open */
  int news;    /* from which the keeper's word comes how the program ended */
  int how, has_ended;
  char *text; /* [room] what was read and not yet taken */
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

/* Both ends of each way, the caller's first: the program's input and output, what kept it from
 * being run, the keeper's leash and news. */
enum { IN, OUT, REPORT, LEASH, NEWS, WAYS };
struct ways {
  int ours[WAYS], theirs[WAYS];
  int ward; /* what keeps the program from the caller's memory; -1: this kernel has none */
};

/* Runs in the program's process and does not return. An error reaches the caller as errno. */
static void become(const struct l4r_process_spec *spec, char **environment, const struct ways *ways,
                   pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  /* Ignored signals stay ignored across exec. SIGTTOU may, so that a group of its own can write to
   * a terminal. */
  for (int s = 1; s < NSIG; s++)
    if (s != SIGTTOU) signal(s, SIG_DFL);
  if (spec->kept > 0) fcntl(spec->kept, F_SETFD, 0);
  if (getppid() == parent && dup2(ways->theirs[IN], STDIN_FILENO) >= 0 &&
      dup2(ways->theirs[OUT], STDOUT_FILENO) >= 0 &&
      !sched_setaffinity(0, sizeof *spec->processors, spec->processors)) {
    l4r_ward_enter(ways->ward);
    execve(spec->argv[0], (char *const *)spec->argv, environment);
  }
  const int error = errno;
  if (write(ways->theirs[REPORT], &error, sizeof error) < 0) _exit(126);
  _exit(127);
}

static void on_child(int signal) {
  (void)signal;
}

/* Waits until the leash is closed, and reports how the program ends meanwhile. Everything that the
 * keeper adopted dies with it. */
static void keep(pid_t program, const struct ways *ways, const sigset_t *unblocked) {
  struct pollfd leash = {.fd = ways->theirs[LEASH], .events = POLLIN};
  int how;
  do {
    for (pid_t ended; (ended = waitpid(-1, &how, WNOHANG)) > 0;)
      if (ended == program && write(ways->theirs[NEWS], &how, sizeof how) < 0) break;
    leash.revents = 0;
  } while (ppoll(&leash, 1, NULL, unblocked) <= 0 || !leash.revents);
  l4r_kin_end(NULL, 0);
  _exit(0);
}

/* Closes what the caller holds open, because the keeper would keep its ends of other programs'
 * pipes open, and their input would never end. */
static void close_others(const struct ways *ways, int kept) {
  enum { ONE_BY_ONE = 1024 };
  for (int f = STDERR_FILENO + 1; f < ONE_BY_ONE; f++) {
    int ours = f == kept || f == ways->ward;
    for (int w = 0; w < WAYS; w++) ours |= f == ways->theirs[w];
    if (!ours) close(f);
  }
  for (int w = 0; w < WAYS; w++)
    if (ways->ours[w] >= ONE_BY_ONE) close(ways->ours[w]);
}

static void become_keeper(const struct l4r_process_spec *spec, char **environment,
                          const struct ways *ways) {
  static const int deaf[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU};
  sigset_t child, unblocked;
  setpgid(0, 0);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (size_t s = 0; s < sizeof deaf / sizeof *deaf; s++) signal(deaf[s], SIG_IGN);
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, &unblocked);
  sigdelset(&unblocked, SIGCHLD);
  signal(SIGCHLD, on_child);
  close_others(ways, spec->kept);
  const pid_t self = getpid(), program = fork();
  if (!program) {
    sigprocmask(SIG_SETMASK, &unblocked, NULL);
    become(spec, environment, ways, self);
  }
  if (program < 0) {
    const int error = errno;
    if (write(ways->theirs[REPORT], &error, sizeof error) < 0) _exit(126);
    _exit(127);
  }
  close(ways->theirs[IN]);
  close(ways->theirs[OUT]);
  close(ways->theirs[REPORT]);
  if (ways->ward >= 0) close(ways->ward);
  keep(program, ways, &unblocked);
}

static void close_all(const int end[WAYS]) {
  for (int w = 0; w < WAYS; w++)
    if (end[w] >= 0) close(end[w]);
}

static int open_ways(const struct l4r_process *process, struct ways *ways) {
  for (int w = 0; w < WAYS; w++) ways->ours[w] = ways->theirs[w] = -1;
  for (int w = 0; w < WAYS; w++) {
    int pair[2];
    if (w == IN || w == LEASH ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)
                              : pipe2(pair, O_CLOEXEC))
      return l4r_fail(L4R_ENVIRONMENT, "%s: no pipe to it: %s", process->name, strerror(errno));
    ways->ours[w] = pair[0];
    ways->theirs[w] = pair[1];
  }
  return L4R_OK;
}

static int fork_child(struct l4r_process *process, const struct l4r_process_spec *spec,
                      char **environment) {
  struct ways ways;
  int error = 0, status = open_ways(process, &ways);
  ways.ward = l4r_ward_open();
  if (!status) {
    process->keeper = fork();
    if (!process->keeper) become_keeper(spec, environment, &ways);
    if (process->keeper < 0)
      status = l4r_fail(L4R_ENVIRONMENT, "%s: fork: %s", process->name, strerror(errno));
  }
  close_all(ways.theirs);
  if (ways.ward >= 0) close(ways.ward);
  process->in = ways.ours[IN];
  process->out = ways.ours[OUT];
  process->leash = ways.ours[LEASH];
  process->news = ways.ours[NEWS];
  if (!status && read(ways.ours[REPORT], &error, sizeof error) == (ssize_t)sizeof error)
    status = l4r_fail(L4R_ENVIRONMENT, "%s cannot be run: %s", process->name, strerror(error));
  if (ways.ours[REPORT] >= 0) close(ways.ours[REPORT]);
  return status;
}

int l4r_process_start(const struct l4r_process_spec *spec, struct l4r_process **out) {
  struct l4r_process *process = l4r_alloc(1, sizeof *process, "a child process");
  if (!process) return L4R_ENVIRONMENT;
  process->in = process->out = process->leash = process->news = process->keeper = -1;
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

/* Waits for the process to end; returns 0 when it has not ended in time, or when nobody is left to
 * report it. */
static int reap(struct l4r_process *process, int milliseconds) {
  struct pollfd news = {.fd = process->news, .events = POLLIN};
  if (process->has_ended || process->keeper <= 0) return process->has_ended;
  while (poll(&news, 1, milliseconds) < 0 && errno == EINTR) continue;
  if (news.revents & POLLIN)
    process->has_ended = read(process->news, &process->how, sizeof process->how) ==
                         (ssize_t)sizeof process->how;
  return process->has_ended;
}

void l4r_process_stop(struct l4r_process *process) {
  if (!process) return;
  if (process->in >= 0) close(process->in);
  if (process->out >= 0) close(process->out);
  reap(process, PATIENCE_MS);
  /* The keeper is told to end, because another keeper that was forked meanwhile may hold a copy of
   * the leash open. */
  if (process->leash >= 0 && send(process->leash, "", 1, MSG_NOSIGNAL) < 0) errno = 0;
  if (process->leash >= 0) close(process->leash);
  while (process->keeper > 0 && waitpid(process->keeper, NULL, 0) < 0 && errno == EINTR) continue;
  if (process->news >= 0) close(process->news);
  l4r_free(process->text);
  l4r_free(process);
}

/* States why there is nothing more to read or write. */
static int ended(struct l4r_process *process) {
  if (!reap(process, PATIENCE_MS))
    return l4r_fail(L4R_CHECK, "%s: closed its input or output", process->name);
  const int how = process->how;
  if (WIFSIGNALED(how))
    return l4r_fail(L4R_CHECK, "%s: ended by signal %d (%s)", process->name, WTERMSIG(how),
                    strsignal(WTERMSIG(how)));
  return l4r_fail(L4R_CHECK, "%s: ended with exit code %d; its messages stand above", process->name,
                  WEXITSTATUS(how));
}

static int unread(const struct l4r_process *process) {
  return l4r_fail(L4R_CHECK,
                  "%s: answered before it had read the request; an answer follows its request",
                  process->name);
}

int l4r_process_silent(const struct l4r_process *process) {
  struct pollfd waiting = {.fd = process->out, .events = POLLIN};
  if (process->filled == process->taken &&
      (poll(&waiting, 1, 0) <= 0 || !(waiting.revents & POLLIN)))
    return L4R_OK;
  return l4r_fail(L4R_CHECK,
                  "%s: wrote before it was asked: a line waited for a request that had not been "
                  "sent; it may answer each line with one line, and no more",
                  process->name);
}

/* Waits until there is room for more of a request. A process that writes meanwhile answers what it
 * has not read, and may be waiting for us to read while we wait for it. */
static int await_reader(struct l4r_process *process, int64_t until) {
  const int64_t left = (until - l4r_now_ns()) / 1000000;
  struct pollfd ways[] = {{.fd = process->in, .events = POLLOUT},
                          {.fd = process->out, .events = POLLIN}};
  if (left <= 0 || !poll(ways, 2, (int)left))
    return left > 0 ? L4R_OK
                    : l4r_fail(L4R_CHECK, "%s: did not read its request for %d seconds",
                               process->name, SEND_SECONDS);
  if (ways[0].revents) return L4R_OK; /* there is room, or sending tells what happened */
  if (ways[1].revents & POLLIN) return unread(process);
  return ways[1].revents ? ended(process) : L4R_OK;
}

int l4r_process_send(struct l4r_process *process, const char *bytes, size_t count) {
  const int64_t until = l4r_now_ns() + (int64_t)SEND_SECONDS * 1000000000;
  while (count) {
    const ssize_t sent = send(process->in, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      const int status = await_reader(process, until);
      if (status) return status;
      continue;
    }
    if (sent < 0) return ended(process);
    bytes += sent;
    count -= (size_t)sent;
  }
  return L4R_OK;
}

/* A line that came before the whole request was read cannot be its answer. */
static int check_read(const struct l4r_process *process) {
  int left = 0;
  return ioctl(process->in, SIOCOUTQ, &left) || !left ? L4R_OK : unread(process);
}

static int too_long(const struct l4r_process *process, size_t most) {
  return l4r_fail(L4R_CHECK,
                  "%s: a line of more than %zu bytes, the most that an answer to this request may "
                  "have",
                  process->name, most);
}

/* Reads what there is, waiting until `until`. */
static int read_more(struct l4r_process *process, int64_t until, int seconds) {
  for (;;) {
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
    return L4R_OK;
  }
}

int l4r_process_line(struct l4r_process *process, int seconds, size_t most, const char **line) {
  memmove(process->text, process->text + process->taken, process->filled - process->taken);
  process->filled -= process->taken;
  process->taken = 0;
  const int64_t until = l4r_now_ns() + (int64_t)seconds * 1000000000;
  for (size_t searched = 0;;) {
    char *end = memchr(process->text + searched, '\n', process->filled - searched);
    if ((end ? (size_t)(end - process->text) : process->filled) > most)
      return too_long(process, most);
    if (end && memchr(process->text, '\0', (size_t)(end - process->text)))
      return l4r_fail(L4R_CHECK, "%s: a NUL byte in its line, which would hide what follows",
                      process->name);
    if (end) {
      *end = '\0';
      *line = process->text;
      process->taken = (size_t)(end - process->text) + 1;
      return check_read(process);
    }
    searched = process->filled;
    int status = l4r_grow(&process->text, &process->room, process->filled + READ_LEAST, 1,
                          "a child's answers");
    if (!status) status = read_more(process, until, seconds);
    if (status) return status;
  }
}
