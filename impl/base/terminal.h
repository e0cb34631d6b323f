/* SPDX-License-Identifier: BSD-3-Clause */
/* What a person sees on: whether a stream is a terminal that can redraw a line, how wide it is, and
 * whether it is to have colours. */
#ifndef L4R_BASE_TERMINAL_H
#define L4R_BASE_TERMINAL_H

#include <stddef.h>

/* Returns the columns of the terminal behind a descriptor, 80 where it does not say; 0 where it is
 * no terminal, or one that cannot move its cursor (TERM unset or "dumb"). It is asked at each call,
 * so that a window that changes its size (SIGWINCH) is followed without a handler. */
int l4r_terminal_columns(int descriptor);

/* Returns 1 for such a terminal unless NO_COLOR is set and not empty (no-color.org). */
int l4r_terminal_has_colours(int descriptor);

enum l4r_colour { L4R_PLAIN, L4R_BOLD, L4R_FAINT, L4R_RED, L4R_YELLOW };
/* Returns the sequence that begins the colour, and for L4R_PLAIN the one that ends any; "" where
 * the descriptor has no colours. */
const char *l4r_colour(int descriptor, enum l4r_colour colour);

/* Shortens a UTF-8 text to so many columns, a character each; returns `text`. */
char *l4r_cut_columns(char *text, int columns);

#endif
