/* SPDX-License-Identifier: BSD-3-Clause */
/* SHA-256 through libcrypto. */
#include "impl/base/hash.h"

#include "impl/base/error.h"
#include "impl/base/memory.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void to_hex(const unsigned char digest[32], char hex[65]) {
  for (int i = 0; i < 32; ++i) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void l4r_sha256(const void *content, size_t bytes, char hex[65]) {
  unsigned char digest[32] = {0};
  EVP_Digest(content, bytes, digest, NULL, EVP_sha256(), NULL);
  to_hex(digest, hex);
}

struct l4r_sha256_parts {
  EVP_MD_CTX *context;
  int good;
};

struct l4r_sha256_parts *l4r_sha256_begin(void) {
  struct l4r_sha256_parts *parts = l4r_alloc(1, sizeof *parts, "a hash");
  if (!parts) return NULL;
  parts->context = EVP_MD_CTX_new();
  parts->good = parts->context && EVP_DigestInit_ex(parts->context, EVP_sha256(), NULL);
  return parts;
}

void l4r_sha256_add(struct l4r_sha256_parts *parts, const void *content, size_t bytes) {
  if (parts) parts->good = parts->good && EVP_DigestUpdate(parts->context, content, bytes);
}

void l4r_sha256_end(struct l4r_sha256_parts *parts, char hex[65]) {
  unsigned char digest[32] = {0};
  hex[0] = '\0';
  if (!parts) return;
  if (parts->good && EVP_DigestFinal_ex(parts->context, digest, NULL)) to_hex(digest, hex);
  EVP_MD_CTX_free(parts->context);
  l4r_free(parts);
}

int l4r_sha256_file(const char *path, char hex[65]) {
  struct stat info;
  if (stat(path, &info)) return l4r_fail_errno(L4R_INPUT, "cannot open %s", path);
  if (!S_ISREG(info.st_mode)) /* a pipe nobody writes to would not even open */
    return l4r_fail(L4R_INPUT, "%s: cannot be read to its end: it is no file", path);
  FILE *file = fopen(path, "rb");
  if (!file) return l4r_fail_errno(L4R_INPUT, "cannot open %s", path);
  struct l4r_sha256_parts *parts = l4r_sha256_begin();
  unsigned char block[65536];
  for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
    l4r_sha256_add(parts, block, got);
  const int bad = ferror(file);
  l4r_sha256_end(parts, hex);
  fclose(file);
  return bad || !hex[0] ? l4r_fail(L4R_INPUT, "%s: cannot be read to its end", path) : L4R_OK;
}
