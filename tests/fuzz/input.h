/* SPDX-License-Identifier: BSD-3-Clause */
/* What the fuzz targets share: inputs as files. A target reads by path, as the program does, so
 * what is fuzzed is the reader whole: file size, mapping, lines, messages. */
#ifndef L4R_TESTS_FUZZ_INPUT_H
#define L4R_TESTS_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

/* A folder of this process's own below /dev/shm or /tmp, removed at exit. Aborts without one. */
const char *fuzz_folder(void);

/* Writes folder/name anew with these bytes; returns its path, valid until the next call for the
 * same `slot` (0 to 3). */
const char *fuzz_file(int slot, const char *name, const uint8_t *data, size_t size);

/* Cuts data at the first line that is "-----\n": a target that reads several files finds them in
 * one input. Returns the first part's size; *rest is what comes after (size 0: nothing). */
size_t fuzz_cut(const uint8_t *data, size_t size, const uint8_t **rest, size_t *rest_size);

/* What every status must be: a failure says why, success says nothing new. Aborts otherwise. */
void fuzz_check(int status);

/* libFuzzer's entry, defined by each target. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
