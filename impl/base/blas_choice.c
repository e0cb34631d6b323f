/* SPDX-License-Identifier: BSD-3-Clause */
/* BLIS 0.9 and 1.1 count the FMA units of an Intel processor by its brand string, which guests
 * often lack, and then choose "haswell", at half the speed. They know AMD families 15h, 17h and
 * 19h, and choose "generic", at a fifth of the speed, for all later ones. On Arm they know
 * processors by implementer and part, and choose "cortexa57" for all others. Their other sets of
 * 128 bits run on every 64-bit Arm processor; the measurement says which is fastest. */
#include "impl/base/blas_choice.h"

#include <string.h>

/* AMD's sets since the first Zen: kernels of 256 bits, each tuned to the caches of its
 * generation. */
static const char *zen_of(const struct l4r_cpu *cpu) {
  if (cpu->family >= 0x19) return "zen3";
  return cpu->family == 0x17 && cpu->model >= 0x30 ? "zen2" : "zen";
}

struct l4r_blas_candidates l4r_blas_candidates_of(const struct l4r_cpu *cpu,
                                                  int (*has)(const char *name)) {
  /* Hygon's 18h is the first Zen under another name. */
  const int amd = !strcmp(cpu->vendor, "AuthenticAMD") || !strcmp(cpu->vendor, "HygonGenuine");
  const char *zen = amd && cpu->family >= 0x17 ? zen_of(cpu) : NULL;
  const int older = amd && cpu->family < 0x17; /* units of 128 bits; BLIS lists all of them */
  const char *order[L4R_BLAS_CANDIDATES + 1] = {0}, *because = "BLIS's own choice";
  int n = 0;
  if (cpu->avx512 && zen && cpu->family < 0x1a) {
    order[n++] = zen; /* Zen 4 does 512 bits in two halves, so its own set comes first */
    order[n++] = "skx";
    because = "AVX-512 in halves (Zen 4)";
  } else if (cpu->avx512) {
    order[n++] = "skx";
    because = "AVX-512";
  }
  if (cpu->avx2 && zen && n < 2) order[n++] = zen;
  if (cpu->avx2 && !older) order[n++] = "haswell";
  if (cpu->avx2 && !cpu->avx512 && !older) because = zen ? "AVX2, a Zen" : "AVX2";
  if (cpu->neon) {
    order[n++] = "cortexa57"; /* what BLIS takes for a part that it does not know */
    order[n++] = "firestorm";
    order[n++] = "thunderx2";
    if (cpu->sve) order[n++] = "armsve";
    because = "NEON, whatever the part";
  }
  struct l4r_blas_candidates found = {.because = because};
  for (int i = 0; i < n; i++) {
    if (!has(order[i])) continue;
    if (!found.count && i) found.because = "the best that this build of BLIS has";
    found.name[found.count++] = order[i];
  }
  return found;
}
