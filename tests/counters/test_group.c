/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/counters/group.h"

#include "bench/counters/formula.h"
#include "impl/base/error.h"
#include "tests/support/files.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "perf_raw::r01d3": the unit's mask and the event of a processor, as perf has them. */
static void codes_are_codes(const struct l4r_group *group) {
  static const char raw[] = "perf_raw::r";
  for (int e = 0; e < group->events; ++e)
    for (int n = 0; n < group->event[e].natives; ++n) {
      const char *native = group->event[e].native[n], *code = native + strlen(raw);
      if (strncmp(native, "perf_raw", 8) != 0) continue;
      cr_assert(!strncmp(native, raw, strlen(raw)) && strlen(code) == 4 &&
                    strspn(code, "0123456789abcdef") == 4,
                "%s of %s: %s", group->name, group->family, native);
    }
}

Test(group, every_built_in_group_parses_and_is_reached) {
  struct l4r_group group;
  const struct l4r_cpu_id none = {.vendor = "nobody", .family = 1, .model = 1};
  int i = 0, families = 0;
  for (const char *name; (name = l4r_group_name(i)); ++i) {
    cr_assert(strstr(l4r_group_names(), name));
    cr_assert_eq(l4r_group_find(name, NULL, &group), 0, "%s", l4r_error_message());
    cr_assert_eq(l4r_group_find(name, &none, &group), 0, "%s", l4r_error_message());
    cr_assert_str_eq(group.family, "generic");
  }
  cr_assert_eq(i, 9);
  for (i = 0; !l4r_group_at(i, &group); ++i) {
    families += strcmp(group.family, "generic") != 0;
    cr_assert(*group.about && *group.explanation, "%s of %s explains nothing", group.name,
              group.family);
    cr_assert_eq(*group.cpus != 0, strcmp(group.family, "generic") != 0);
    codes_are_codes(&group);
  }
  cr_assert_eq(families, 46);
  cr_assert_eq(l4r_group_find("nonsense", NULL, &group), L4R_USAGE);
}

static void is_of(const char *vendor, int family, int model, const char *want) {
  struct l4r_cpu_id cpu = {.family = family, .model = model};
  struct l4r_group group;
  snprintf(cpu.vendor, sizeof cpu.vendor, "%s", vendor);
  cr_assert_eq(l4r_group_find("flops", &cpu, &group), 0);
  cr_assert_str_eq(group.family, want, "%s %d %x: %s", vendor, family, model, group.family);
}

Test(group, processors_get_the_group_of_their_family) {
  is_of("AuthenticAMD", 25, 0x01, "zen3");
  is_of("AuthenticAMD", 25, 0x50, "zen3");
  is_of("AuthenticAMD", 25, 0x11, "zen4");
  is_of("AuthenticAMD", 25, 0xa0, "zen4");
  is_of("AuthenticAMD", 26, 0x02, "zen5");
  is_of("AuthenticAMD", 23, 0x31, "generic"); /* Zen 2 */
  is_of("GenuineIntel", 6, 0x6a, "icelake-server");
  is_of("GenuineIntel", 6, 0x8f, "sapphire-rapids");
  is_of("GenuineIntel", 6, 0xcf, "emerald-rapids");
  is_of("GenuineIntel", 6, 0xad, "granite-rapids");
  is_of("GenuineIntel", 6, 0xae, "granite-rapids");
  is_of("", 0x41, 0xd0c, "neoverse-n1");
  is_of("", 0x41, 0xd40, "neoverse-v1");
  is_of("", 0x41, 0xd4f, "neoverse-v2");
  is_of("", 0x41, 0xd49, "generic");         /* Neoverse N2 */
  is_of("", 0xc0, 0xd0c, "generic");         /* another maker's part of that number */
  is_of("GenuineIntel", 6, 0x55, "generic"); /* Skylake server */
  is_of("", -1, -1, "generic");
}

/* libpfm, which PAPI asks, knows the names it stands for on processors that are not here: an
 * independent reader of the tables. A name it does not know would only ever be absent. */
static void known_to_libpfm(const char *family, const char *unit, int want) {
#if defined(__aarch64__)
  const int here = !strncmp(unit, "arm_", 4);
#else
  const int here = strncmp(unit, "arm_", 4) != 0;
#endif
  if (!here) cr_skip_test("this processor's libpfm names no events of %s", family);
  setenv("LIBPFM_FORCE_PMU", unit, 1);
  void *library = dlopen("libpfm.so.4", RTLD_NOW);
  if (!library) cr_skip_test("libpfm is not installed");
  int (*begin)(void), (*find_event)(const char *);
  *(void **)&begin = dlsym(library, "pfm_initialize");
  *(void **)&find_event = dlsym(library, "pfm_find_event");
  if (!begin || !find_event || begin()) cr_skip_test("libpfm does not start");
  if (find_event("no::SUCH_EVENT") >= 0) cr_skip_test("this libpfm knows every name");
  struct l4r_group group;
  int names = 0;
  for (int g = 0; !l4r_group_at(g, &group); ++g) {
    if (strcmp(group.family, family) != 0) continue;
    for (int e = 0; e < group.events; ++e)
      for (int n = 0; n < group.event[e].natives; ++n) {
        const char *native = group.event[e].native[n];
        if (strncmp(native, unit, strlen(unit)) != 0) continue;
        cr_assert_geq(find_event(native), 0, "%s: %s", family, native);
        names++;
      }
  }
  cr_assert_eq(names, want, "%d", names);
}

Test(group, names_of_zen3_are_those_of_libpfm) {
  known_to_libpfm("zen3", "amd64_fam19h_zen3", 13);
}
Test(group, names_of_zen4_are_those_of_libpfm) {
  known_to_libpfm("zen4", "amd64_fam19h_zen4", 13);
}
Test(group, names_of_ice_lake_are_those_of_libpfm) {
  known_to_libpfm("icelake-server", "icx", 15);
}
Test(group, names_of_sapphire_rapids_are_those_of_libpfm) {
  known_to_libpfm("sapphire-rapids", "spr", 16);
}
Test(group, names_of_neoverse_n1_are_those_of_libpfm) {
  known_to_libpfm("neoverse-n1", "arm_n1", 20);
}
Test(group, names_of_neoverse_v1_are_those_of_libpfm) {
  known_to_libpfm("neoverse-v1", "arm_v1", 20);
}
Test(group, names_of_neoverse_v2_are_those_of_libpfm) {
  known_to_libpfm("neoverse-v2", "arm_v2", 20);
}

Test(group, errors_name_the_line) {
  struct l4r_group group;
  cr_assert_eq(l4r_group_parse("g", "SHORT x\nEVENTS\na PAPI_A\nMETRICS\nm = a / b [u]\n", &group),
               L4R_INPUT);
  cr_assert_not_null(strstr(l4r_error_message(), "line 5"));
  cr_assert_not_null(strstr(l4r_error_message(), "'b'"));
  cr_assert_eq(l4r_group_parse("g", "what\n", &group), L4R_INPUT);
  cr_assert_eq(l4r_group_parse("g", "EVENTS\nlonely\n", &group), L4R_INPUT);
  cr_assert_eq(l4r_group_parse("g", "EVENTS\nlonely rare\n", &group), L4R_INPUT);
}

static int constant(void *context, const char *name, double *result) {
  *result = name[0] == 'a' ? 6 : 0;
  return 1;
}

Test(group, formulas) {
  double x;
  cr_assert_eq(l4r_formula("2 + a * (1.5 - 0.5) / 3", constant, NULL, &x), 0);
  cr_assert_float_eq(x, 4, 1e-12);
  cr_assert_eq(l4r_formula("64 * a / 1e9", constant, NULL, &x), 0);
  cr_assert_float_eq(x, 384e-9, 1e-18);
  cr_assert_eq(l4r_formula("a / b", constant, NULL, &x), L4R_CHECK);
  cr_assert_eq(l4r_formula("a +", constant, NULL, &x), L4R_INPUT);
  cr_assert_eq(l4r_formula("(a", constant, NULL, &x), L4R_INPUT);
  cr_assert_eq(l4r_formula("a a", constant, NULL, &x), L4R_INPUT);
}
