/* SPDX-License-Identifier: BSD-3-Clause */
/* Kept because no packaged way runs the tests under ThreadSanitizer, valgrind and qemu: Criterion
 * 2.4.1 has no option to run a test in its own process. Its library maps memory at fixed addresses
 * for its workers and dies of SEGV under ThreadSanitizer; it executes the program anew for each
 * test, so that valgrind either does not see the test or starts as often as there are tests; and it
 * hangs under qemu.
 *
 * This runs the same object files without Criterion's library. It gives them the functions that
 * Criterion's macros call, and forks for each test.
 *
 * Usage: plain-tests [-jN] [--timeout SECONDS] [--filter PATTERN] [--verbose]; with the last, what
 * passing tests print is shown too. The last line is Criterion's synthesis, for tests/run.sh. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PASSED, FAILED, SKIPPED = 77, JOBS_MOST = 64, LONG = 20 };

/* --- what the macros call, in the process of a test ---------------------------------------------
 */

struct criterion_options criterion_options;
static const struct criterion_test *current;
static void *parameter;
static jmp_buf stopped;
static int outcome;

void cri_asserts_passed_incr(void) {
}

void criterion_send_assert(struct criterion_assert_stats *stats) {
  if (!stats->passed) fprintf(stderr, "%s:%u: %s\n", stats->file, stats->line, stats->message);
}

void criterion_continue_test(void) {
  outcome = FAILED;
}

void criterion_abort_test(void) {
  outcome = FAILED;
  longjmp(stopped, 1);
}

void criterion_skip_test(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  outcome = SKIPPED;
  longjmp(stopped, 1);
}

char *cr_translate_assert_msg(int msg_index, ...) {
  char *text = NULL;
  va_list arguments;
  va_start(arguments, msg_index);
  const char *condition = va_arg(arguments, const char *);
  if (asprintf(&text, "does not hold: %s", condition) < 0) text = NULL;
  va_end(arguments);
  return text;
}

int cr_asprintf(char **out, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int written = vasprintf(out, format, arguments);
  va_end(arguments);
  return written;
}

void cr_asprintf_free(char *text) {
  free(text);
}

void cr_log(enum criterion_severity severity, const char *format, ...) {
  (void)severity;
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
}

void criterion_internal_test_setup(void) {
  if (current->data->init) current->data->init();
}

void criterion_internal_test_main(void (*function)(void)) {
  if (setjmp(stopped)) return;
  if (parameter)
    ((void (*)(void *))function)(parameter);
  else
    function();
}

void criterion_internal_test_teardown(void) {
  if (current->data->fini) current->data->fini();
}

/* --- the processes -------------------------------------------------------------------------------
 */

struct job {
  const struct criterion_test *test;
  size_t number; /* of its parameters */
  pid_t process;
  FILE *said;
  time_t began, until;
  int overdue; /* ended by the runner */
};

static struct {
  struct job running[JOBS_MOST];
  int jobs, tested, failed, crashed, verbose;
  double timeout;
} run = {.jobs = 1, .timeout = 240};

/* A test and what it started end with the runner. */
static void give_up(int number) {
  for (int j = 0; j < run.jobs; j++)
    if (run.running[j].process) kill(-run.running[j].process, SIGKILL);
  signal(number, SIG_DFL);
  raise(number);
}

static void start(struct job *job) {
  job->said = tmpfile();
  fflush(NULL);
  job->process = job->said ? fork() : -1;
  if (job->process < 0) {
    perror("plain-tests");
    exit(4);
  }
  const double asked = job->test->data->timeout;
  job->began = time(NULL);
  job->until = job->began + (time_t)(asked > run.timeout ? asked : run.timeout);
  if (job->process) return;
  setpgid(0, 0);
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  dup2(fileno(job->said), 1);
  dup2(fileno(job->said), 2);
  current = job->test;
  if (job->test->data->param_) {
    const struct criterion_test_params all = job->test->data->param_();
    parameter = (char *)all.params + job->number * all.size;
  }
  job->test->test();
  exit(outcome);
}

static void show(const struct job *job) {
  char line[4096];
  rewind(job->said);
  while (fgets(line, sizeof line, job->said)) printf("[----] %s", line);
}

/* What tests say for the summary of tests/kernels.sh. */
static void show_kernels(const struct job *job) {
  char line[512];
  rewind(job->said);
  while (fgets(line, sizeof line, job->said))
    if (!strncmp(line, "[KERNEL]", 8)) fputs(line, stdout);
}

static int passed(const struct job *job, int state) {
  const int wanted = job->test->data->signal;
  if (wanted) return WIFSIGNALED(state) && WTERMSIG(state) == wanted;
  return WIFEXITED(state) && WEXITSTATUS(state) == PASSED;
}

static void end(struct job *job, int state) {
  const char *suite = job->test->category, *name = job->test->name;
  run.tested++;
  if (WIFEXITED(state) && WEXITSTATUS(state) == SKIPPED) {
    run.tested--;
    char reason[512] = "";
    rewind(job->said);
    while (fgets(reason, sizeof reason, job->said)) /* the last line says why */
      ;
    printf("[SKIP] %s::%s: %s", suite, name, *reason ? reason : "no reason given\n");
  } else if (passed(job, state) && run.verbose) {
    printf("[RUN ] %s::%s\n", suite, name);
    show(job);
  } else if (passed(job, state)) {
    show_kernels(job);
  } else {
    run.failed++;
    run.crashed += !WIFEXITED(state);
    show(job);
    printf("[FAIL] %s::%s", suite, name);
    if (job->overdue)
      printf(" (ended after its bound of %d s)\n", (int)(job->until - job->began));
    else if (WIFEXITED(state))
      printf(" (exit code %d)\n", WEXITSTATUS(state));
    else
      printf(" (signal %d)\n", WTERMSIG(state));
  }
  if (time(NULL) > job->began + LONG)
    printf("[LONG] %s::%s took %d s\n", suite, name, (int)(time(NULL) - job->began));
  fflush(stdout);
  fclose(job->said);
  job->process = 0;
}

/* A place for another job: waits until there is one, or with `all` until none runs. */
static struct job *place(int all) {
  for (;;) {
    struct job *free_one = NULL;
    int busy = 0;
    for (int j = 0; j < run.jobs; j++) {
      struct job *job = &run.running[j];
      int state;
      if (job->process && waitpid(job->process, &state, WNOHANG) == job->process) end(job, state);
      if (job->process && time(NULL) > job->until) job->overdue = !kill(-job->process, SIGKILL);
      busy += job->process != 0;
      if (!job->process) free_one = job;
    }
    if (all ? !busy : free_one != NULL) return free_one;
    usleep(2000);
  }
}

extern struct criterion_test *first_test __asm("__start_cr_tst");
extern struct criterion_test *last_test __asm("__stop_cr_tst");

static void run_test(const struct criterion_test *test) {
  size_t count = 1;
  if (test->data->param_) count = test->data->param_().length;
  for (size_t n = 0; n < count; n++) {
    struct job *job = place(0);
    *job = (struct job){.test = test, .number = n};
    start(job);
  }
}

int main(int argc, char **argv) {
  const char *filter = "*";
  for (int a = 1; a < argc; a++) {
    if (!strncmp(argv[a], "-j", 2))
      run.jobs = atoi(argv[a] + 2);
    else if (a + 1 < argc && !strcmp(argv[a], "--timeout"))
      run.timeout = atof(argv[++a]);
    else if (a + 1 < argc && !strcmp(argv[a], "--filter"))
      filter = argv[++a];
    else if (!strcmp(argv[a], "--verbose"))
      run.verbose = 1;
    else
      return fprintf(stderr,
                     "usage: plain-tests [-jN] [--timeout S] [--filter PATTERN] [--verbose]\n"),
             2;
  }
  if (run.jobs < 1 || run.jobs > JOBS_MOST) run.jobs = 1;
  signal(SIGINT, give_up);
  signal(SIGTERM, give_up);
  for (struct criterion_test **test = &first_test; test < &last_test; test++) {
    char name[512];
    if (!*test || (*test)->data->disabled) continue;
    snprintf(name, sizeof name, "%s/%s", (*test)->category, (*test)->name);
    if (!fnmatch(filter, name, FNM_EXTMATCH)) run_test(*test);
  }
  place(1);
  printf("Synthesis: Tested: %d | Passing: %d | Failing: %d | Crashing: %d\n", run.tested,
         run.tested - run.failed, run.failed, run.crashed);
  return run.failed != 0;
}
