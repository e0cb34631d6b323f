/* SPDX-License-Identifier: BSD-3-Clause */
/* SHA-256 of texts and files. */
#ifndef L4R_BASE_HASH_H
#define L4R_BASE_HASH_H

#include <stddef.h>

/* Compute the SHA-256 (libcrypto) as 64 lower-case hex digits and NUL. */
int l4r_sha256_file(const char *path, char hex[65]);
void l4r_sha256(const void *content, size_t bytes, char hex[65]);

/* The same of content that comes in parts: begin returns NULL without memory, end releases it and
 * is right after NULL too (hex is then empty). One thread at a time. */
struct l4r_sha256_parts;
struct l4r_sha256_parts *l4r_sha256_begin(void);
void l4r_sha256_add(struct l4r_sha256_parts *parts, const void *content, size_t bytes);
void l4r_sha256_end(struct l4r_sha256_parts *parts, char hex[65]);

#endif
