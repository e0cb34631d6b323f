/* SPDX-License-Identifier: BSD-3-Clause */
/* `tests/run.sh --isa NAME`: the whole test program runs as if the processor had no more than that
 * set. Criterion executes the program anew for each test, so a variable of the environment carries
 * the name; it is read here, before any test, and nowhere in the program that is tested. */
#include "tests/support/isa.h"

#include "impl/base/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((constructor)) static void lower(void) {
  const char *name = getenv(TEST_ISA_VARIABLE);
  if (!name || !*name) return;
  for (int isa = 0; isa < L4R_ISAS; isa++)
    if (!strcmp(name, l4r_isa_name((enum l4r_isa)isa)) && l4r_cpu_offers((enum l4r_isa)isa)) {
      l4r_cpu_lower((enum l4r_isa)isa);
      return;
    }
  fprintf(stderr, "--isa %s: this processor has no such set\n", name);
  exit(2);
}
