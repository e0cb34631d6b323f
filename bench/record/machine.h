/* SPDX-License-Identifier: BSD-3-Clause */
/* Which machine a record is of: figures of two machines are never compared unasked. */
#ifndef L4R_BENCH_RECORD_MACHINE_H
#define L4R_BENCH_RECORD_MACHINE_H

#include "bench/record/fields.h"

enum { L4R_MACHINE_KEY = 72 }; /* bytes of a key with its NUL */

/* The manifest's `machine_key`; "" in a record of before there were such keys. */
void l4r_machine_stated(const struct l4r_record *record, char key[L4R_MACHINE_KEY]);

/* The key derived from what changes slowly: processor, instruction set, whether it is a virtual
 * machine, packages, nodes, cores, processors and caches; hexadecimal digits of a hash. Two
 * machines of one make have the same. A record without any of these has the key of nothing. */
void l4r_machine_derived(const struct l4r_record *record, char key[L4R_MACHINE_KEY]);

/* 1 when two records are of machines that nothing tells apart: by the stated keys when both have
 * one, else by the derived ones. */
int l4r_machine_same(const struct l4r_record *a, const struct l4r_record *b);

#endif
