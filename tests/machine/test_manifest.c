/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/machine/cpu_id.h"
#include "bench/machine/machine_key.h"
#include "bench/machine/manifest.h"
#include "bench/machine/manifest_facts.h"
#include "bench/machine/topology.h"
#include "bench/machine/warnings.h"
#include "bench/record/text.h"
#include "bench/machine/watch.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/model/tokenizer.h"
#include "tests/support/files.h"
#include "tests/support/derived.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An entry of "warnings" is an object with a text, or the text itself. */
static const char *warning_text(const json_t *warning) {
  const char *text = json_string_value(warning);
  return text ? text : json_string_value(json_object_get(warning, "text"));
}

/* 1 when a line of the warnings holds `words`. */
static int warns(const json_t *warnings, const char *words) {
  size_t index;
  const json_t *line;
  json_array_foreach(warnings, index, line) {
    cr_assert_null(strchr(warning_text(line), '\n'));
    if (strstr(warning_text(line), words)) return 1;
  }
  return 0;
}

static const char *text_of(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  cr_assert(text, "%s is not a text", key);
  return text;
}

Test(manifest, a_virtual_machine_captured) {
  json_t *system = l4r_manifest_system(test_machine("vm-zen4"));
  cr_assert(json_is_true(json_object_get(system, "hypervisor")));
  cr_assert_str_eq(text_of(system, "perf_event_paranoid"), "2");
  cr_assert_gt(json_integer_value(json_object_get(system, "memory_bytes")), 20ll << 30);
  cr_assert(json_is_null(json_object_get(system, "governor")));
  json_t *warnings = l4r_warnings_of_system(system);
  cr_assert(warns(warnings, "virtual machine"));
  cr_assert_not(warns(warnings, "governor"));
  cr_assert_not(warns(warnings, "boost"));
  json_decref(warnings);
  json_decref(system);
}

/* Everything is wrong with this one but that it is no virtual machine. */
Test(manifest, every_spoiler_has_a_line_and_a_remedy) {
  json_t *system = l4r_manifest_system(test_machine("two-sockets-icelake"));
  cr_assert_str_eq(text_of(system, "transparent_huge_pages"), "never");
  cr_assert_str_eq(text_of(system, "boost"), "1"); /* no_turbo 0 */
  cr_assert_str_eq(text_of(system, "clocksource"), "tsc");
  cr_assert_eq(json_integer_value(json_object_get(system, "memory_bytes")), 263704836ll * 1024);
  cr_assert(json_is_false(json_object_get(system, "hypervisor")));
  json_t *warnings = l4r_warnings_of_system(system);
  cr_assert_eq(json_array_size(warnings), 5);
  cr_assert(warns(warnings, "cpupower frequency-set -g performance"));
  cr_assert(warns(warnings, "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo"));
  cr_assert(warns(warnings, "echo madvise >"));
  cr_assert(warns(warnings, "sysctl kernel.numa_balancing=0"));
  cr_assert(warns(warnings, "--cpus"));
  json_decref(warnings);
  /* One by one mended, its line goes. */
  json_object_set_new(system, "governor", json_string("performance"));
  json_object_set_new(system, "boost", json_string("0"));
  json_object_set_new(system, "transparent_huge_pages", json_string("madvise"));
  json_object_set_new(system, "numa_balancing", json_string("0"));
  json_object_set_new(system, "cpu_quota", json_string("max 100000"));
  warnings = l4r_warnings_of_system(system);
  cr_assert_eq(json_array_size(warnings), 0);
  json_decref(warnings);
  json_decref(system);
}

Test(manifest, an_empty_tree_is_a_state_not_an_error) {
  char key[65], again[65];
  json_t *system = l4r_manifest_system(test_folder()), *shape = l4r_machine_shape(test_folder());
  cr_assert(json_is_null(json_object_get(system, "governor")));
  cr_assert(json_is_null(json_object_get(system, "memory_bytes")));
  json_t *warnings = l4r_warnings_of_system(system);
  cr_assert_eq(json_array_size(warnings), 0);
  cr_assert(json_is_null(json_object_get(shape, "cpu")));
  l4r_machine_key(shape, key);
  l4r_machine_key(shape, again);
  cr_assert_str_eq(key, again);
  json_decref(shape);
  json_decref(warnings);
  json_decref(system);
}

static json_t *rounds_with(const char *machine) {
  json_error_t error;
  char text[512];
  snprintf(text, sizeof text, "[{\"machine\": %s}, {}]", machine);
  json_t *rounds = json_loads(text, 0, &error);
  cr_assert(rounds, "%s", error.text);
  return rounds;
}

static void rounds_warn(int shares_cores, const char *machine, const char *words) {
  json_t *rounds = rounds_with(machine), *warnings = test_warnings_of_rounds(shares_cores, rounds);
  cr_assert_eq(json_array_size(warnings), *words != 0, "%s", machine);
  cr_assert(!*words || warns(warnings, words), "%s", machine);
  json_decref(rounds);
  json_decref(warnings);
}

Test(manifest, what_happened_in_the_rounds_is_warned_of) {
  rounds_warn(1, "null", "--pin core");
  rounds_warn(0, "{\"steal_share\": 0.02, \"others_share\": 0.04}", "hypervisor took 2.0 %");
  rounds_warn(0, "{\"steal_share\": null, \"others_share\": 0.25}", "other programs took 25.0 %");
  rounds_warn(0, "{\"ghz\": {\"before\": 3.5, \"during\": 2.8, \"after\": 3.4}}",
              "from 2.80 to 3.50 GHz");
  rounds_warn(0, "{\"ghz\": {\"before\": 3.5, \"during\": null, \"after\": 3.45}}", "");
  rounds_warn(0, "{\"steal_share\": 0, \"others_share\": 0.01}", "");
}

Test(manifest, a_warning_names_its_kind_and_its_rounds) {
  json_t *rounds = json_loads("[{\"machine\": {\"steal_share\": 0.02, \"others_share\": 0}}, "
                              "{\"machine\": {\"steal_share\": 0, \"others_share\": 0.3}}, "
                              "{\"machine\": {\"steal_share\": 0.5, \"others_share\": null}}]",
                              0, NULL);
  json_t *warnings = test_warnings_of_rounds(1, rounds);
  json_t *expected = json_loads("[[\"shared cores\", null], [\"steal\", [0, 2]], "
                                "[\"others\", [1]]]",
                                0, NULL);
  cr_assert_eq(json_array_size(warnings), 3);
  for (size_t w = 0; w < 3; w++) {
    const json_t *warning = json_array_get(warnings, w), *wanted = json_array_get(expected, w);
    cr_assert(json_equal(json_object_get(warning, "kind"), json_array_get(wanted, 0)), "%zu", w);
    cr_assert(json_equal(json_object_get(warning, "rounds"), json_array_get(wanted, 1)), "%zu", w);
  }
  cr_assert(warns(warnings, "the hypervisor took 50.0 %"));
  cr_assert(warns(warnings, "other programs took 30.0 % of the processors' time in a round:"));
}

Test(watch, ticks_of_a_captured_tree) {
  struct l4r_ticks ticks = {0};
  test_machine("two-sockets-icelake");
  cr_assert(l4r_ticks_read(test_folder(), &ticks));
  cr_assert_float_eq(ticks.busy, 150, 0);
  cr_assert_float_eq(ticks.total, 10150, 0);
  cr_assert_float_eq(ticks.steal, 0, 0);
  cr_assert_not(l4r_ticks_read("/nowhere", &ticks));
}

/* 1,000 ticks of 100 a second: 100 stolen, 700 busy of which we were 500. */
Test(watch, shares_are_of_all_processors_time) {
  struct l4r_watch watch = {.from = {.busy = 5000, .steal = 7, .total = 9000, .own_seconds = 1},
                            .before = 3.5};
  const double hertz = (double)sysconf(_SC_CLK_TCK);
  watch.to = (struct l4r_ticks){5700, 107, 10000, 1 + 500 / hertz};
  json_t *json = l4r_watch_json(&watch);
  cr_assert_float_eq(json_number_value(json_object_get(json, "steal_share")), .1, 1e-12);
  cr_assert_float_eq(json_number_value(json_object_get(json, "others_share")), .2, 1e-12);
  cr_assert(json_is_null(json_object_get(json_object_get(json, "ghz"), "during")));
  json_decref(json);
  watch.elsewhere = 1; /* a peer's process: ours or another's, nobody can tell */
  json = l4r_watch_json(&watch);
  cr_assert(json_is_null(json_object_get(json, "others_share")));
  cr_assert(json_is_real(json_object_get(json, "steal_share")));
  json_decref(json);
  watch.elsewhere = 0;
  watch.to.total = 9010; /* too short a span for ticks */
  json = l4r_watch_json(&watch);
  cr_assert(json_is_null(json_object_get(json, "others_share")));
  json_decref(json);
}

static void key_of(const char *root, char key[65]) {
  json_t *shape = l4r_machine_shape(root);
  l4r_machine_key(shape, key);
  json_decref(shape);
}

/* Replaces the first `from` in a file of the scratch folder. */
static void edit(const char *name, const char *from, const char *to) {
  char *text = test_read(name), *at = strstr(text, from), *changed;
  cr_assert(at, "%s holds no %s", name, from);
  cr_assert_gt(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)), 0);
  test_file(name, changed);
  free(changed);
}

Test(machine_key, shape_of_two_sockets) {
  json_t *shape = l4r_machine_shape(test_machine("two-sockets-icelake"));
  json_error_t error;
  json_t *want = json_loads(
      "{\"cpu\": \"Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz\", \"cpu_id\": {\"vendor\": "
      "\"GenuineIntel\", \"family\": 6, \"model\": 106, \"stepping\": 6}, \"packages\": 2, "
      "\"numa_nodes\": 2, \"cores\": 4, \"processors\": 8, \"caches\": [{\"level\": 1, \"type\": "
      "\"Data\", \"bytes\": 49152, \"count\": 4}, {\"level\": 1, \"type\": \"Instruction\", "
      "\"bytes\": 32768, \"count\": 4}, {\"level\": 2, \"type\": \"Unified\", \"bytes\": 1310720, "
      "\"count\": 4}, {\"level\": 3, \"type\": \"Unified\", \"bytes\": 50331648, \"count\": 2}], "
      "\"memory_gib\": 256.0}",
      0, &error);
  cr_assert(want, "%s", error.text);
  cr_assert(json_equal(shape, want), "%s", json_dumps(shape, 0));
  json_decref(want);
  json_decref(shape);
}

/* What reboots, updates and settings change leaves the key; another machine's parts do not. */
Test(machine_key, outlives_a_reboot_and_no_change_of_hardware) {
  char key[65], other[65];
  const char *root = test_machine("vm-zen4");
  key_of(root, key);
  cr_assert_eq(strlen(key), 64);
  edit("proc/cpuinfo", "microcode\t: 0x", "microcode\t: 0x9");
  edit("proc/cpuinfo", "cpu MHz\t\t: ", "cpu MHz\t\t: 1");
  edit("proc/cpuinfo", "bogomips\t: ", "bogomips\t: 1");
  edit("proc/meminfo", "MemTotal:       24", "MemTotal:       23"); /* a larger kernel */
  test_file("proc/version", "Linux version 99 (somebody@somewhere)\n");
  test_file("proc/sys/kernel/numa_balancing", "1\n");
  key_of(root, other);
  cr_assert_str_eq(key, other);
  static const char *const edits[][3] = {
      {"proc/cpuinfo", "stepping\t: 1", "stepping\t: 2"},
      {"proc/cpuinfo", "model\t\t: 17", "model\t\t: 18"},
      {"proc/cpuinfo", "AMD EPYC", "AMD EPYC 9999"},
      {"proc/meminfo", "MemTotal:       2", "MemTotal:       6"},
      {"sys/devices/system/cpu/present", "0-1", "0-3"},
      {"sys/devices/system/cpu/cpu0/cache/index3/size", "32768K", "65536K"}};
  for (size_t e = 0; e < sizeof edits / sizeof *edits; e++) {
    edit(edits[e][0], edits[e][1], edits[e][2]);
    key_of(root, other);
    cr_assert_str_neq(key, other, "%s left the key", edits[e][2]);
    edit(edits[e][0], edits[e][2], edits[e][1]);
  }
  key_of(root, other);
  cr_assert_str_eq(key, other);
}

/* Hyper-threading switched off while the machine runs: processors 4 to 7 lose their topology. */
Test(machine_key, outlives_siblings_going_offline) {
  char key[65], other[65], command[1024];
  const char *root = test_machine("two-sockets-icelake");
  key_of(root, key);
  snprintf(command, sizeof command, "cd '%s/sys/devices/system/cpu' && rm -r cpu[4-7]/*", root);
  cr_assert_eq(system(command), 0);
  key_of(root, other);
  cr_assert_str_eq(key, other);
}

Test(machine_key, classes_of_memory) {
  const double gib = 1024. * 1024 * 1024;
  static const double cases[][2] = {{.3, 1},    {1, 1},     {1.2, 1.5},    {7.6, 8},
                                    {11.5, 12}, {15.5, 16}, {23.5, 24},    {188, 192},
                                    {251, 256}, {503, 512}, {1007.5, 1024}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    cr_assert_float_eq(l4r_memory_class(cases[i][0] * gib), cases[i][1], 0, "%g: %g", cases[i][0],
                       l4r_memory_class(cases[i][0] * gib));
  cr_assert_float_eq(l4r_memory_class(0), 0, 0);
}

Test(cpu_id, the_instruction_and_the_kernel_agree) {
  struct l4r_cpu_id asked, read;
  if (!l4r_cpu_id_ask(&asked)) cr_skip_test("this processor has no cpuid instruction");
  l4r_cpu_id_read("", &read);
  cr_assert_str_eq(asked.vendor, read.vendor);
  cr_assert_eq(asked.family, read.family);
  cr_assert_eq(asked.model, read.model);
  cr_assert_eq(asked.stepping, read.stepping);
}

Test(cpu_id, an_arm_processor) {
  struct l4r_cpu_id cpu;
  cr_assert_eq(l4r_make_folders(test_path("proc")), 0);
  test_file("proc/cpuinfo", "processor\t: 0\nBogoMIPS\t: 243.75\nCPU implementer\t: 0x41\n"
                            "CPU part\t: 0xd0c\nCPU revision\t: 1\n");
  l4r_cpu_id_read(test_folder(), &cpu);
  cr_assert_eq(cpu.family, 0x41);
  cr_assert_eq(cpu.model, 0xd0c);
  cr_assert_eq(cpu.stepping, 1);
  cr_assert_str_eq(cpu.vendor, "");
  char name[96];
  l4r_cpu_id_name(&cpu, name, sizeof name);
  cr_assert_str_eq(name, "Arm Neoverse N1");
  cr_assert_str_eq(cpu.name, "", "the machine's key must not hang on a list of names");
}

Test(cpu_id, names_for_people) {
  static const struct {
    struct l4r_cpu_id cpu;
    const char *name;
  } cases[] = {{{"AuthenticAMD", "AMD EPYC 9654", 25, 17, 1}, "AMD EPYC 9654"},
               {{"", "", 0x41, 0xd07, 3}, "Arm Cortex-A57"},
               {{"", "", 0x41, 0xd40, 1}, "Arm Neoverse V1"},
               {{"", "", 0x41, 0xd4f, 0}, "Arm Neoverse V2"},
               {{"", "", 0xc0, 0xac3, 0}, "Ampere AmpereOne"},
               {{"", "", 0x61, 0x023, 0}, "Apple M1 Firestorm"},
               {{"", "", 0x41, 0xfff, 0}, "Arm, part 0xfff"},
               {{"", "", 0x99, 0x001, 0}, "implementer 0x99 part 0x001"},
               {{"", "", -1, -1, -1}, "unknown"},
               {{"GenuineIntel", "", 6, 207, 2}, "unknown"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char name[96];
    l4r_cpu_id_name(&cases[i].cpu, name, sizeof name);
    cr_expect_str_eq(name, cases[i].name, "%s", name);
  }
}

Test(topology, names_of_host_and_process_are_stripped) {
  char xml[] = "<topology>\n  <object>\n    <info name=\"HostName\" value=\"secret\"/>\n"
               "    <info name=\"CPUModel\" value=\"Some CPU\"/>\n"
               "    <info name=\"ProcessName\" value=\"secret\"/>\n"
               "    <info name=\"DMIProductSerial\" value=\"secret\"/>\n"
               "    <info name=\"CPUModelX\" value=\"secret\"/>\n"
               "    <info value=\"secret\"/>\n  </object>\n  <info name=\"OSVersion";
  l4r_topology_strip(xml);
  cr_assert_str_eq(xml, "<topology>\n  <object>\n    <info name=\"CPUModel\" value=\"Some CPU\"/>\n"
                        "  </object>\n  ");
}

/* Big and little cores have no one-line description, so the XML is kept; hwloc puts the names of
 * this host and this process into what it exports. */
Test(topology, an_uneven_machine_is_described_by_its_xml) {
  char host[256] = "";
  setenv("HWLOC_XMLFILE", "tests/fixtures/topology/hybrid.xml", 1);
  json_t *facts = l4r_topology_facts();
  cr_assert(json_is_null(json_object_get(facts, "synthetic")));
  cr_assert_eq(json_integer_value(json_object_get(facts, "kinds")), 2);
  const char *xml = text_of(facts, "xml");
  cr_assert(strstr(xml, "<cpukind"));
  cr_assert_null(strstr(xml, "HostName"));
  cr_assert_null(strstr(xml, "ProcessName"));
  cr_assert_null(strstr(xml, program_invocation_short_name));
  cr_assert_eq(gethostname(host, sizeof host - 1), 0);
  if (strlen(host) > 3) cr_assert_null(strstr(xml, host));
  json_decref(facts);
}

Test(topology, this_machine_without_names) {
  unsetenv("HWLOC_XMLFILE");
  json_t *facts = l4r_topology_facts();
  char *text = json_dumps(facts, 0);
  cr_assert_geq(json_integer_value(json_object_get(facts, "cores")), 1);
  cr_assert_null(strstr(text, "HostName"));
  cr_assert_null(strstr(text, "ProcessName"));
  free(text);
  json_decref(facts);
}

Test(manifest, holds_libraries_with_hashes_and_no_paths_or_host_names) {
  json_t *manifest = l4r_manifest();
  const json_t *libraries = json_object_get(manifest, "libraries"), *library;
  size_t i;
  int blis = 0;
  json_array_foreach(libraries, i, library) {
    const char *name = json_string_value(json_object_get(library, "name"));
    cr_assert_null(strchr(name, '/'));
    const char *path = json_string_value(json_object_get(library, "path"));
    cr_assert(!path || strstr(path, name), "%s", path);
    cr_assert_eq(strlen(json_string_value(json_object_get(library, "sha256"))), 64);
    blis |= strncmp(name, "libblis", 7) == 0;
  }
  cr_assert(blis);
  cr_assert_eq(strlen(text_of(manifest, "machine_key")), 64);
  cr_assert_str_eq(text_of(manifest, "sentencepiece"), l4r_tokenizer_version());
  cr_assert(json_is_array(json_object_get(manifest, "warnings")));
  cr_assert(json_is_object(json_object_get(manifest, "cpu_id")));
  cr_assert_geq(json_integer_value(json_object_get(json_object_get(manifest, "topology"), "cores")),
                1);
  json_decref(manifest);
}
