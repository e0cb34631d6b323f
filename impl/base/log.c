/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/log.h"

#include "impl/base/terminal.h"
#include "impl/base/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static int quiet;
static void (*on_warning)(void *context, const char *text);
static void *on_warning_context;
static int is_drawn; /* the status line stands on the terminal */

/* Removes the status line, so that what follows begins a line. */
static void clear_line(void) {
  if (is_drawn) fputs("\r\033[K", stderr);
  is_drawn = 0;
}

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

void l4r_info(const char *format, ...) {
  char text[2048];
  size_t used = 0;
  if (quiet) return;
  va_list arguments;
  va_start(arguments, format);
  l4r_text_add_list(text, sizeof text, &used, format, arguments);
  va_end(arguments);
  clear_line();
  fprintf(stderr, "%s\n", text);
}

void l4r_warn(const char *format, ...) {
  char text[2048];
  size_t used = 0;
  va_list arguments;
  va_start(arguments, format);
  l4r_text_add_list(text, sizeof text, &used, format, arguments);
  va_end(arguments);
  if (!quiet) {
    clear_line();
    fprintf(stderr, "%swarning:%s %s\n", l4r_colour(STDERR_FILENO, L4R_YELLOW),
            l4r_colour(STDERR_FILENO, L4R_PLAIN), text);
  }
  if (on_warning) on_warning(on_warning_context, text);
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

/* --- progress ------------------------------------------------------------------------------------
 */

static const int64_t REDRAWN_NS = 100000000, PLAIN_NS = 30000000000;

static struct { /* work of several parts; total 0: none */
  int64_t begun_ns;
  double total, from, seconds;
} whole;
static int64_t shown_ns; /* when a line was last shown */
static int plain_lines;  /* shown since the work began */

const char *l4r_duration_text(char out[16], double seconds) {
  const long long whole_seconds = seconds > 0 && seconds < 1e9 ? (long long)(seconds + .5) : 0;
  if (whole_seconds < 60)
    l4r_text_set(out, 16, "%lld s", whole_seconds);
  else if (whole_seconds < 3600)
    l4r_text_set(out, 16, "%lld:%02lld min", whole_seconds / 60, whole_seconds % 60);
  else
    l4r_text_set(out, 16, "%lld:%02lld h", whole_seconds / 3600, whole_seconds / 60 % 60);
  return out;
}

void l4r_progress_begin(double total) {
  whole.begun_ns = l4r_now_ns();
  whole.total = total;
  whole.from = whole.seconds = 0;
  shown_ns = whole.begun_ns;
  plain_lines = 0;
}

void l4r_progress_part(double from, double seconds) {
  whole.from = from;
  whole.seconds = seconds;
}

void l4r_progress_end(void) {
  whole.total = 0;
  clear_line();
}

const char *l4r_progress_word(char out[L4R_PROGRESS_WORD]) {
  *out = '\0';
  if (whole.total > 0)
    l4r_text_set(out, L4R_PROGRESS_WORD, "%" PRId64 ",%" PRId64 ",%.6g,%.6g,%.6g", whole.begun_ns,
                 shown_ns, whole.total, whole.from, whole.seconds);
  is_drawn |= *out && l4r_terminal_columns(STDERR_FILENO) > 0; /* there, and left standing */
  return out;
}

void l4r_progress_take(const char *word) {
  int64_t begun, shown;
  double total, from, seconds;
  if (sscanf(word, "%" SCNd64 ",%" SCNd64 ",%lf,%lf,%lf", &begun, &shown, &total, &from,
             &seconds) != 5)
    return;
  whole.begun_ns = begun;
  whole.total = total;
  whole.from = from;
  whole.seconds = seconds;
  shown_ns = shown;
  is_drawn = l4r_terminal_columns(STDERR_FILENO) > 0; /* maybe: the other process may have drawn */
}

static void show(double share, double left, const char *text) {
  const int columns = l4r_terminal_columns(STDERR_FILENO);
  char line[512], time[16];
  size_t used = 0;
  l4r_text_add(line, sizeof line, &used, "%.0f %%, ", 100 * share);
  if (left >= 0) l4r_text_add(line, sizeof line, &used, "%s left, ", l4r_duration_text(time, left));
  l4r_text_add(line, sizeof line, &used, "%s", text);
  if (columns) {
    /* the last column stays free: some terminals begin a new line when it is written */
    fprintf(stderr, "\r\033[K%s%s%s", l4r_colour(STDERR_FILENO, L4R_FAINT),
            l4r_cut_columns(line, columns - 1), l4r_colour(STDERR_FILENO, L4R_PLAIN));
    is_drawn = 1;
  } else {
    fprintf(stderr, "%s\n", line);
    plain_lines++;
  }
}

/* Shows a line unless one was shown a moment ago. of: what the caller knows of the whole, or
 * NULL. */
static void progress(const char *what, int64_t done, int64_t total,
                     const struct l4r_progress_whole *of, const char *note) {
  static int64_t started;
  if (quiet) return;
  const int64_t now = l4r_now_ns();
  const int in_place = l4r_terminal_columns(STDERR_FILENO) > 0;
  const int alone = whole.total <= 0, ends = alone && !of && done >= total;
  if (alone && (done == 0 || started == 0)) {
    started = shown_ns = now;
    plain_lines = 0;
  }
  if (ends) {
    started = 0;
    clear_line();
    if (in_place || !plain_lines) return; /* what was short needs no last line */
  } else if (now - shown_ns < (in_place ? REDRAWN_NS : PLAIN_NS)) {
    return;
  }
  char text[384];
  const double part = total > 0 ? (double)done / (double)total : 1;
  double share = alone ? part : (whole.from + whole.seconds * part) / whole.total;
  const double taken = (double)(now - (alone ? started : whole.begun_ns)) * 1e-9;
  double left = share > 0 ? taken * (1 - share) / share : alone ? -1 : whole.total;
  if (of) left = of->left;
  if (of && of->left >= 0) share = of->taken / (of->taken + of->left + 1e-9);
  shown_ns = now;
  l4r_text_set(text, sizeof text, "%s %lld of %lld%s%s", what, (long long)done, (long long)total,
               *note ? ", " : "", note);
  show(share < 1 ? share : 1, ends ? 0 : left, text);
}

void l4r_progress(const char *what, int64_t done, int64_t total, const char *note) {
  progress(what, done, total, NULL, note);
}

void l4r_progress_within(const char *what, int64_t done, int64_t total,
                         struct l4r_progress_whole of, const char *note) {
  progress(what, done, total, &of, note);
}
