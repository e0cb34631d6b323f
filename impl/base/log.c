/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/log.h"

#include "impl/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static int quiet;
static void (*on_warning)(void *context, const char *text);
static void *on_warning_context;

void l4r_log_quiet(int on) {
  quiet = on;
}

int l4r_log_is_quiet(void) {
  return quiet;
}

void l4r_on_warning(void (*listener)(void *context, const char *text), void *context) {
  on_warning = listener;
  on_warning_context = context;
}

static void print_line(const char *prefix, const char *format, va_list arguments) {
  char text[2048];
  size_t used = 0;
  l4r_text_add_list(text, sizeof text, &used, format, arguments);
  fprintf(stderr, "%s%s\n", prefix, text);
  if (on_warning && *prefix) on_warning(on_warning_context, text);
}

void l4r_info(const char *format, ...) {
  if (quiet) return;
  va_list arguments;
  va_start(arguments, format);
  print_line("", format, arguments);
  va_end(arguments);
}

void l4r_warn(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_line("warning: ", format, arguments);
  va_end(arguments);
}

static int64_t nanoseconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t l4r_now_ns(void) {
  return nanoseconds_of(CLOCK_MONOTONIC);
}

int64_t l4r_thread_ns(void) {
  return nanoseconds_of(CLOCK_THREAD_CPUTIME_ID);
}

void l4r_progress(const char *what, int64_t done, int64_t total, const char *note) {
  static int64_t started, shown;
  if (quiet) return;
  const int64_t now = l4r_now_ns();
  if (done == 0 || started == 0) started = shown = now;
  const int terminal = isatty(STDERR_FILENO);
  const int64_t pause = terminal ? 100000000 : 10000000000;
  if (done < total && (now - shown < pause || done == 0)) return;
  shown = now;
  const double seconds = (double)(now - started) * 1e-9;
  const double rate = seconds > 0 ? (double)done / seconds : 0;
  const double left = rate > 0 ? (double)(total - done) / rate : 0;
  fprintf(stderr, "%s%s %lld of %lld, %.4g/s, %.0f s left%s%s%s", terminal ? "\r\033[K" : "", what,
          (long long)done, (long long)total, rate, left, *note ? ", " : "", note,
          terminal && done < total ? "" : "\n");
  if (done >= total) started = 0;
}
