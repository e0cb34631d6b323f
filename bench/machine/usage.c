/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/usage.h"

#include "impl/base/error.h"
#include "impl/base/kin.h"
#include "impl/base/log.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double SHARE_MOST = 1.1, SLACK_SECONDS = .1, BUSY_SHARE = .02, BUSY_BESIDE = .2;
enum { COMPUTED_NS = 500000 };

static int read_text(const char *path, char *text, size_t size) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t got = file < 0 ? -1 : read(file, text, size - 1);
  if (file >= 0) close(file);
  text[got > 0 ? got : 0] = '\0';
  return got > 0;
}

struct stat_line { /* members of /proc/PID/stat, in ticks */
  long own_ticks, children_ticks;
  int last;
};

static int read_stat(const char *path, struct stat_line *line) {
  char text[1024];
  long user, system, of_user, of_system;
  if (!read_text(path, text, sizeof text)) return 0;
  const char *at = strrchr(text, ')'); /* the name may hold anything */
  if (!at || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld %ld %ld", &user,
                    &system, &of_user, &of_system) != 4)
    return 0;
  int field = 3;
  for (at += 2; *at && field < 39; at++) field += *at == ' ';
  *line = (struct stat_line){user + system, of_user + of_system, field == 39 ? atoi(at) : -1};
  return 1;
}

static int64_t ticks_ns(long ticks) {
  return (int64_t)((double)ticks * 1e9 / (double)sysconf(_SC_CLK_TCK));
}

/* Of a whole process, threads that ended included; its clock has nanoseconds, its stat ticks. */
static int64_t process_ns(pid_t pid) {
  char path[64];
  struct stat_line line;
  struct timespec cpu;
  clockid_t clock;
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  if (!read_stat(path, &line)) return 0;
  int64_t own = ticks_ns(line.own_ticks);
  if (!clock_getcpuclockid(pid, &clock) && !clock_gettime(clock, &cpu))
    own = (int64_t)cpu.tv_sec * 1000000000 + cpu.tv_nsec;
  return own + ticks_ns(line.children_ticks);
}

static void read_task(pid_t process, pid_t thread, struct l4r_usage_task *task) {
  char path[96], text[256];
  struct stat_line line = {.last = -1};
  long long ns, wait;
  *task = (struct l4r_usage_task){.process = process, .thread = thread, .last = -1};
  snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)process, (int)thread);
  if (read_stat(path, &line)) task->last = line.last;
  task->ns = ticks_ns(line.own_ticks);
  snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", (int)process, (int)thread);
  if (read_text(path, text, sizeof text) && sscanf(text, "%lld %lld", &ns, &wait) == 2) {
    task->ns = ns;
    task->wait = wait;
  }
  if (sched_getaffinity(thread, sizeof task->affinity, &task->affinity)) CPU_ZERO(&task->affinity);
}

static void read_process(pid_t pid, struct l4r_cpu_usage *usage) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
  DIR *folder = opendir(path);
  const struct dirent *entry;
  usage->processes++;
  usage->cpu_ns += process_ns(pid);
  while (folder && usage->tasks < L4R_USAGE_TASKS && (entry = readdir(folder)))
    if (entry->d_name[0] != '.')
      read_task(pid, (pid_t)atoi(entry->d_name), &usage->task[usage->tasks++]);
  if (folder) closedir(folder);
}

void l4r_usage_read(struct l4r_cpu_usage *usage) {
  static _Thread_local pid_t kin[L4R_KIN_MOST];
  const int others = l4r_kin_find(getpid(), 1, kin);
  usage->cpu_ns = usage->processes = usage->tasks = 0;
  usage->at_ns = l4r_now_ns();
  read_process(getpid(), usage);
  usage->others_ns = -usage->cpu_ns;
  for (int i = 0; i < others; i++) read_process(kin[i], usage);
  usage->others_ns += usage->cpu_ns;
}

static double waited(const struct l4r_cpu_usage *before, const struct l4r_cpu_usage *after) {
  const pid_t self = after->tasks ? after->task[0].process : 0;
  int64_t serving = 0, other = 0;
  for (int t = 0; t < after->tasks; t++) {
    const struct l4r_usage_task *task = &after->task[t];
    int64_t wait = task->wait;
    for (int b = 0; b < before->tasks; b++)
      if (before->task[b].process == task->process && before->task[b].thread == task->thread)
        wait -= before->task[b].wait;
    if (task->process == self && task->thread == self) serving = wait;
    if (task->process != self && wait > other) other = wait;
  }
  return (double)(serving + other) * 1e-9;
}

static int64_t spent(const struct l4r_cpu_usage *before, const struct l4r_usage_task *task) {
  for (int t = 0; t < before->tasks; t++)
    if (before->task[t].process == task->process && before->task[t].thread == task->thread)
      return task->ns - before->task[t].ns;
  return task->ns;
}

/* A processor of the task's that is none of the pin's; -1: all of them are. */
static int stray(const struct l4r_pin *pin, const struct l4r_usage_task *task) {
  cpu_set_t mine, strange;
  CPU_ZERO(&mine);
  for (int i = 0; i < pin->threads; i++)
    if (pin->processor[i] < CPU_SETSIZE) CPU_SET(pin->processor[i], &mine);
  if (task->last >= 0 && task->last < CPU_SETSIZE && !CPU_ISSET(task->last, &mine))
    return task->last;
  CPU_AND(&strange, &task->affinity, &mine);
  CPU_XOR(&strange, &strange, &task->affinity);
  for (int p = 0; p < CPU_SETSIZE; p++)
    if (CPU_ISSET(p, &strange)) return p;
  return -1;
}

/* Beside the busiest, because on a machine that others use all of them get less. */
static int count_busy(const struct l4r_cpu_usage *before, const struct l4r_cpu_usage *after,
                      double seconds) {
  const pid_t self = after->tasks ? after->task[0].process : 0;
  int64_t most = 0;
  int busy = 0;
  for (int turn = 0; turn < 2; turn++)
    for (int t = 0; t < after->tasks; t++) {
      const struct l4r_usage_task *task = &after->task[t];
      if ((after->processes > 1) != (task->process != self)) continue;
      const int64_t ns = spent(before, task);
      if (turn == 0 && ns > most) most = ns;
      if (turn == 1)
        busy += (double)ns * 1e-9 >= BUSY_SHARE * seconds &&
                (double)ns >= BUSY_BESIDE * (double)most;
    }
  return busy;
}

int l4r_usage_judge(const struct l4r_cpu_usage *before, const struct l4r_cpu_usage *after,
                    const struct l4r_pin *pin, struct l4r_usage_span *span) {
  const double seconds = (double)(after->at_ns - before->at_ns) * 1e-9;
  *span = (struct l4r_usage_span){
      .seconds = seconds,
      .cpu_seconds = (double)(after->cpu_ns - before->cpu_ns) * 1e-9,
      .others_cpu_seconds = (double)(after->others_ns - before->others_ns) * 1e-9,
      .wait_seconds = waited(before, after),
      .processes = after->processes};
  span->busy = count_busy(before, after, seconds);
  for (int t = 0; t < after->tasks; t++) {
    const struct l4r_usage_task *task = &after->task[t];
    const int64_t ns = spent(before, task);
    const int processor = pin->bound && ns >= COMPUTED_NS ? stray(pin, task) : -1;
    if (processor >= 0)
      return l4r_fail(L4R_CHECK,
                      "thread %d of process %d computed for %.1f ms of the timed part and may run "
                      "on processor %d, which is not among those that the run is pinned to",
                      (int)task->thread, (int)task->process, (double)ns * 1e-6, processor);
  }
  if (span->cpu_seconds <= SHARE_MOST * seconds * pin->threads + SLACK_SECONDS) return L4R_OK;
  return l4r_fail(L4R_CHECK,
                  "its processes took %.2f s of processor time in a timed part of %.2f s on %d "
                  "thread%s: more threads computed than the run has",
                  span->cpu_seconds, seconds, pin->threads, pin->threads == 1 ? "" : "s");
}
