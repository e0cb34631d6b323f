/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds by trying which events count here, and which of them at once. */
#include "bench/counters/pmu_events.h"

#include "bench/counters/pmu_load.h"
#include "impl/base/error.h"
#include "impl/base/number.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

enum { SPINS = 2000000, SPINS_TOGETHER = 200000 };
/* Debian's default; PAPI 7 asks for this level alone, whoever the user is. */
enum { PAPI_REFUSES_ALL = 3 };

void l4r_pmu_load(void) {
  l4r_pmu_work(SPINS);
}

/* Tries one event alone. Returns NULL when it counts, else why it does not. */
static const char *try_event(const struct l4r_pmu *pmu, const char *native,
                             enum l4r_event_zero zero) {
  int set = -1;
  long long value = 0;
  int status = pmu->add(&set, native);
  if (!status) status = pmu->start(set);
  if (!status) {
    l4r_pmu_work(SPINS);
    status = pmu->stop(set, &value);
  }
  pmu->close(&set);
  if (status) return pmu->why(status);
  return value > 0 || (value == 0 && zero == L4R_ZERO_UNPROVEN)
             ? NULL
             : "it reads 0 in a loop that must make it count";
}

static int is_software(const char *native) {
  static const char *const names[] = {
      "perf::CONTEXT-SWITCHES", "perf::PAGE-FAULTS", "perf::CPU-MIGRATIONS", "perf::MINOR-FAULTS",
      "perf::MAJOR-FAULTS",     "perf::TASK-CLOCK",  "perf::CPU-CLOCK"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    const size_t n = strlen(names[i]); /* what may follow is for whom it counts: ":u=1:k=1" */
    if (!strncmp(native, names[i], n) && (native[n] == '\0' || native[n] == ':')) return 1;
  }
  return 0;
}

/* The place of a native event among those counted, new or known; -1 when there is no room. */
static int count_event(struct l4r_pmu_session *session, const char *native,
                       enum l4r_event_zero zero) {
  for (int e = 0; e < session->events; ++e)
    if (!strcmp(session->event[e].name, native)) return e;
  if (session->events == L4R_PMU_EVENTS) return -1;
  session->event[session->events] = (struct l4r_pmu_event){
      .name = native, .zero = zero, .pass = -1, .software = is_software(native)};
  return session->events++;
}

static int is_counted(const struct l4r_pmu_session *session, const char *native) {
  for (int e = 0; e < session->events; ++e)
    if (!strcmp(session->event[e].name, native)) return 1;
  return 0;
}

static void find_event(struct l4r_pmu_session *session, const struct l4r_event *event,
                       struct l4r_pmu_found *found) {
  for (int n = 0; n < event->natives && found->event < 0; ++n) {
    const char *native = event->native[n];
    const char *why = is_counted(session, native) ? NULL
                                                  : try_event(session->pmu, native, event->zero);
    if (!why) {
      found->event = count_event(session, native, event->zero);
      if (found->event < 0) why = "too many events at once; ask for fewer groups";
    }
    if (why && n > 0) continue; /* the first name's reason tells most */
    snprintf(found->reason, sizeof found->reason, "%.100s%s%.85s", native, why ? ": " : "",
             why ? why : "");
  }
}

/* A 0 means something only beside an event of the group that was seen to count. */
static void drop_unproven(struct l4r_pmu_session *session, int g) {
  const struct l4r_group *group = &session->group[g];
  for (int i = 0; i < group->events; ++i)
    if (group->event[i].zero != L4R_ZERO_UNPROVEN && session->found[g][i].event >= 0) return;
  for (int i = 0; i < group->events; ++i) {
    if (session->found[g][i].event < 0) continue;
    session->found[g][i].event = -1;
    snprintf(session->found[g][i].reason, sizeof session->found[g][i].reason,
             "no event of the group was seen to count, so that its 0 would say nothing");
  }
}

/* 1 when these events, those of a pass and perhaps one more, count together. */
static int count_together(const struct l4r_pmu_session *session, int pass, int more) {
  const struct l4r_pmu *pmu = session->pmu;
  long long value[L4R_PMU_EVENTS] = {0};
  int set = -1, status = 0, at = 0;
  for (int e = 0; !status && e < session->events; ++e)
    if (session->event[e].pass == pass || e == more)
      status = pmu->add(&set, session->event[e].name);
  if (!status) status = pmu->start(set);
  if (!status) {
    l4r_pmu_work(SPINS_TOGETHER);
    status = pmu->stop(set, value);
  }
  pmu->close(&set);
  for (int e = 0; !status && e < session->events; ++e)
    if (session->event[e].pass == pass || e == more)
      /* some kernels take a set that does not fit and leave it without registers: all read 0 */
      status = value[at++] == 0 && session->event[e].zero == L4R_ZERO_NEVER;
  return !status;
}

/* Deals events to sets in their order, so that those of a group mostly share one. */
static void deal(struct l4r_pmu_session *session) {
  int pass = 0, members = 0;
  for (int e = 0; e < session->events; ++e) {
    if (members && !count_together(session, pass, e)) {
      pass++;
      members = 0;
    }
    if (pass == L4R_PMU_PASSES) break;
    session->event[e].pass = pass;
    members++;
  }
  session->passes = session->events ? pass + 1 : 0;
  if (pass < L4R_PMU_PASSES) return;
  session->passes = session->multiplexed = 1;
  for (int e = 0; e < session->events; ++e) session->event[e].pass = 0;
}

void l4r_pmu_find(struct l4r_pmu_session *session) {
  const int status = session->pmu->open();
  const char *component = status ? session->pmu->why(status) : session->pmu->component();
  for (int g = 0; g < session->groups; ++g) {
    for (int i = 0; i < session->group[g].events; ++i) {
      struct l4r_pmu_found *found = &session->found[g][i];
      found->event = -1;
      if (*component)
        snprintf(found->reason, sizeof found->reason, "no processor counters here (%.120s)",
                 component);
      else
        find_event(session, &session->group[g].event[i], found);
    }
    drop_unproven(session, g);
  }
  deal(session);
}

/* --- what would mend it --- */

/* The kernel shows a processor's counters as a device of this kind. */
int l4r_pmu_exists(const char *root) {
  static const char *const names[] = {"cpu", "cpu_core", "cpu_atom", "armv8", "arm"};
  char path[512];
  snprintf(path, sizeof path, "%s/sys/bus/event_source/devices", root);
  DIR *folder = opendir(path);
  int found = 0;
  for (struct dirent *entry; folder && !found && (entry = readdir(folder));)
    for (size_t i = 0; i < sizeof names / sizeof *names && !found; ++i)
      found = i < 3 ? !strcmp(entry->d_name, names[i])
                    : !strncmp(entry->d_name, names[i], strlen(names[i]));
  if (folder) closedir(folder);
  return found;
}

void l4r_pmu_advice(const char *root, int is_root, char *out, int size) {
  char path[512], line[32] = "";
  int64_t level = 0;
  snprintf(path, sizeof path, "%s/proc/sys/kernel/perf_event_paranoid", root);
  FILE *file = fopen(path, "r");
  *out = '\0';
  if (!file) {
    snprintf(out, (size_t)size,
             "the kernel has no perf events (no %s): use one built with CONFIG_PERF_EVENTS",
             "/proc/sys/kernel/perf_event_paranoid");
    return;
  }
  if (fgets(line, sizeof line, file)) line[strcspn(line, "\n")] = '\0';
  fclose(file);
  if (!l4r_pmu_exists(root))
    snprintf(out, (size_t)size,
             "the kernel sees no counters of the processor: a virtual machine without them; run on "
             "the host, or give the guest a PMU (KVM: -cpu host,pmu=on; cloud: a metal size)");
  else if (l4r_parse_int(line, &level))
    return;
  else if (is_root && level == PAPI_REFUSES_ALL)
    snprintf(out, (size_t)size,
             "perf_event_paranoid is %lld, at which PAPI counts nothing, not even for root: sudo "
             "sysctl kernel.perf_event_paranoid=1",
             (long long)level);
  else if (!is_root && level > 1)
    snprintf(out, (size_t)size,
             "perf_event_paranoid is %lld, which keeps users from counting %s: sudo sysctl "
             "kernel.perf_event_paranoid=1",
             (long long)level, level > 2 ? "anything" : "what the kernel does (group os)");
}
