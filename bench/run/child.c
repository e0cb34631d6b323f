/* SPDX-License-Identifier: BSD-3-Clause */
/* Every measurement happens in a process of its own: its peak memory is its own, address space and
 * environment are laid out anew (both move results by more than many an optimisation: Mytkowicz et
 * al., Producing Wrong Data Without Doing Anything Obviously Wrong!), and a crash costs one round.
 * Parent and child share nothing but two files in a folder that the parent removes. */
#include "bench/run/child.h"
#include "bench/run/interrupt.h"
#include "bench/run/job.h"

#include "bench/engines.h"
#include "bench/run/accuracy.h"
#include "bench/run/probe.h"
#include "bench/run/ranks.h"
#include "bench/run/round/counted.h"
#include "bench/run/round/round.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/kin.h"
#include "impl/base/log.h"
#include "impl/base/memory.h"
#include "impl/base/random.h"
#include "impl/base/text.h"
#include "impl/base/tidy.h"
#include "impl/blis/choice.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENVIRONMENT_MOST = 4096, ENVIRONMENT_STREAM = 0x656e };
static const char padding_name[] = "LITE4REC_PADDING";

static const char choices_name[] = "kernel_times"; /* in jobs and results */

/* All processes of a run choose by the same measurements, whether or not a cache folder keeps
 * them: each child is told what those before it have measured. */
static int learn_choices(const struct l4r_bundle *bundle) {
  const char *text = json_string_value(json_object_get(bundle->meta, choices_name));
  return text ? l4r_choices_read(text) : L4R_OK;
}

static int tell_choices(const struct l4r_bundle *bundle) {
  char *text = l4r_choices_write();
  const int failed = !text || json_object_set_new(bundle->meta, choices_name, json_string(text));
  l4r_free(text);
  return failed ? l4r_fail(L4R_ENVIRONMENT, "no memory for what was measured of kernels") : L4R_OK;
}

static int do_task(const struct l4r_bundle *bundle, struct l4r_bundle *result) {
  struct l4r_job job;
  int status = l4r_job_get(bundle, &job);
  if (status) return status;
  job.hides = job.task != L4R_TASK_COUNT; /* valgrind knows no Landlock */
  switch (job.task) {
  case L4R_TASK_PROBE:
    return l4r_probe_do(bundle, &job, result);
  case L4R_TASK_ROUND:
    return l4r_round_do(bundle, &job, result);
  case L4R_TASK_COUNT:
    return l4r_counted_do(bundle, &job, result);
  default:
    return l4r_accuracy_do(bundle, &job, result);
  }
}

int l4r_child_main(const char *folder) {
  char job_path[L4R_PATH_MAX], result_path[L4R_PATH_MAX];
  if (l4r_path_join(job_path, folder, "job") || l4r_path_join(result_path, folder, "result"))
    return L4R_USAGE;
  struct l4r_bundle job = {0}, result = {0};
  int status = l4r_bundle_init(&result);
  if (!status) status = l4r_bundle_read(job_path, &job);
  l4r_ranks_take();
  unlink(job_path); /* what will be asked is not to be read by those who are asked */
  /* An engine could not read files that are made later beside the folders above the data set. */
  if (!status && setenv("TMPDIR", folder, 1))
    status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot set TMPDIR");
  if (!status) status = learn_choices(&job);
  if (!status) status = do_task(&job, &result);
  if (!status) status = tell_choices(&result);
  if (status && result.meta) { /* the error travels instead of the figures */
    char message[2048];
    snprintf(message, sizeof message, "%s", l4r_error_message());
    l4r_bundle_free(&result);
    if (!l4r_bundle_init(&result))
      json_object_set_new(result.meta, "message", json_string(message));
  }
  if (result.meta) {
    json_object_set_new(result.meta, "status", json_integer(status));
    int written = l4r_bundle_write(&result, result_path);
    if (!status) status = written;
  }
  l4r_bundle_free(&job);
  l4r_bundle_free(&result);
  return status;
}

static void pad_environment(const struct l4r_bundle *job) {
  char padding[ENVIRONMENT_MOST];
  struct l4r_random random;
  json_int_t seed = json_integer_value(json_object_get(job->meta, "seed"));
  json_int_t round = json_integer_value(json_object_get(job->meta, "round"));
  l4r_random_stream(&random, (uint64_t)seed, ENVIRONMENT_STREAM,
                    (uint64_t)round * 1000003 + (uint64_t)getpid());
  size_t length = (size_t)l4r_random_below(&random, ENVIRONMENT_MOST - 1);
  memset(padding, 'x', length);
  padding[length] = '\0';
  setenv(padding_name, padding, 1);
}

static int is_registered(const struct l4r_bundle *job) {
  const char *text = json_string_value(json_object_get(job->meta, "arm"));
  char name[L4R_ARM_TEXT];
  snprintf(name, sizeof name, "%.*s", (int)strcspn(text ? text : "", "@"), text ? text : "");
  return l4r_engine_registered(name) != NULL;
}

/* The program that does the job: this one, or the build that the job names. */
static void program_of(const struct l4r_bundle *job, char program[L4R_PATH_MAX]) {
  const char *named = json_string_value(json_object_get(job->meta, "program"));
  const ssize_t length = named ? 0 : readlink("/proc/self/exe", program, L4R_PATH_MAX - 1);
  if (named ? l4r_text_set(program, L4R_PATH_MAX, "%s", named) : length < 0) _exit(127);
  if (!named) program[length] = '\0';
}

/* Ends the child when valgrind is not there. */
static void become_counted(const char *program, const char *folder) {
  char out[L4R_PATH_MAX + 32], log[L4R_PATH_MAX + 32];
  l4r_text_set(out, sizeof out, "--callgrind-out-file=%s/callgrind.out", folder);
  l4r_text_set(log, sizeof log, "--log-file=%s/valgrind.log", folder);
  unsetenv("LITE4REC_BLIS"); /* of this processor; valgrind's is another one */
  execlp("valgrind", "valgrind", "--tool=callgrind", "--collect-atstart=no",
         "--toggle-collect=" L4R_COUNTED_FUNCTION, out, log, program, "round", folder, "--quiet",
         (char *)NULL);
  _exit(127);
}

/* In the child, after fork; does not return. */
static void become_child(const struct l4r_bundle *job, const char *folder, int is_counted,
                         pid_t parent, const int ranks[2]) {
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* no orphan goes on burning a pinned core */
  if (getppid() != parent) _exit(l4r_exit_code(L4R_ENVIRONMENT));
  l4r_ranks_give(ranks);
  dup2(STDERR_FILENO, STDOUT_FILENO); /* what an engine prints does not mix with our results */
  if (is_registered(job)) _exit(l4r_exit_code(l4r_child_main(folder)));
  char program[L4R_PATH_MAX];
  program_of(job, program);
  if (is_counted) become_counted(program, folder);
  pad_environment(job);
  char progress[L4R_PROGRESS_WORD];
  const char *how = l4r_log_is_quiet() ? "--quiet" : l4r_progress_word(progress);
  if (json_object_get(job->meta, "program") && !l4r_log_is_quiet())
    how = ""; /* another build may know no such word */
  execl(program, "lite4rec", "round", folder, *how ? how : (char *)NULL, (char *)NULL);
  _exit(127);
}

/* Processes that an engine leaves behind would take processors from the engines measured after it.
 * The kernel gives us the child's orphans, wherever they went; our other children are spared. */
struct family {
  int was_subreaper, count;
  pid_t spared[L4R_KIN_MOST];
};

static void adopt(struct family *family) {
  family->was_subreaper = 0;
  prctl(PR_GET_CHILD_SUBREAPER, &family->was_subreaper);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  family->count = l4r_kin_find(getpid(), 0, family->spared);
  assert(family->count <= L4R_KIN_MOST);
}

static void disown(const struct family *family) {
  l4r_kin_end(family->spared, family->count);
  prctl(PR_SET_CHILD_SUBREAPER, family->was_subreaper);
}

static int wait_for(pid_t child, int *how) {
  while (waitpid(child, how, 0) < 0)
    if (errno != EINTR) return l4r_fail_errno(L4R_ENVIRONMENT, "cannot wait for a child process");
  return L4R_OK;
}

static int collect(const char *result_path, int how, struct l4r_bundle *result, int *died) {
  struct l4r_bundle out = {0};
  *died = WIFSIGNALED(how) || access(result_path, R_OK);
  if (WIFSIGNALED(how))
    return l4r_fail(L4R_ENVIRONMENT, "the child process was killed by signal %d (%s)",
                    WTERMSIG(how), strsignal(WTERMSIG(how)));
  if (*died)
    return l4r_fail(L4R_ENVIRONMENT, "the child process left with code %d and no result%s",
                    WEXITSTATUS(how), WEXITSTATUS(how) == 4 ? ": memory was short, as a rule" : "");
  int status = l4r_bundle_read(result_path, &out);
  if (status) return status;
  status = (int)json_integer_value(json_object_get(out.meta, "status"));
  if (!status) {
    status = learn_choices(&out);
    if (status)
      l4r_bundle_free(&out);
    else
      *result = out;
    return status;
  }
  const char *message = json_string_value(json_object_get(out.meta, "message"));
  l4r_fail(status, "%s", message ? message : "the child process failed without a message");
  l4r_bundle_free(&out);
  return status;
}

static int run_in(const char *folder, const struct l4r_bundle *job, int is_counted,
                  struct l4r_bundle *result, int *died) {
  char job_path[L4R_PATH_MAX], result_path[L4R_PATH_MAX];
  int status = l4r_path_join(job_path, folder, "job");
  if (!status) status = l4r_path_join(result_path, folder, "result");
  if (!status) status = tell_choices(job);
  if (!status) status = l4r_bundle_write(job, job_path);
  if (status) return status;
  fflush(NULL); /* nothing buffered may come out twice */
  struct family *family = l4r_alloc(1, sizeof *family, "processes");
  if (!family) return L4R_ENVIRONMENT;
  int ranks[2];
  status = l4r_ranks_pair(ranks);
  adopt(family);
  pid_t parent = getpid(), child = status ? -1 : fork();
  int how;
  if (child < 0 && !status)
    status = l4r_fail_errno(L4R_ENVIRONMENT, "cannot start a child process");
  if (child == 0) become_child(job, folder, is_counted, parent, ranks);
  if (!status) {
    l4r_interrupt_child(child);
    l4r_ranks_serve(ranks);
    status = wait_for(child, &how);
    l4r_interrupt_child(0);
  }
  disown(family);
  l4r_free(family);
  if (!status) status = collect(result_path, how, result, died);
  return status;
}

int l4r_child_run(const struct l4r_bundle *job, struct l4r_bundle *result, int *died) {
  char folder[L4R_PATH_MAX];
  struct l4r_scratch scratch;
  *died = 0;
  int status = l4r_scratch_make("lite4rec", folder, &scratch);
  if (status) return status;
  status = run_in(folder, job, 0, result, died);
  l4r_scratch_remove(folder, &scratch);
  return status;
}

struct counted { /* what callgrind wrote */
  int64_t instructions;
  char *counter;
};

static int read_line(void *context, int64_t number, char *line) {
  struct counted *counted = context;
  long long total;
  (void)number;
  if (!strncmp(line, "creator: ", 9)) l4r_text_set(counted->counter, 32, "%.31s", line + 9);
  if (sscanf(line, "summary: %lld", &total) == 1 || sscanf(line, "totals: %lld", &total) == 1)
    counted->instructions = total;
  return L4R_OK;
}

/* What valgrind says of a program that it could not run. */
static int explain(const char *folder) {
  char path[L4R_PATH_MAX], *text = NULL;
  size_t bytes;
  if (l4r_path_join(path, folder, "valgrind.log") || l4r_read_file(path, 1, &text, &bytes))
    return l4r_fail(L4R_ENVIRONMENT,
                    "valgrind did not start: counting instructions needs it where the processor "
                    "counts none (apt-get install valgrind)");
  const char *last = bytes > 400 ? text + bytes - 400 : text;
  const int status = l4r_fail(L4R_ENVIRONMENT, "valgrind could not run the program: %s", last);
  l4r_free(text);
  return status;
}

int l4r_child_count(const struct l4r_bundle *job, struct l4r_bundle *result, int *died,
                    int64_t *instructions, char counter[32]) {
  char folder[L4R_PATH_MAX], path[L4R_PATH_MAX];
  struct l4r_scratch scratch;
  struct counted counted = {0, counter};
  *died = 0;
  *counter = '\0';
  int status = l4r_scratch_make("lite4rec", folder, &scratch);
  if (status) return status;
  status = run_in(folder, job, 1, result, died);
  if (status && *died) status = explain(folder);
  if (!status) status = l4r_path_join(path, folder, "callgrind.out");
  if (!status) status = l4r_read_lines(path, read_line, &counted);
  if (!status && counted.instructions < 1)
    status = l4r_fail(L4R_ENVIRONMENT,
                      "callgrind counted nothing: the program was stripped of the name %s",
                      L4R_COUNTED_FUNCTION);
  l4r_scratch_remove(folder, &scratch);
  *instructions = counted.instructions;
  return status;
}
