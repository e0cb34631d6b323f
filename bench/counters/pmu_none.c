/* SPDX-License-Identifier: BSD-3-Clause */
/* A build without PAPI counts nothing and says why. This file also chooses which side of the seam
 * this build has. */
#include "bench/counters/pmu_none.h"
#include "bench/counters/pmu.h"
#include "bench/counters/pmu_papi.h"

enum { NOT_BUILT = -1 };

static int none_open(void) {
  return NOT_BUILT;
}

static int none_add(int *set, const char *event) {
  (void)set, (void)event;
  return NOT_BUILT;
}

static int none_multiplex(int *set) {
  (void)set;
  return NOT_BUILT;
}

static int none_start(int set) {
  (void)set;
  return NOT_BUILT;
}

static int none_values(int set, long long *values) {
  (void)set, (void)values;
  return NOT_BUILT;
}

static void none_close(int *set) {
  *set = -1;
}

static const char *none_why(int status) {
  (void)status;
  return "this program was built without PAPI; install libpapi-dev and run make again";
}

static const char *none_component(void) {
  return none_why(NOT_BUILT);
}

static const char *none_version(void) {
  return "none (built without PAPI)";
}

const struct l4r_pmu l4r_pmu_none = {.open = none_open,
                                     .add = none_add,
                                     .multiplex = none_multiplex,
                                     .start = none_start,
                                     .stop = none_values,
                                     .read = none_values,
                                     .close = none_close,
                                     .why = none_why,
                                     .component = none_component,
                                     .version = none_version};

#if defined(L4R_WITHOUT_PAPI)
const struct l4r_pmu *const l4r_pmu_here = &l4r_pmu_none;
#else
const struct l4r_pmu *const l4r_pmu_here = &l4r_pmu_papi;
#endif
