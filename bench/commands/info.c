/* SPDX-License-Identifier: BSD-3-Clause */
/* lite4rec info: this machine as the harness sees it, and what keeps it from seeing more. */
#include "bench/commands/commands.h"
#include "bench/commands/info_ceilings.h"
#include "bench/commands/info_counters.h"
#include "bench/commands/info_gemm.h"
#include "bench/cli/options.h"
#include "bench/counters/pmu_none.h"
#include "bench/engines.h"
#include "bench/machine/cpu_id.h"
#include "bench/machine/energy.h"
#include "bench/machine/machine_key.h"
#include "bench/machine/manifest_facts.h"
#include "bench/machine/pin_topology.h"
#include "bench/machine/warnings.h"
#include "bench/record/describe.h"
#include "bench/record/text.h"
#include "impl/base/blas.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "impl/base/number.h"

#include <blis.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static void print_topology(hwloc_topology_t topology) {
  const int cores = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE);
  const int threads = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU);
  const int packages = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PACKAGE);
  const int nodes = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE);
  printf("topology      %d package%s, %d NUMA node%s, %d cores, %d hardware threads\n", packages,
         packages == 1 ? "" : "s", nodes, nodes == 1 ? "" : "s", cores, threads);
  static const hwloc_obj_type_t types[] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE};
  printf("caches       ");
  for (int i = 0; i < 3; ++i) {
    const int n = hwloc_get_nbobjs_by_type(topology, types[i]);
    if (n <= 0) continue;
    hwloc_obj_t cache = hwloc_get_obj_by_type(topology, types[i], 0);
    printf(" L%d %llu KiB x %d", i + 1, (unsigned long long)cache->attr->cache.size / 1024, n);
  }
  printf("\n");
  if (!l4r_pin_this_system(topology))
    printf("              warning: hwloc shows another machine (HWLOC_SYNTHETIC or HWLOC_XMLFILE); "
           "nothing can be pinned\n");
}

/* Which kernels, why, and what they and the others do: GFLOP/s of one core. */
static void print_blis(void) {
  const struct l4r_blas_choice *choice = l4r_blas_choose();
  printf("BLIS          %s, kernels %s (%s)\n", bli_info_get_version_str(), choice->kernels,
         choice->because);
  if (choice->measured) printf("              sgemm of one core:");
  for (int i = 0; i < choice->measured; i++)
    if (choice->speed[i].gflops > 0)
      printf("%s %s %.0f GFLOP/s", i ? "," : "", choice->speed[i].name, choice->speed[i].gflops);
    else
      printf("%s %s does not run", i ? "," : "", choice->speed[i].name);
  if (choice->measured) printf("\n");
}

static int print_machine(void) {
  struct utsname system;
  char name[256];
  struct l4r_cpu_id cpu;
  l4r_cpu_id_read("", &cpu);
  l4r_cpu_id_name(&cpu, name, sizeof name);
  uname(&system);
  printf("processor     %s\n", name);
  hwloc_topology_t topology;
  if (hwloc_topology_init(&topology)) return l4r_fail(L4R_ENVIRONMENT, "hwloc cannot start");
  if (hwloc_topology_load(topology)) {
    hwloc_topology_destroy(topology);
    return l4r_fail(L4R_ENVIRONMENT, "hwloc cannot read this machine's topology");
  }
  print_topology(topology);
  hwloc_topology_destroy(topology);
  printf("memory        %.1f GB\n",
         (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 1e9);
  printf("system        %s %s %s\n", system.sysname, system.release, system.machine);
  print_blis();
  printf("hwloc, PAPI   %x, %s\n", hwloc_get_api_version(), l4r_pmu_here->version());
  return L4R_OK;
}

static void print_permission(void) {
  char *text;
  size_t bytes;
  int64_t level;
  if (l4r_read_file("/proc/sys/kernel/perf_event_paranoid", 1, &text, &bytes)) {
    printf("permission    perf_event_paranoid is not there: the kernel has no perf events\n");
    return;
  }
  text[strcspn(text, "\n")] = '\0';
  if (l4r_parse_int(text, &level)) level = 99;
  printf("permission    perf_event_paranoid %lld\n", (long long)level);
  l4r_free(text);
}

static void print_energy(void) {
  struct l4r_energy energy;
  l4r_energy_find("/sys", &energy);
  l4r_energy_idle(&energy, .05);
  if (energy.domains && energy.idle_watts >= 0)
    printf("energy        powercap, %d package domain%s\n", energy.domains,
           energy.domains == 1 ? "" : "s");
  else
    printf("energy        absent: %s\n", energy.reason);
}

/* What spoils a measurement here, and its remedy. */
static void print_warnings(void) {
  json_t *system = l4r_manifest_system(""), *warnings = l4r_warnings_of_system(system), *warning;
  size_t index;
  json_array_foreach(warnings, index, warning) printf("warning       %s\n", l4r_text_of(warning));
  json_decref(warnings);
  json_decref(system);
}

static void print_key(void) {
  char key[65];
  json_t *shape = l4r_machine_shape("");
  l4r_machine_key(shape, key);
  printf("machine key   %s\n", key);
  json_decref(shape);
}

/* What records are, which needs no machine. */
static int print_record_format(int members) {
  char *text = members ? l4r_describe_members() : l4r_describe_schema();
  if (!text) return L4R_ENVIRONMENT;
  printf("%s%s", text, members ? "" : "\n");
  free(text);
  return L4R_OK;
}

struct cli_args {
  int ceilings, gemm, counters, schema, members, json;
  const char *size;
  int64_t threads;
};
#define AT(member) .offset = offsetof(struct cli_args, member)

static const struct l4r_argument arguments[] = {
    {"ceilings", L4R_ARG_FLAG, NULL,
     "measure the ceilings of fp32, bf16, int8 and reading memory, and Lite's share of them",
     AT(ceilings)},
    {"gemm", L4R_ARG_FLAG, NULL, "time a model's products and those of the BLAS libraries here",
     AT(gemm)},
    {"counters", L4R_ARG_FLAG, NULL, "list what can be counted, group by group, and why not more",
     AT(counters)},
    {"schema", L4R_ARG_FLAG, NULL, "print the JSON Schema of a record (results/schema.json)",
     AT(schema)},
    {"members", L4R_ARG_FLAG, NULL, "print what each member of a record says, in Markdown",
     AT(members)},
    {"size", L4R_ARG_TEXT, "tiny|mini|base|t5-small", "size of the model for --gemm", AT(size),
     .preset = "t5-small"},
    {"threads", L4R_ARG_INT, "N", "number of threads that measure", AT(threads),
     .shown = "all cores"},
    {"json", L4R_ARG_FLAG, NULL,
     "print one JSON object; what is measured is also printed to stderr", AT(json)},
    {0}};

const struct l4r_usage l4r_usage_info = {
    .command = "info",
    .summary = "Prints processor, topology, libraries, which counters work and why others do not, "
               "and the table of engines.",
    .examples = "  lite4rec info\n  lite4rec info --counters --json\n"
                "  lite4rec info --ceilings\n  lite4rec info --gemm\n",
    .arguments = arguments};

int l4r_command_info(int argc, char **argv) {
  struct cli_args args = {.json = 0};
  struct l4r_parsed parsed;
  int status = l4r_arguments_parse(&l4r_usage_info, argc, argv, &args, &parsed);
  if (status || parsed.helped) return status;
  if (args.ceilings + args.gemm + args.counters > 1)
    return l4r_fail(L4R_USAGE, "--ceilings, --gemm and --counters: one at a time");
  if (args.schema || args.members) return print_record_format(args.members);
  if (args.counters) return l4r_info_counters(args.json);
  if (args.ceilings) return l4r_info_ceilings(args.threads, args.json);
  if (args.gemm) return l4r_info_gemm(args.threads, args.size, args.json);
  status = print_machine();
  if (status) return status;
  print_key();
  print_permission();
  print_energy();
  print_warnings();
  status = l4r_info_counters_short();
  printf("\nengines (name, kind of model it serves)\n");
  l4r_engines_list();
  return status;
}
