/* SPDX-License-Identifier: BSD-3-Clause */
/* Progress on a terminal of any width, and elsewhere. */
#include "impl/base/log.h"
#include "impl/base/terminal.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int master = -1;

/* Makes standard error a terminal of so many columns. */
static void at_terminal(unsigned short columns) {
  const struct winsize size = {.ws_row = 24, .ws_col = columns};
  if (master < 0) {
    master = posix_openpt(O_RDWR | O_NOCTTY);
    cr_assert(master >= 0 && !grantpt(master) && !unlockpt(master));
    const int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    cr_assert(slave >= 0);
    fflush(stderr);
    dup2(slave, STDERR_FILENO);
    close(slave);
  }
  cr_assert_eq(ioctl(STDERR_FILENO, TIOCSWINSZ, &size), 0);
}

/* What was written to the terminal since the last call. The kernel hands it over a write at a time
 * and a little later, so it is whole once nothing has come for a moment. */
static const char *written(void) {
  static char text[8192];
  size_t used = 0;
  ssize_t n = 1;
  struct pollfd coming = {.fd = master, .events = POLLIN};
  fflush(stderr);
  while (n > 0 && used < sizeof text - 1 && poll(&coming, 1, 100) > 0) {
    n = read(master, text + used, sizeof text - 1 - used);
    used += n > 0 ? (size_t)n : 0;
  }
  text[used] = '\0';
  return text;
}

/* The longest line in columns, escapes left out. */
static int widest(const char *text) {
  int most = 0, now = 0;
  for (; *text; text++) {
    if (*text == '\033') {
      text += strcspn(text, "mK");
      continue;
    }
    now = *text == '\r' || *text == '\n' ? 0 : now + (((unsigned char)*text & 0xc0) != 0x80);
    if (now > most) most = now;
  }
  return most;
}

static void wait_a_moment(void) {
  usleep(110000); /* a line is redrawn ten times a second at most */
}

Test(progress, is_cut_to_the_width_that_the_terminal_has_now) {
  setenv("TERM", "xterm", 1);
  setenv("NO_COLOR", "1", 1);
  at_terminal(20);
  l4r_progress("accuracy of some arm with a name", 0, 100, "");
  wait_a_moment();
  l4r_progress("accuracy of some arm with a name", 25, 100, "and a note");
  const char *text = written();
  cr_assert_not_null(strstr(text, "25 %, "), "%s", text);
  cr_assert_not_null(strstr(text, " left"), "%s", text);
  cr_assert_eq(widest(text), 19, "%d columns: %s", widest(text), text);
  at_terminal(200);
  wait_a_moment();
  l4r_progress("accuracy of some arm with a name", 50, 100, "and a note");
  cr_assert_not_null(strstr(written(), "with a name 50 of 100, and a note"));
  l4r_info("a line of its own");
  text = written();
  cr_assert_eq(strncmp(text, "\r\033[Ka line of its own", 21), 0, "%s", text);
}

Test(progress, tells_one_time_left_for_the_whole) {
  setenv("TERM", "xterm", 1);
  setenv("NO_COLOR", "1", 1);
  at_terminal(80);
  l4r_progress_begin(100);
  l4r_progress_part(40, 20);
  wait_a_moment();
  l4r_progress("part", 1, 2, ""); /* 40 + 10 of 100 */
  const char *text = written();
  cr_assert_not_null(strstr(text, "50 %, 0 s left, part 1 of 2"), "%s", text);
  char word[L4R_PROGRESS_WORD];
  cr_assert_gt(strlen(l4r_progress_word(word)), 8);
  l4r_progress_end();
  cr_assert_str_eq(written(), "\r\033[K");
  cr_assert_str_empty(l4r_progress_word(word));
  l4r_progress_take("no word of ours");
  cr_assert_str_empty(l4r_progress_word(word));
}

/* The last step of an epoch is not the end of a training. */
Test(progress, a_part_that_ends_does_not_end_the_whole) {
  setenv("TERM", "xterm", 1);
  setenv("NO_COLOR", "1", 1);
  at_terminal(80);
  const struct l4r_progress_whole whole = {30, 90};
  l4r_progress_within("epoch 1", 3, 4, whole, "");
  wait_a_moment();
  l4r_progress_within("epoch 1", 4, 4, whole, "");
  const char *text = written();
  cr_assert_not_null(strstr(text, "25 %, 1:30 min left, epoch 1 4 of 4"), "%s", text);
}

Test(progress, a_dumb_terminal_gets_plain_lines_half_a_minute_apart) {
  setenv("TERM", "dumb", 1);
  at_terminal(80);
  l4r_progress("work", 0, 10, "");
  wait_a_moment();
  l4r_progress("work", 5, 10, "");
  l4r_progress("work", 10, 10, "");
  cr_assert_str_empty(written());
  l4r_warn("a warning");
  cr_assert_str_eq(written(), "warning: a warning\r\n");
}

static int heard;
static void hear(void *context, const char *text) {
  (void)context;
  heard += !strcmp(text, "a warning");
}

Test(progress, quiet_says_nothing_and_warnings_are_still_heard) {
  setenv("TERM", "xterm", 1);
  at_terminal(80);
  l4r_log_quiet(1);
  l4r_on_warning(hear, NULL);
  l4r_progress("work", 0, 10, "");
  wait_a_moment();
  l4r_progress("work", 5, 10, "");
  l4r_info("a line");
  l4r_warn("a warning");
  cr_assert_str_empty(written());
  cr_assert_eq(heard, 1);
}

Test(terminal, colours_hang_on_the_terminal_and_on_no_color) {
  at_terminal(80);
  setenv("TERM", "xterm", 1);
  unsetenv("NO_COLOR");
  cr_assert_str_eq(l4r_colour(STDERR_FILENO, L4R_RED), "\033[31m");
  setenv("NO_COLOR", "1", 1);
  cr_assert_str_empty(l4r_colour(STDERR_FILENO, L4R_RED));
  setenv("NO_COLOR", "", 1); /* empty: as if it were not set */
  cr_assert_str_eq(l4r_colour(STDERR_FILENO, L4R_PLAIN), "\033[0m");
  setenv("TERM", "dumb", 1);
  cr_assert_str_empty(l4r_colour(STDERR_FILENO, L4R_RED));
  cr_assert_eq(l4r_terminal_columns(STDERR_FILENO), 0);
  const int file = open("/dev/null", O_WRONLY);
  setenv("TERM", "xterm", 1);
  cr_assert_eq(l4r_terminal_columns(file), 0);
  close(file);
}

Test(terminal, a_text_is_cut_between_characters) {
  char text[] = "aµ€z";
  cr_assert_str_eq(l4r_cut_columns(text, 3), "aµ€");
  cr_assert_str_eq(l4r_cut_columns(text, 2), "aµ");
  cr_assert_str_eq(l4r_cut_columns(text, 0), "");
}

Test(terminal, durations) {
  char text[16];
  cr_assert_str_eq(l4r_duration_text(text, 59.4), "59 s");
  cr_assert_str_eq(l4r_duration_text(text, 80), "1:20 min");
  cr_assert_str_eq(l4r_duration_text(text, 3 * 3600 + 5 * 60), "3:05 h");
  cr_assert_str_eq(l4r_duration_text(text, -1), "0 s");
}
