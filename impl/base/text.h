/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts put together piece by piece in a buffer of fixed size, and whether a text is UTF-8. */
#ifndef L4R_BASE_TEXT_H
#define L4R_BASE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/* Appends (printf format) to the text of *used bytes in text[size]; *used 0 begins a new one, and
 * 0 < size. The text stays NUL-terminated whatever is added: what has no room is cut at a whole
 * UTF-8 character, and "..." (as many dots as fit) at the end says so; from then on *used is
 * size - 1, and nothing more is added. Bytes that are no UTF-8, as a precision leaves of a name
 * that it cuts, become '?'. Returns 0, or 1 when the text is cut. Thread-safe. */
int l4r_text_add(char *text, size_t size, size_t *used, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Writes a new text into text[size], with the same guarantees. */
int l4r_text_set(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Does as l4r_text_add, with the arguments of another function. */
int l4r_text_add_list(char *text, size_t size, size_t *used, const char *format, va_list arguments)
    __attribute__((format(printf, 4, 0)));

/* Returns 1 when `text` is valid UTF-8 (no surrogates, no overlong forms), else 0 and sets
 * *bad_byte. */
int l4r_utf8_valid(const char *text, size_t bytes, size_t *bad_byte);

#endif
