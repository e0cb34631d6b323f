/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/base/error.h"

#include "impl/base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_MAX = 2048 };
static _Thread_local char message[MESSAGE_MAX];

int l4r_fail(int code, const char *format, ...) {
  char text[MESSAGE_MAX]; /* a copy, because an argument may be the old message */
  size_t used = 0;
  va_list arguments;
  va_start(arguments, format);
  l4r_text_add_list(text, sizeof text, &used, format, arguments);
  va_end(arguments);
  memcpy(message, text, sizeof message);
  return code;
}

int l4r_fail_context(int code, const char *format, ...) {
  char text[MESSAGE_MAX];
  size_t used = 0;
  va_list arguments;
  va_start(arguments, format);
  l4r_text_add_list(text, sizeof text, &used, format, arguments);
  va_end(arguments);
  l4r_text_add(text, sizeof text, &used, ": %s", message);
  memcpy(message, text, sizeof message);
  return code;
}

int l4r_fail_errno(int code, const char *format, ...) {
  const int error = errno;
  char text[MESSAGE_MAX];
  size_t used = 0;
  va_list arguments;
  va_start(arguments, format);
  l4r_text_add_list(text, sizeof text, &used, format, arguments);
  va_end(arguments);
  l4r_text_add(text, sizeof text, &used, ": %s", strerror(error));
  memcpy(message, text, sizeof message);
  return code;
}

const char *l4r_error_message(void) {
  return message;
}

void l4r_error_clear(void) {
  message[0] = '\0';
}

int l4r_exit_code(int status) {
  return status < 0 && status >= L4R_NOISY ? -status : status == 0 ? 0 : 1;
}
