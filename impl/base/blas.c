/* SPDX-License-Identifier: BSD-3-Clause */
/* Which kernels BLIS runs. Its own choice is right wherever it knows the processor, so only the
 * unknown ones are steered: those that are neither Intel's nor of an AMD family which BLIS 0.9
 * lists (15h, 17h, 19h). For them the kernels follow from the instruction sets the processor
 * reports. BLIS 1.0 and later list more families and are left alone. */
#include "impl/base/blas.h"

#include "impl/base/error.h"
#include "impl/base/log.h"

#include <blis.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

#if defined(__x86_64__)
#include <cpuid.h>

/* -1: leave the choice to BLIS. */
static int wanted_architecture(void) {
  unsigned a, b, c, d;
  if (bli_info_get_version_str()[0] != '0' || !__get_cpuid(0, &a, &b, &c, &d)) return -1;
  if (b == signature_INTEL_ebx) return -1;
  int amd = b == signature_AMD_ebx;
  __get_cpuid(1, &a, &b, &c, &d);
  unsigned family = (a >> 8 & 15) + ((a >> 8 & 15) == 15 ? a >> 20 & 255 : 0);
  if (amd && (family == 0x15 || family == 0x17 || family == 0x19)) return -1;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    return BLIS_ARCH_SKX;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return BLIS_ARCH_HASWELL;
  return -1;
}
#else
static int wanted_architecture(void) {
  return -1;
}
#endif

/* BLIS aborts the process where malloc gives it nothing, which looks like a crash. It calls its own
 * function through the dynamic linker, so that this one is taken in its place (weak, because a
 * static BLIS has its own): what memory could not serve ends as everywhere, in words and exit
 * code 4. The one place below main that does so; there is no way back from here. */
__attribute__((weak)) void bli_abort(void) {
  static const char text[] = "lite4rec: no memory for the buffers of BLIS, the library of matrix "
                             "products; free memory, or raise the limit (ulimit -v)\n";
  const ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
  (void)ignored;
  _exit(l4r_exit_code(L4R_ENVIRONMENT));
}

static void open_once(void) {
  static const char variable[] = "BLIS_ARCH_TYPE";
  if (getenv(variable)) {
    l4r_warn("%s is set in the environment; it is ignored, the kernels follow the processor",
             variable);
    unsetenv(variable);
  }
  int wanted = wanted_architecture();
  if (wanted >= 0) {
    char number[16];
    snprintf(number, sizeof number, "%d", wanted);
    setenv(variable, number, 1);
  }
  bli_init();
  bli_arch_query_id(); /* reads the variable, once */
  unsetenv(variable);
}

const char *l4r_blas_open(void) {
  pthread_once(&once, open_once);
  return bli_arch_string(bli_arch_query_id());
}
