/* SPDX-License-Identifier: BSD-3-Clause */
/* Which of BLIS's kernels a processor is given, for processors that are not here. */
#include "impl/base/blas_choice.h"

#include <criterion/criterion.h>
#include <string.h>

static int all(const char *name) {
  return 1;
}

static int no_avx512(const char *name) {
  return strcmp(name, "skx") != 0;
}

static int none(const char *name) {
  return 0;
}

#define CPU(who, its_family, its_model, its_avx2, its_avx512)                                      \
  {.vendor = who, .family = its_family, .model = its_model, .avx2 = its_avx2, .avx512 = its_avx512}

static const struct {
  const char *what;
  struct l4r_cpu cpu;
  const char *first, *second;
} cases[] = {
    {"Sapphire Rapids, a guest without a model number", CPU("GenuineIntel", 6, 143, 1, 1), "skx",
     "haswell"},
    {"Emerald Rapids", CPU("GenuineIntel", 6, 207, 1, 1), "skx", "haswell"},
    {"Granite Rapids, younger than any BLIS", CPU("GenuineIntel", 6, 173, 1, 1), "skx", "haswell"},
    {"an Intel of a family to come", CPU("GenuineIntel", 19, 1, 1, 1), "skx", "haswell"},
    {"Skylake client", CPU("GenuineIntel", 6, 94, 1, 0), "haswell", NULL},
    {"Sandy Bridge", CPU("GenuineIntel", 6, 42, 0, 0), NULL, NULL},
    {"Core 2", CPU("GenuineIntel", 6, 23, 0, 0), NULL, NULL},
    {"Zen", CPU("AuthenticAMD", 0x17, 0x01, 1, 0), "zen", "haswell"},
    {"Zen 2", CPU("AuthenticAMD", 0x17, 0x31, 1, 0), "zen2", "haswell"},
    {"Zen 3", CPU("AuthenticAMD", 0x19, 0x01, 1, 0), "zen3", "haswell"},
    {"Zen 4", CPU("AuthenticAMD", 0x19, 0x11, 1, 1), "zen3", "skx"},
    {"Zen 5", CPU("AuthenticAMD", 0x1a, 0x02, 1, 1), "skx", "zen3"},
    {"Zen 5 in a guest without AVX-512", CPU("AuthenticAMD", 0x1a, 0x02, 1, 0), "zen3", "haswell"},
    {"an AMD to come", CPU("AuthenticAMD", 0x1c, 0, 1, 1), "skx", "zen3"},
    {"Excavator", CPU("AuthenticAMD", 0x15, 0x65, 1, 0), NULL, NULL},
    {"Bulldozer", CPU("AuthenticAMD", 0x15, 0x01, 0, 0), NULL, NULL},
    {"Hygon", CPU("HygonGenuine", 0x18, 0x00, 1, 0), "zen", "haswell"},
    {"Zhaoxin", CPU("CentaurHauls", 7, 27, 1, 0), "haswell", NULL},
    {"an emulator's own name, with AVX-512", CPU("TCGTCGTCGTCG", 6, 6, 1, 1), "skx", "haswell"},
    {"no cpuid (RISC-V)", CPU("", 0, 0, 0, 0), NULL, NULL},
    {"Arm, a part that BLIS does not know", {.neon = 1}, "cortexa57", "firestorm"},
    {"Arm with SVE (Neoverse V1)", {.neon = 1, .sve = 1}, "cortexa57", "firestorm"},
};

static const char *nth(const struct l4r_blas_candidates *found, int n) {
  return found->count > n ? found->name[n] : NULL;
}

static int same(const char *a, const char *b) {
  return a && b ? !strcmp(a, b) : a == b;
}

Test(blas_choice, follows_what_the_processor_can_do) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct l4r_blas_candidates found = l4r_blas_candidates_of(&cases[i].cpu, all);
    cr_expect(same(nth(&found, 0), cases[i].first), "%s: %s", cases[i].what, nth(&found, 0));
    cr_expect(same(nth(&found, 1), cases[i].second), "%s: %s", cases[i].what, nth(&found, 1));
    cr_expect(found.because && *found.because, "%s", cases[i].what);
  }
}

/* No candidate may be one that the processor cannot run. */
Test(blas_choice, offers_only_what_can_run) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct l4r_blas_candidates found = l4r_blas_candidates_of(&cases[i].cpu, all);
    for (int n = 0; n < found.count; n++) {
      if (!strcmp(found.name[n], "skx")) cr_expect(cases[i].cpu.avx512, "%s", cases[i].what);
      if (!strcmp(found.name[n], "armsve")) cr_expect(cases[i].cpu.sve, "%s", cases[i].what);
      cr_expect(cases[i].cpu.avx2 || cases[i].cpu.neon, "%s: %s", cases[i].what, found.name[n]);
    }
  }
}

Test(blas_choice, keeps_to_what_the_library_was_built_with) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct l4r_blas_candidates found = l4r_blas_candidates_of(&cases[i].cpu, no_avx512);
    for (int n = 0; n < found.count; n++)
      cr_expect_str_neq(found.name[n], "skx", "%s", cases[i].what);
    cr_expect_eq(l4r_blas_candidates_of(&cases[i].cpu, none).count, 0, "%s", cases[i].what);
  }
  const struct l4r_cpu zen5 = CPU("AuthenticAMD", 0x1a, 2, 1, 1);
  const struct l4r_blas_candidates found = l4r_blas_candidates_of(&zen5, no_avx512);
  cr_assert_str_eq(found.name[0], "zen3");
  cr_assert_not_null(strstr(found.because, "this build of BLIS"), "%s", found.because);
}
