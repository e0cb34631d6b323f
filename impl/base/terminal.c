/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int l4r_terminal_columns(int descriptor) {
  enum { USUAL = 80 };
  struct winsize size = {0};
  const char *term = getenv("TERM");
  if (!isatty(descriptor) || !term || !*term || !strcmp(term, "dumb")) return 0;
  return !ioctl(descriptor, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col : USUAL;
}

int l4r_terminal_has_colours(int descriptor) {
  const char *without = getenv("NO_COLOR");
  return !(without && *without) && l4r_terminal_columns(descriptor) > 0;
}

const char *l4r_colour(int descriptor, enum l4r_colour colour) {
  static const char *const sequence[] = {[L4R_PLAIN] = "\033[0m",
                                         [L4R_BOLD] = "\033[1m",
                                         [L4R_FAINT] = "\033[2m",
                                         [L4R_RED] = "\033[31m",
                                         [L4R_YELLOW] = "\033[33m"};
  return l4r_terminal_has_colours(descriptor) ? sequence[colour] : "";
}

char *l4r_cut_columns(char *text, int columns) {
  for (char *at = text; *at; at++)
    if (((unsigned char)*at & 0xc0) != 0x80 && columns-- <= 0) {
      *at = '\0';
      break;
    }
  return text;
}
