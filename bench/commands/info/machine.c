/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/commands/info/machine.h"

#include "bench/cli/fold.h"
#include "bench/commands/info/counters.h"
#include "bench/counters/pmu_none.h"
#include "bench/machine/clock_busy.h"
#include "bench/machine/energy.h"
#include "bench/machine/manifest.h"
#include "bench/machine/watch.h"
#include "bench/record/text.h"
#include "bench/table/units.h"
#include "impl/base/blas.h"
#include "impl/base/cpu.h"
#include "impl/base/error.h"
#include "impl/base/text.h"

#include <blis.h>
#include <hwloc.h>
#include <string.h>

/* --- facts ---------------------------------------------------------------------------------------
 */

static json_t *isa_facts(void) {
  const struct l4r_cpu *cpu = l4r_cpu();
  const struct {
    const char *name;
    int is_there;
  } extensions[] = {{"avx512_bf16", cpu->avx512_bf16}, {"avx512_vnni", cpu->avx512_vnni},
                    {"avx_vnni", cpu->avx_vnni},       {"amx_bf16", cpu->amx_bf16},
                    {"amx_int8", cpu->amx_int8},       {"sve", cpu->sve},
                    {"dotprod", cpu->neon_dotprod},    {"i8mm", cpu->neon_i8mm},
                    {"bf16", cpu->neon_bf16}};
  json_t *sets = json_array(), *more = json_array();
  for (int isa = L4R_ISA_PORTABLE; isa < L4R_ISAS; isa++)
    if (l4r_cpu_offers((enum l4r_isa)isa))
      json_array_append_new(sets, json_string(l4r_isa_name((enum l4r_isa)isa)));
  for (size_t e = 0; e < sizeof extensions / sizeof *extensions; e++)
    if (extensions[e].is_there) json_array_append_new(more, json_string(extensions[e].name));
  return json_pack("{s:s, s:o, s:o, s:b}", "widest", l4r_isa_name(l4r_isa_widest()), "sets", sets,
                   "extensions", more, "tiles_refused",
                   (cpu->amx_bf16 || cpu->amx_int8) && l4r_cpu_tiles() == L4R_TILES_REFUSED);
}

static json_t *positive(double value) {
  return value > 0 ? json_real(value) : json_null();
}

static json_t *clock_facts(void) {
  static const double SECONDS = .25;
  int processors;
  const double alone = l4r_clock_ghz();
  const double busy = l4r_clock_all_busy_ghz(SECONDS, &processors);
  return json_pack("{s:o, s:o, s:i}", "alone_ghz", positive(alone), "all_busy_ghz", positive(busy),
                   "processors", processors);
}

static json_t *energy_facts(void) {
  struct l4r_energy energy;
  l4r_energy_find("/sys", &energy);
  l4r_energy_idle(&energy, .05);
  const int counts = energy.domains && energy.idle_watts >= 0;
  return json_pack("{s:i, s:o}", "domains", counts ? energy.domains : 0, "reason",
                   counts ? json_null() : json_string(energy.reason));
}

static json_t *library_facts(void) {
  char hwloc[32];
  l4r_text_set(hwloc, sizeof hwloc, "%x", hwloc_get_api_version());
  return json_pack("{s:s, s:s, s:s}", "BLIS", bli_info_get_version_str(), "hwloc", hwloc, "PAPI",
                   l4r_pmu_here->version());
}

json_t *l4r_info_machine(void) {
  l4r_blas_choose(); /* before anything else opens BLIS: it measures its kernels then */
  json_t *counters = l4r_info_counters_of(l4r_pmu_here);
  json_t *machine = counters ? l4r_manifest() : NULL;
  json_t *more = json_pack("{s:o, s:o, s:o, s:o, s:o}", "isa", isa_facts(), "clock", clock_facts(),
                           "energy", energy_facts(), "versions", library_facts(), "counters",
                           counters ? counters : json_null());
  if (machine && more && !json_object_update(machine, more)) {
    json_decref(more);
    return machine;
  }
  json_decref(machine);
  json_decref(more);
  l4r_fail(L4R_ENVIRONMENT, "no memory for what this machine is");
  return NULL;
}

/* --- the page ------------------------------------------------------------------------------------
 */

enum { LINE = 512 };

static const json_t *at(const json_t *object, const char *one, const char *two) {
  const json_t *inner = json_object_get(object, one);
  return two ? json_object_get(inner, two) : inner;
}

static long long whole(const json_t *object, const char *one, const char *two) {
  return (long long)json_integer_value(at(object, one, two));
}

/* The text of a member, or `none` where the machine does not say. */
static const char *text(const json_t *object, const char *one, const char *two, const char *none) {
  const char *found = l4r_text_of(at(object, one, two));
  return *found ? found : none;
}

static void list(const json_t *array, char *out, size_t *used) {
  size_t index;
  const json_t *word;
  json_array_foreach(array, index, word)
    l4r_text_add(out, LINE, used, "%s%s", index ? ", " : "", l4r_text_of(word));
}

static void print_processor(FILE *stream, const json_t *machine) {
  char line[LINE] = "";
  size_t used = 0;
  l4r_text_add(line, sizeof line, &used, "%s", text(machine, "cpu", NULL, "unknown"));
  if (json_is_integer(at(machine, "cpu_id", "family")))
    l4r_text_add(line, sizeof line, &used, ", family %lld, model %lld, stepping %lld",
                 whole(machine, "cpu_id", "family"), whole(machine, "cpu_id", "model"),
                 whole(machine, "cpu_id", "stepping"));
  l4r_text_add(line, sizeof line, &used, ", microcode %s",
               text(machine, "microcode", NULL, "not told"));
  l4r_fold_fact(stream, "processor", "%s", line);
  used = 0;
  list(at(machine, "isa", "sets"), line, &used);
  if (json_array_size(at(machine, "isa", "extensions"))) {
    l4r_text_add(line, sizeof line, &used, "; ");
    list(at(machine, "isa", "extensions"), line, &used);
  }
  if (json_is_true(at(machine, "isa", "tiles_refused")))
    l4r_text_add(line, sizeof line, &used, "; the kernel refuses AMX's tiles to this process");
  l4r_fold_fact(stream, "ISA", "%s", line);
}

static void print_topology(FILE *stream, const json_t *machine) {
  char line[LINE] = "", size[32];
  size_t used = 0, index;
  const json_t *cache;
  const char *smt = text(machine, "system", "smt", "not told");
  const long long cores = whole(machine, "topology", "cores");
  const long long threads = whole(machine, "topology", "processors");
  l4r_fold_fact(stream, "topology",
                "%lld package%s, %lld NUMA node%s, %lld cores, SMT %s, %lld "
                "hardware threads",
                whole(machine, "topology", "packages"),
                whole(machine, "topology", "packages") == 1 ? "" : "s",
                whole(machine, "topology", "numa_nodes"),
                whole(machine, "topology", "numa_nodes") == 1 ? "" : "s", cores,
                !strcmp(smt, "1") || threads > cores ? "on"
                : !strcmp(smt, "0")                  ? "off"
                                                     : smt,
                threads);
  if (!json_is_null(at(machine, "topology", "xml")))
    l4r_fold_fact(stream, "", "hwloc shows another machine (HWLOC_XMLFILE): nothing can be pinned");
  json_array_foreach(at(machine, "topology", "caches"), index, cache) {
    const double bytes = (double)json_integer_value(json_object_get(cache, "bytes"));
    if (bytes >= 1 << 20)
      l4r_text_set(size, sizeof size, "%g MiB", bytes / (1 << 20));
    else
      l4r_text_set(size, sizeof size, "%g KiB", bytes / (1 << 10));
    l4r_text_add(line, sizeof line, &used, "%sL%lld %s x %lld", index ? ", " : "",
                 whole(cache, "level", NULL), size, whole(cache, "count", NULL));
  }
  l4r_fold_fact(stream, "caches", "%s", line);
  l4r_fold_fact(stream, "memory", "%.1f GB, transparent huge pages %s, NUMA balancing %s",
                (double)whole(machine, "system", "memory_bytes") / 1e9,
                text(machine, "system", "transparent_huge_pages", "not told"),
                !strcmp(text(machine, "system", "numa_balancing", ""), "0")
                    ? "off"
                    : text(machine, "system", "numa_balancing", "not told"));
}

static void print_clock(FILE *stream, const json_t *machine) {
  const double alone = json_number_value(at(machine, "clock", "alone_ghz"));
  const double busy = json_number_value(at(machine, "clock", "all_busy_ghz"));
  const char *boost = text(machine, "system", "boost", "not told");
  const char *governor = text(machine, "system", "governor", "not told");
  boost = !strcmp(boost, "1") ? "on" : !strcmp(boost, "0") ? "off" : boost;
  if (alone > 0 && busy > 0)
    l4r_fold_fact(stream, "clock",
                  "%.2f GHz now, %.2f GHz with all %lld processors busy; governor "
                  "%s, boost %s",
                  alone, busy, whole(machine, "clock", "processors"), governor, boost);
  else
    l4r_fold_fact(stream, "clock", "not measured on this processor; governor %s, boost %s",
                  governor, boost);
}

static void print_blas(FILE *stream, const json_t *machine) {
  char line[LINE] = "";
  size_t used = 0, index;
  const json_t *speed;
  l4r_text_add(line, sizeof line, &used, "BLIS %s, kernels %s (%s)",
               text(machine, "versions", "BLIS", "?"), text(machine, "blis_choice", "kernels", "?"),
               text(machine, "blis_choice", "because", "?"));
  json_array_foreach(at(machine, "blis_choice", "speed"), index, speed) {
    const double gflops = json_number_value(json_object_get(speed, "gflops"));
    l4r_text_add(line, sizeof line, &used, index ? ", " : "; sgemm of one core: ");
    if (gflops > 0)
      l4r_text_add(line, sizeof line, &used, "%s %.0f GFLOP/s", l4r_text_at(speed, "kernels"),
                   gflops);
    else
      l4r_text_add(line, sizeof line, &used, "%s does not run", l4r_text_at(speed, "kernels"));
  }
  l4r_fold_fact(stream, "BLAS", "%s", line);
}

/* How many events of all groups count, those of the kernel (group os) apart. */
static void print_counters(FILE *stream, const json_t *machine) {
  const json_t *group, *event;
  const char *advice = text(machine, "counters", "advice", "");
  size_t g, e;
  int counts[2] = {0}, all[2] = {0};
  json_array_foreach(at(machine, "counters", "groups"), g, group) {
    const int kernel = !strcmp(l4r_text_at(group, "name"), "os");
    json_array_foreach(json_object_get(group, "events"), e, event) {
      all[kernel]++;
      counts[kernel] += json_is_true(json_object_get(event, "counts"));
    }
  }
  l4r_fold_fact(stream, "counters",
                "%d of %d events of the processor count, %d of %d of the kernel; "
                "perf_event_paranoid %s",
                counts[0], all[0], counts[1], all[1],
                text(machine, "counters", "perf_event_paranoid", "not there"));
  if (*advice) l4r_fold_fact(stream, "", "to count more: %s", advice);
  if (whole(machine, "energy", "domains"))
    l4r_fold_fact(stream, "energy", "powercap, %lld package domain%s",
                  whole(machine, "energy", "domains"),
                  whole(machine, "energy", "domains") == 1 ? "" : "s");
  else
    l4r_fold_fact(stream, "energy", "not counted: %s",
                  text(machine, "energy", "reason", "unknown"));
}

void l4r_info_machine_print(FILE *stream, const json_t *machine) {
  const json_t *warning;
  size_t index;
  print_processor(stream, machine);
  print_topology(stream, machine);
  print_clock(stream, machine);
  l4r_fold_fact(stream, "system", "Linux %s %s, clock source %s%s",
                text(machine, "kernel", NULL, "?"), text(machine, "machine", NULL, "?"),
                text(machine, "system", "clocksource", "not told"),
                json_is_true(at(machine, "system", "hypervisor")) ? ", a virtual machine" : "");
  print_blas(stream, machine);
  print_counters(stream, machine);
  json_array_foreach(json_object_get(machine, "warnings"), index, warning)
    l4r_fold_fact(stream, "warning", "%s", l4r_text_of(warning));
  l4r_fold_fact(stream, "machine key", "%.12s (its 64 digits, as in records: --json)",
                text(machine, "machine_key", NULL, "-"));
  l4r_fold_fact(stream, "more",
                "info --counters, --ceilings, --gemm, --engines; info MODEL or "
                "DATA");
}
