/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/ceiling/file.h"

#include "bench/record/text.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char l4r_ceilings_format[] = "lite4rec ceilings";
const char *const l4r_ceilings_levels[L4R_CEILINGS_LEVELS] = {"L1", "L2", "L3", "DRAM"};
#define MEASURE_AGAIN "measure again on that machine: lite4rec info --ceilings --json > FILE"

/* A speed: positive and finite, or nothing where it is not there. */
static int read_speed(const char *path, const json_t *value, const char *what, double *speed) {
  if (!value || json_is_null(value)) return L4R_OK;
  *speed = json_number_value(value);
  if (json_is_number(value) && *speed > 0 && isfinite(*speed)) return L4R_OK;
  return l4r_fail(L4R_INPUT, "%s: %s is no speed above 0: the file is damaged; " MEASURE_AGAIN,
                  path, what);
}

static int read_reads(const char *path, const json_t *row, struct l4r_ceilings_at *at) {
  size_t i;
  json_t *read;
  int status = L4R_OK;
  json_array_foreach(json_object_get(row, "read"), i, read)
    for (int level = 0; level < L4R_CEILINGS_LEVELS && !status; level++)
      if (!strcmp(l4r_text_at(read, "from"), l4r_ceilings_levels[level]))
        status = read_speed(path, json_object_get(read, "gb_per_s"), l4r_ceilings_levels[level],
                            &at->gb_per_s[level]);
  return status;
}

static int read_sgemm(const char *path, const json_t *row, struct l4r_ceilings_at *at) {
  size_t i;
  json_t *rival;
  int status = read_speed(path, json_object_get(row, "sgemm_gflops"), "sgemm", &at->sgemm);
  json_array_foreach(json_object_get(row, "rivals"), i, rival)
    if (!status && !strcmp(l4r_text_at(rival, "name"), "BLIS"))
      status = read_speed(path, json_object_get(rival, "gflops"), "BLIS", &at->sgemm);
  return status;
}

static int read_row(const char *path, const json_t *row, int is_old, struct l4r_ceilings_at *at) {
  static const char *const old[] = {[L4R_PEAK_FP32] = "fma_gflops",
                                    [L4R_PEAK_BF16] = "bf16_gflops",
                                    [L4R_PEAK_INT8] = "int8_gops"};
  int status = L4R_OK;
  at->threads = json_integer_value(json_object_get(row, "threads"));
  if (at->threads < 1)
    return l4r_fail(
        L4R_INPUT,
        "%s: a row of ceilings names no number of threads: the file is damaged; " MEASURE_AGAIN,
        path);
  for (int p = 0; p < L4R_PEAK_PRECISIONS && !status; p++) {
    const char *name = l4r_peak_precision_name((enum l4r_peak_precision)p);
    const json_t *best = json_object_get(json_object_get(row, "best"), name);
    if (!is_old)
      status = read_speed(path, json_object_get(best, "gops"), name, &at->gops[p]);
    else if (p <= L4R_PEAK_INT8 && old[p])
      status = read_speed(path, json_object_get(row, old[p]), name, &at->gops[p]);
  }
  if (!status && is_old) { /* of an old one the bf16 and int8 instructions alone were measured */
    at->gops[L4R_PEAK_BF16] = fmax(at->gops[L4R_PEAK_BF16], at->gops[L4R_PEAK_FP32]);
    at->gops[L4R_PEAK_INT8] = fmax(at->gops[L4R_PEAK_INT8], at->gops[L4R_PEAK_FP32]);
  }
  if (!status) status = read_sgemm(path, row, at);
  return status ? status : read_reads(path, row, at);
}

static int compare(const void *left, const void *right) {
  const struct l4r_ceilings_at *a = left, *b = right;
  return (a->threads > b->threads) - (a->threads < b->threads);
}

static int read_rows(const char *path, const json_t *root, struct l4r_ceilings *ceilings) {
  const json_t *rows = json_object_get(root, "ceilings"),
               *manifest = json_object_get(root, "manifest");
  const int is_old = !json_object_get(root, "format");
  int status = L4R_OK;
  if (!json_is_array(rows) || !json_array_size(rows) ||
      json_array_size(rows) > L4R_CEILINGS_THREADS)
    return l4r_fail(L4R_INPUT,
                    "%s: holds no list of one to %d rows of ceilings: the file is "
                    "damaged; " MEASURE_AGAIN,
                    path, L4R_CEILINGS_THREADS);
  for (size_t i = 0; i < json_array_size(rows) && !status; i++)
    status = read_row(path, json_array_get(rows, i), is_old, &ceilings->at[ceilings->count++]);
  l4r_text_set(ceilings->cpu, sizeof ceilings->cpu, "%s", l4r_text_at(manifest, "cpu"));
  l4r_text_set(ceilings->machine_key, sizeof ceilings->machine_key, "%s",
               l4r_text_at(manifest, "machine_key"));
  qsort(ceilings->at, (size_t)ceilings->count, sizeof *ceilings->at, compare);
  for (int i = 1; i < ceilings->count && !status; i++)
    if (ceilings->at[i].threads == ceilings->at[i - 1].threads)
      status = l4r_fail(L4R_INPUT,
                        "%s: two rows of %lld threads: the file is damaged; " MEASURE_AGAIN, path,
                        (long long)ceilings->at[i].threads);
  return status;
}

/* Of before there were versions, by a member that all of them have. */
static int is_old_file(const json_t *root) {
  return !json_object_get(root, "format") &&
         json_is_number(
             json_object_get(json_array_get(json_object_get(root, "ceilings"), 0), "fma_gflops"));
}

int l4r_ceilings_read(const char *path, struct l4r_ceilings *ceilings) {
  json_error_t error;
  json_t *root = json_load_file(path, 0, &error);
  int status = L4R_OK;
  *ceilings = (struct l4r_ceilings){.count = 0};
  if (!root && json_error_code(&error) == json_error_cannot_open_file)
    return l4r_fail(L4R_INPUT, "%s: %s", path, error.text);
  if (!root)
    return l4r_fail(L4R_INPUT, "%s:%d: not JSON (%s): the file is damaged; " MEASURE_AGAIN, path,
                    error.line, error.text);
  const json_int_t version = json_integer_value(json_object_get(root, "version"));
  if (strcmp(l4r_text_at(root, "format"), l4r_ceilings_format) && !is_old_file(root))
    status = l4r_fail(L4R_INPUT, "%s holds no ceilings; " MEASURE_AGAIN, path);
  else if (!is_old_file(root) && version != L4R_CEILINGS_VERSION)
    status = l4r_fail(
        L4R_INPUT,
        "%s: ceilings of version %lld, and this program reads version %d; " MEASURE_AGAIN
        " (with a program of this version)",
        path, (long long)version, L4R_CEILINGS_VERSION);
  else
    status = read_rows(path, root, ceilings);
  json_decref(root);
  return status;
}

/* What a figure at `offset` of the rows is at so many threads; NaN where the rows do not reach. */
static double between(const struct l4r_ceilings *ceilings, size_t offset, int64_t threads) {
  const struct l4r_ceilings_at *before = NULL;
  for (int i = 0; i < ceilings->count; i++) {
    const struct l4r_ceilings_at *at = &ceilings->at[i];
    const double here = *(const double *)((const char *)at + offset);
    if (at->threads == threads) return here;
    if (at->threads > threads && before) {
      const double there = *(const double *)((const char *)before + offset);
      const double part = (double)(threads - before->threads) /
                          (double)(at->threads - before->threads);
      return there > 0 && here > 0 ? there + part * (here - there) : 0;
    }
    before = at;
  }
  return NAN;
}

static int reach(const struct l4r_ceilings *ceilings, int64_t threads) {
  return l4r_fail(L4R_INPUT, "the ceilings are of %lld to %lld threads, not of %lld",
                  (long long)ceilings->at[0].threads,
                  (long long)ceilings->at[ceilings->count - 1].threads, (long long)threads);
}

int l4r_ceilings_peak(const struct l4r_ceilings *ceilings, enum l4r_peak_precision precision,
                      int64_t threads, double *gops) {
  *gops = between(
      ceilings, offsetof(struct l4r_ceilings_at, gops) + (size_t)precision * sizeof *gops, threads);
  if (isnan(*gops)) return reach(ceilings, threads);
  if (*gops > 0) return L4R_OK;
  return l4r_fail(L4R_INPUT, "the file has no ceiling of %s", l4r_peak_precision_name(precision));
}

int l4r_ceilings_sgemm(const struct l4r_ceilings *ceilings, int64_t threads, double *gflops) {
  *gflops = between(ceilings, offsetof(struct l4r_ceilings_at, sgemm), threads);
  if (isnan(*gflops)) return reach(ceilings, threads);
  return *gflops > 0 ? L4R_OK : l4r_fail(L4R_INPUT, "the file has no sgemm of BLIS");
}

int l4r_ceilings_reading(const struct l4r_ceilings *ceilings, int level, int64_t threads,
                         double *gb_per_s) {
  *gb_per_s = between(ceilings,
                      offsetof(struct l4r_ceilings_at, gb_per_s) + (size_t)level * sizeof *gb_per_s,
                      threads);
  return isnan(*gb_per_s) ? reach(ceilings, threads) : L4R_OK;
}
