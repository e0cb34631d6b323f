/* SPDX-License-Identifier: BSD-3-Clause */
/* BLIS reads BLIS_ARCH_TYPE once per process and aborts when it names a set that the build lacks.
 * So candidates come only from the header of the installed BLIS, and they are tried in child
 * processes. */
#include "impl/base/blas.h"

#include "impl/base/error.h"
#include "impl/base/log.h"

#include <blis.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EDGE = 480, RUNS = 8, CPU_SECONDS_MOST = 10, SECONDS_MOST = 120 };
static const char variable[] = "BLIS_ARCH_TYPE", ours[] = L4R_BLAS_VARIABLE;
static const double better = 1.1; /* less is noise */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_open;
static struct l4r_blas_choice choice;

static const struct {
  const char *name;
  int number;
} sets[] = {
#ifdef BLIS_CONFIG_SKX
    {"skx", BLIS_ARCH_SKX},
#endif
#ifdef BLIS_CONFIG_HASWELL
    {"haswell", BLIS_ARCH_HASWELL},
#endif
#ifdef BLIS_CONFIG_ZEN3
    {"zen3", BLIS_ARCH_ZEN3},
#endif
#ifdef BLIS_CONFIG_ZEN2
    {"zen2", BLIS_ARCH_ZEN2},
#endif
#ifdef BLIS_CONFIG_ZEN
    {"zen", BLIS_ARCH_ZEN},
#endif
#ifdef BLIS_CONFIG_CORTEXA57
    {"cortexa57", BLIS_ARCH_CORTEXA57},
#endif
#ifdef BLIS_CONFIG_FIRESTORM
    {"firestorm", BLIS_ARCH_FIRESTORM},
#endif
#ifdef BLIS_CONFIG_THUNDERX2
    {"thunderx2", BLIS_ARCH_THUNDERX2},
#endif
#ifdef BLIS_CONFIG_ARMSVE
    {"armsve", BLIS_ARCH_ARMSVE},
#endif
    {"", -1}};

static int number_of(const char *name) {
  for (size_t i = 0; sets[i].number >= 0; i++)
    if (!strcmp(sets[i].name, name)) return sets[i].number;
  return -1;
}

static int has(const char *name) {
  return number_of(name) >= 0;
}

const char *l4r_blas_set(int i) {
  const struct l4r_blas_candidates found = l4r_blas_candidates_of(l4r_cpu(), has);
  return i >= 0 && i < found.count ? found.name[i] : NULL;
}

static void ask_for(const char *name) {
  char number[16];
  snprintf(number, sizeof number, "%d", number_of(name));
  setenv(variable, number, 1);
}

static void clear_environment(void) {
  if (!getenv(variable)) return;
  l4r_warn("%s is set in the environment; it is ignored, the kernels follow the processor (%s may "
           "name another set that it can run)",
           variable, ours);
  unsetenv(variable);
}

/* Chooses by cpuid, or, where the environment names one of the candidates, takes that. */
static struct l4r_blas_candidates decide(void) {
  const struct l4r_blas_candidates found = l4r_blas_candidates_of(l4r_cpu(), has);
  const char *wish = getenv(ours);
  clear_environment();
  snprintf(choice.asked, sizeof choice.asked, "%s", found.count ? found.name[0] : "");
  snprintf(choice.because, sizeof choice.because, "%s", found.because);
  if (!wish || !*wish) return found;
  for (int i = 0; i < found.count; i++) {
    if (strcmp(wish, found.name[i])) continue;
    if (i) snprintf(choice.because, sizeof choice.because, "%s asks for it", ours);
    snprintf(choice.asked, sizeof choice.asked, "%s", wish);
    return found;
  }
  l4r_warn("%s=%s: BLIS has no such kernels for this processor; it is ignored", ours, wish);
  unsetenv(ours);
  return found;
}

/* BLIS aborts the process when malloc fails, which looks like a crash. It calls its own bli_abort
 * through the dynamic linker, so this definition replaces it (it is weak, because a static BLIS has
 * its own). The process then ends with a message and exit code 4. No other code below main exits,
 * but BLIS cannot return from here. */
__attribute__((weak)) void bli_abort(void) {
  static const char text[] = "lite4rec: no memory for the buffers of BLIS, the library of matrix "
                             "products; free memory, or raise the limit (ulimit -v)\n";
  const ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
  (void)ignored;
  _exit(l4r_exit_code(L4R_ENVIRONMENT));
}

static void open_once(void) {
  if (!choice.because[0]) decide();
  if (choice.asked[0]) ask_for(choice.asked);
  bli_init();
  const arch_t found = bli_arch_query_id(); /* reads the variable, once */
  unsetenv(variable);
  snprintf(choice.kernels, sizeof choice.kernels, "%s", bli_arch_string(found));
  is_open = 1;
  if (choice.asked[0] && strcmp(choice.asked, choice.kernels))
    l4r_warn("BLIS %s was asked for its %s kernels and runs %s: what is measured of it is of those",
             bli_info_get_version_str(), choice.asked, choice.kernels);
}

const char *l4r_blas_open(void) {
  pthread_once(&once, open_once);
  return choice.kernels;
}

/* Runs in a child: returns GFLOP/s of one core, the best of several products by the thread's own
 * time, which other processes disturb least. */
static double multiply(void) {
  const size_t size = (size_t)EDGE * EDGE;
  float *a = calloc(3 * size, sizeof *a), one = 1, zero = 0;
  rntm_t single = BLIS_RNTM_INITIALIZER;
  double best = 0;
  bli_rntm_set_num_threads(1, &single);
  for (size_t i = 0; a && i < 3 * size; i++) a[i] = (float)(i % 13) - 6;
  for (int run = 0; a && run <= RUNS; run++) { /* the first warms up */
    const int64_t from = l4r_thread_ns();
    bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, EDGE, EDGE, EDGE, &one, a, EDGE, 1, a + size,
                 EDGE, 1, &zero, a + 2 * size, EDGE, 1, NULL, &single);
    const double took = 1e-9 * (double)(l4r_thread_ns() - from);
    if (run && took > 0 && 2e-9 * EDGE * EDGE * EDGE / took > best)
      best = 2e-9 * EDGE * EDGE * EDGE / took;
  }
  free(a);
  return best;
}

/* `name`: NULL: BLIS's own choice. */
static void become_child(const char *name, int to) {
  const struct rlimit none = {0, 0}, most = {CPU_SECONDS_MOST, CPU_SECONDS_MOST};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(SECONDS_MOST); /* long, because a busy machine or valgrind slows everything down */
  setrlimit(RLIMIT_CPU, &most);
  setrlimit(RLIMIT_CORE, &none);
  if (!freopen("/dev/null", "w", stderr)) _exit(1); /* hides BLIS's message when it aborts */
  if (name) ask_for(name);
  bli_init();
  const int is_other = name && strcmp(bli_arch_string(bli_arch_query_id()), name) != 0;
  double gflops = is_other ? 0 : multiply();
  _exit(write(to, &gflops, sizeof gflops) != sizeof gflops);
}

/* Returns 0 where it did not run. */
static double measure(const char *name) {
  double gflops = 0;
  int ends[2];
  if (pipe(ends)) return 0;
  fflush(NULL);
  const pid_t child = fork();
  if (!child) become_child(name, ends[1]);
  close(ends[1]);
  if (child < 0 || read(ends[0], &gflops, sizeof gflops) != sizeof gflops) gflops = 0;
  close(ends[0]);
  if (child > 0) waitpid(child, NULL, 0);
  return gflops;
}

const struct l4r_blas_choice *l4r_blas_choose(void) {
  if (is_open) return &choice;
  const struct l4r_blas_candidates found = decide();
  const int asked = getenv(ours) != NULL; /* set by a parent process that has measured */
  int best = 0;
  for (int i = 0; !asked && i < found.count; i++) {
    choice.speed[i].name = found.name[i];
    choice.speed[i].gflops = measure(found.name[i]);
    if (choice.speed[i].gflops > better * choice.speed[best].gflops) best = i;
    choice.measured++;
  }
  if (choice.measured && best) {
    snprintf(choice.asked, sizeof choice.asked, "%s", found.name[best]);
    snprintf(choice.because, sizeof choice.because, "measured faster than %s, which cpuid suggests",
             found.name[0]);
  }
  if (choice.measured) setenv(ours, choice.asked, 1);
  const double own = !asked && !found.count ? measure(NULL) : 0;
  l4r_blas_open();
  if (own > 0) { /* nothing to choose from: what is there is measured all the same */
    choice.speed[0].name = choice.kernels;
    choice.speed[0].gflops = own;
    choice.measured = 1;
  }
  return &choice;
}
