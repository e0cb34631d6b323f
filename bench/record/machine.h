/* SPDX-License-Identifier: BSD-3-Clause */
/* Identifies the machine of a record. Figures of two machines are compared only on request. */
#ifndef L4R_BENCH_RECORD_MACHINE_H
#define L4R_BENCH_RECORD_MACHINE_H

#include "bench/record/fields.h"

enum { L4R_MACHINE_KEY = 72 }; /* bytes of a key with its NUL */

/* Gives the manifest's `machine_key`; "" for a record older than such keys. */
void l4r_machine_stated(const struct l4r_record *record, char key[L4R_MACHINE_KEY]);

/* Derives a key from properties that rarely change: processor, instruction set, whether it is a
 * virtual machine, packages, nodes, cores, processors and caches. It is a hash in hexadecimal
 * digits. Two machines of the same make have the same key, and so have all records without any of
 * these. */
void l4r_machine_derived(const struct l4r_record *record, char key[L4R_MACHINE_KEY]);

/* Writes what people call the machine: the name that the run gave it (--label), else the processor
 * and the beginning of its key, by which two of one make are told apart. Returns `out`. */
const char *l4r_machine_name(const struct l4r_record *record, char *out, size_t size);

/* Returns 1 when nothing tells the machines of two records apart: the names that runs gave them
 * (--label) where both have one, then the stated keys when both have one, else the derived keys. */
int l4r_machine_same(const struct l4r_record *a, const struct l4r_record *b);

#endif
