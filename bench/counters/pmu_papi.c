/* SPDX-License-Identifier: BSD-3-Clause */
/* The real side of the seam; left out of builds without PAPI (see the Makefile). */
#include "bench/counters/pmu_papi.h"
#include "bench/counters/pmu.h"
#include "bench/counters/pmu_events.h"

#include <papi.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* PAPI's set-up is not thread-safe */
static int opened;

/* What pthread_t is differs: a number of glibc, a pointer of musl. */
static unsigned long thread_number(void) {
  return (unsigned long)pthread_self();
}

static int papi_open(void) {
  pthread_mutex_lock(&lock);
  if (!opened) {
    const int version = PAPI_library_init(PAPI_VER_CURRENT);
    opened = version != PAPI_VER_CURRENT                  ? (version < 0 ? version : PAPI_EINVAL)
             : PAPI_thread_init(thread_number) != PAPI_OK ? PAPI_ESYS
                                                          : 1;
    if (opened == 1) PAPI_multiplex_init();
  }
  pthread_mutex_unlock(&lock);
  return opened == 1 ? 0 : opened;
}

static int new_set(int *set) {
  if (*set != -1) return PAPI_OK;
  int made = PAPI_NULL;
  const int status = PAPI_create_eventset(&made);
  if (status == PAPI_OK) *set = made;
  return status;
}

static int papi_add(int *set, const char *event) {
  char name[128];
  snprintf(name, sizeof name, "%s", event);
  pthread_mutex_lock(&lock);
  int status = new_set(set);
  if (status == PAPI_OK) status = PAPI_add_named_event(*set, name);
  pthread_mutex_unlock(&lock);
  return status;
}

static int papi_multiplex(int *set) {
  pthread_mutex_lock(&lock);
  int status = new_set(set);
  if (status == PAPI_OK) status = PAPI_assign_eventset_component(*set, 0);
  if (status == PAPI_OK) status = PAPI_set_multiplex(*set);
  pthread_mutex_unlock(&lock);
  return status;
}

static void papi_close(int *set) {
  if (*set == -1) return;
  pthread_mutex_lock(&lock);
  PAPI_cleanup_eventset(*set);
  PAPI_destroy_eventset(set);
  pthread_mutex_unlock(&lock);
  *set = -1;
}

/* A name of a processor's event, where the kernel shows no counters of one, fails for a reason that
 * PAPI does not know. */
enum { NO_COUNTERS = -1000 };

static int papi_add_where_there_is(int *set, const char *event) {
  const int status = papi_add(set, event);
  return status == PAPI_ENOEVNT && !l4r_pmu_exists("") ? NO_COUNTERS : status;
}

static const char *papi_why(int status) {
  if (status == NO_COUNTERS)
    return "the kernel sees no counters of the processor (a virtual machine without them)";
  const char *text = PAPI_strerror(status);
  return text ? text : "unknown PAPI error";
}

static const char *papi_component(void) {
  if (papi_open()) return "PAPI could not be initialised";
  const PAPI_component_info_t *info = PAPI_get_component_info(0);
  if (!info) return "PAPI has no component for the processor";
  return info->disabled ? info->disabled_reason : "";
}

static const char *papi_version(void) {
  static char text[32];
  pthread_mutex_lock(&lock);
  snprintf(text, sizeof text, "%d.%d", PAPI_VERSION_MAJOR(PAPI_VERSION),
           PAPI_VERSION_MINOR(PAPI_VERSION));
  pthread_mutex_unlock(&lock);
  return text;
}

const struct l4r_pmu l4r_pmu_papi = {.open = papi_open,
                                     .add = papi_add_where_there_is,
                                     .multiplex = papi_multiplex,
                                     .start = PAPI_start,
                                     .stop = PAPI_stop,
                                     .read = PAPI_read,
                                     .close = papi_close,
                                     .why = papi_why,
                                     .component = papi_component,
                                     .version = papi_version};
