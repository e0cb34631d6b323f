#include "bench/harness/manifest.h"
#include "bench/harness/manifest_facts.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void make_folders(const char *const *folder, int n) {
  for (int i = 0; i < n; ++i) {
    char command[1024];
    snprintf(command, sizeof command, "mkdir -p '%s/%s'", test_folder(), folder[i]);
    cr_assert_eq(system(command), 0);
  }
}

/* What a laptop says of itself. */
Test(manifest, reads_a_captured_tree_and_names_what_spoils_a_measurement) {
  static const char *const folders[] = {
      "sys/devices/system/cpu/cpu0/cpufreq", "sys/devices/system/cpu/cpufreq",
      "sys/devices/system/cpu/smt", "sys/kernel/mm/transparent_hugepage", "proc/sys/kernel"};
  make_folders(folders, 5);
  test_file("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  test_file("sys/devices/system/cpu/cpufreq/boost", "1\n");
  test_file("sys/devices/system/cpu/smt/active", "1\n");
  test_file("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  test_file("proc/sys/kernel/numa_balancing", "0\n");
  test_file("proc/meminfo", "MemTotal:       16000 kB\nMemFree: 1 kB\n");
  test_file("proc/stat", "cpu  10 20 30 40 50 60 70 80 0 0\n");
  test_file("proc/cpuinfo", "processor : 0\nflags : fpu vme avx2\n");
  json_t *system = l4r_manifest_system(test_folder());
  cr_assert_str_eq(json_string_value(json_object_get(system, "transparent_huge_pages")), "madvise");
  cr_assert_eq(json_integer_value(json_object_get(system, "memory_bytes")), 16000 * 1024);
  cr_assert_eq(json_integer_value(json_object_get(system, "steal_ticks")), 80);
  cr_assert(json_is_false(json_object_get(system, "hypervisor")));
  const char *warnings[8];
  cr_assert_eq(l4r_manifest_warnings(system, warnings, 8), 2);
  cr_assert_not_null(strstr(warnings[0], "-g performance"));
  cr_assert_not_null(strstr(warnings[1], "boost"));
  json_decref(system);
}

Test(manifest, an_empty_tree_is_a_state_not_an_error) {
  json_t *system = l4r_manifest_system(test_folder());
  cr_assert(json_is_null(json_object_get(system, "governor")));
  cr_assert(json_is_null(json_object_get(system, "memory_bytes")));
  const char *warnings[8];
  cr_assert_eq(l4r_manifest_warnings(system, warnings, 8), 0);
  json_decref(system);
}

Test(manifest, holds_libraries_with_hashes_and_no_paths_or_host_names) {
  json_t *manifest = l4r_manifest();
  const json_t *libraries = json_object_get(manifest, "libraries"), *library;
  size_t i;
  int blis = 0;
  json_array_foreach(libraries, i, library) {
    const char *name = json_string_value(json_object_get(library, "name"));
    cr_assert_null(strchr(name, '/'));
    cr_assert_eq(strlen(json_string_value(json_object_get(library, "sha256"))), 64);
    blis |= strncmp(name, "libblis", 7) == 0;
  }
  cr_assert(blis);
  cr_assert_geq(json_integer_value(json_object_get(json_object_get(manifest, "topology"), "cores")),
                1);
  json_decref(manifest);
}
