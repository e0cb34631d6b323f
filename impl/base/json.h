/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON that is whole or not written. A value is put together by hundreds of calls, each of which
 * fails when memory is short and leaves a member out; asking after each is easily forgotten. So the
 * allocator remembers: once an allocation for JSON has failed, nothing that this process makes is
 * sealed, committed or reported as done. The call itself is served from memory kept for that,
 * because jansson's parser does not survive a failure; a process that has none left ends with exit
 * code 4. */
#ifndef L4R_BASE_JSON_H
#define L4R_BASE_JSON_H

#include <stddef.h>

/* Lets jansson allocate by `take` (NULL: malloc), whose memory free() takes, and forgets earlier
 * failures. Before any use of jansson: the first thing a program does; tests hand in a `take` that
 * fails. */
void l4r_json_guard(void *(*take)(size_t bytes));

/* Returns L4R_ENVIRONMENT, saying that `what` would have holes, when an allocation for JSON has
 * failed in this process or in its parent before a fork; else L4R_OK. Thread-safe. */
int l4r_json_whole(const char *what);

#endif
