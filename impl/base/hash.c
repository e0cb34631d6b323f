/* SPDX-License-Identifier: BSD-3-Clause */
/* SHA-256 through libcrypto. */
#include "impl/base/hash.h"

#include "impl/base/error.h"

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

int l4r_sha256_file(const char *path, char hex[65]) {
  struct stat info;
  if (stat(path, &info)) return l4r_fail_errno(L4R_INPUT, "cannot open %s", path);
  if (!S_ISREG(info.st_mode)) /* a pipe nobody writes to would not even open */
    return l4r_fail(L4R_INPUT, "%s: cannot be read to its end: it is no file", path);
  FILE *file = fopen(path, "rb");
  if (!file) return l4r_fail_errno(L4R_INPUT, "cannot open %s", path);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  unsigned char block[65536], digest[32] = {0};
  int good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL);
  for (size_t got; good && (got = fread(block, 1, sizeof block, file)) > 0;)
    good = EVP_DigestUpdate(context, block, got);
  good = good && !ferror(file) && EVP_DigestFinal_ex(context, digest, NULL);
  EVP_MD_CTX_free(context);
  fclose(file);
  if (!good) return l4r_fail(L4R_INPUT, "%s: cannot be read to its end", path);
  to_hex(digest, hex);
  return L4R_OK;
}
