/* SPDX-License-Identifier: BSD-3-Clause */
/* Enough to tell two machines and two builds apart; no host or user names. */
#include "bench/machine/manifest.h"

#include "bench/machine/build_info.h"
#include "bench/machine/cpu_id.h"
#include "bench/machine/machine_key.h"
#include "bench/machine/manifest_facts.h"
#include "bench/machine/topology.h"
#include "bench/machine/warnings.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/hash.h"
#include "impl/model/tokenizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* The value of a "name : value" line of /proc/cpuinfo. */
static json_t *cpu_fact(const char *name) {
  FILE *stream = fopen("/proc/cpuinfo", "r");
  char line[4096];
  json_t *fact = NULL;
  while (stream && !fact && fgets(line, sizeof line, stream)) {
    char *colon = strchr(line, ':');
    if (strncmp(line, name, strlen(name)) || !colon) continue;
    line[strcspn(line, "\n")] = '\0';
    fact = json_string(colon + 1 + strspn(colon + 1, " "));
  }
  if (stream) fclose(stream);
  return fact ? fact : json_null();
}

/* The kernel's own words, spaces and all, where it has any; else what its numbers stand for. */
static json_t *cpu_name(void) {
  json_t *fact = cpu_fact("model name");
  struct l4r_cpu_id cpu;
  char name[96];
  l4r_cpu_id_read("", &cpu);
  if (!json_is_null(fact) || cpu.family < 0) return fact;
  l4r_cpu_id_name(&cpu, name, sizeof name);
  json_decref(fact);
  return json_string(name);
}

static json_t *own_hash(void) {
  char hash[65];
  return l4r_sha256_file("/proc/self/exe", hash) ? json_null() : json_string(hash);
}

/* What the instruction says; the kernel's word where there is no such instruction. */
static json_t *cpu_id(void) {
  struct l4r_cpu_id cpu;
  if (!l4r_cpu_id_ask(&cpu)) l4r_cpu_id_read("", &cpu);
  return l4r_cpu_id_json(&cpu);
}

/* Why BLIS runs the kernels it runs; GFLOP/s of one core where they were held against each other.
 */
static json_t *blis_choice(void) {
  const struct l4r_blas_choice *choice = l4r_blas_choose();
  json_t *speed = json_array();
  for (int i = 0; i < choice->measured; i++)
    json_array_append_new(speed, json_pack("{s:s, s:f}", "kernels", choice->speed[i].name, "gflops",
                                           choice->speed[i].gflops));
  return json_pack("{s:s, s:o, s:s, s:o}", "kernels", choice->kernels, "asked",
                   *choice->asked ? json_string(choice->asked) : json_null(), "because",
                   choice->because, "speed", speed);
}

/* What else identifies the machine, and what is wrong with it. */
static void add_machine(json_t *manifest) {
  char key[65];
  json_object_set_new(manifest, "blis_choice", blis_choice());
  json_t *shape = l4r_machine_shape("");
  l4r_machine_key(shape, key);
  json_object_set_new(manifest, "machine_key", json_string(key));
  json_object_set_new(manifest, "machine_shape", shape);
  json_object_set_new(manifest, "cpu_id", cpu_id());
  json_object_set_new(manifest, "warnings",
                      l4r_warnings_of_system(json_object_get(manifest, "system")));
}

static void add_load(json_t *manifest) {
  double load[3];
  if (getloadavg(load, 3) == 3)
    json_object_set_new(manifest, "load_average",
                        json_pack("{s:f, s:f, s:f}", "minutes_1", load[0], "minutes_5", load[1],
                                  "minutes_15", load[2]));
}

json_t *l4r_manifest(void) {
  struct utsname system;
  char now[32];
  time_t seconds = time(NULL);
  struct tm utc;
  gmtime_r(&seconds, &utc);
  strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &utc);
  int known = !uname(&system);
  json_t *manifest = json_pack(
      "{s:s, s:o, s:o, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "time", now,
      "cpu", cpu_name(), "microcode", cpu_fact("microcode"), "processors_online",
      (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "kernel", known ? system.release : "", "machine",
      known ? system.machine : "", "compiler", l4r_build_compiler, "flags", l4r_build_flags, "blis",
      l4r_blas_open(), "sentencepiece", l4r_tokenizer_version(), "git", l4r_build_git,
      "program_sha256", own_hash(), "libraries", l4r_manifest_libraries(), "topology",
      l4r_topology_facts(), "system", l4r_manifest_system(""));
  if (manifest) {
    add_machine(manifest);
    add_load(manifest);
  } else
    l4r_fail(L4R_ENVIRONMENT, "out of memory for the manifest");
  return manifest;
}
