/* SPDX-License-Identifier: BSD-3-Clause */
/* Which processor this is, for what hangs on its family: counter groups and the machine key. */
#ifndef L4R_BENCH_MACHINE_CPU_ID_H
#define L4R_BENCH_MACHINE_CPU_ID_H

#include <jansson.h>
#include <stddef.h>

struct l4r_cpu_id {
  char vendor[32], name[96];   /* "AuthenticAMD", "AMD EPYC 9654 ..."; "" where unknown */
  int family, model, stepping; /* as cpuid displays them; on Arm implementer, part, revision; -1 */
};

/* From `root`/proc/cpuinfo ("" is this machine). Never fails: what is not there stays unknown. */
void l4r_cpu_id_read(const char *root, struct l4r_cpu_id *cpu);

/* From the instruction itself, where there is one (x86); returns 0 elsewhere. */
int l4r_cpu_id_ask(struct l4r_cpu_id *cpu);

/* {"vendor", "family", "model", "stepping"}, null where unknown. */
json_t *l4r_cpu_id_json(const struct l4r_cpu_id *cpu);

/* A processor for people: its model name as the kernel gives it, on Arm what implementer and part
 * stand for (numbers where they are not in the list), else "unknown". No key hangs on it. */
void l4r_cpu_id_name(const struct l4r_cpu_id *cpu, char *out, size_t size);

#endif
