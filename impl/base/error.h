/* SPDX-License-Identifier: BSD-3-Clause */
/* The one error rule of this project.
 *
 * Every function that can fail returns 0 or one of the negative codes below, and leaves a message
 * for a person in a buffer of the calling thread: what was wrong, where (file, line, byte, tensor),
 * what to do next. Nothing below main prints an error or exits. A function that fails leaves its
 * outputs untouched, unless its header says otherwise, and frees what it took. */
#ifndef L4R_BASE_ERROR_H
#define L4R_BASE_ERROR_H

enum l4r_status {
  L4R_OK = 0,
  L4R_CHECK = -1,       /* a check or gate failed; exit code 1 */
  L4R_USAGE = -2,       /* the command line or an option is wrong; exit code 2 */
  L4R_INPUT = -3,       /* a file's content is wrong; exit code 3 */
  L4R_ENVIRONMENT = -4, /* memory, disk, rights, processors, a library; exit code 4 */
  L4R_NOISY = -5,       /* a gate cannot tell: the measurements vary too much; exit code 5 */
};

/* Stores a message (printf format) and returns `code`, so that `return l4r_fail(...)` reads well.
 * Replaces an earlier message of this thread. Messages are cut at 2,047 bytes. */
int l4r_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before the stored message, to say where while an error travels up. Returns
 * `code`. */
int l4r_fail_context(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Does as l4r_fail and appends errno's text: "cannot open x: No such file or directory". */
int l4r_fail_errno(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns the last message of the calling thread, "" if there is none. Valid until the next
 * l4r_fail*. */
const char *l4r_error_message(void);

/* Forgets the message, so that a stale one is not taken for that of a call which leaves none. */
void l4r_error_clear(void);

/* Returns the process exit code that belongs to a status: 0..5. */
int l4r_exit_code(int status);

#endif
