/* SPDX-License-Identifier: BSD-3-Clause */
/* A name for a machine that outlives reboots, updates and renamings, so that the figures of one
 * machine form a series: a hash of what only another machine (or a screwdriver) changes. */
#ifndef L4R_BENCH_MACHINE_MACHINE_KEY_H
#define L4R_BENCH_MACHINE_MACHINE_KEY_H

#include <jansson.h>

/* {"cpu", "cpu_id" {"vendor", "family", "model", "stepping"}, "packages", "numa_nodes", "cores",
 * "processors", "caches": [{"level", "type", "bytes", "count"}], "memory_gib"} of the kernel's
 * files below `root` ("" is this machine). processors counts those present, online or not;
 * memory_gib is a class: the next of 1, 1.5, 2, 3, 4, 6, ... GiB, because the kernel keeps a part
 * that differs between its versions. What cannot be read is 0 or null. */
json_t *l4r_machine_shape(const char *root);

/* SHA-256 of the shape as compact JSON with sorted keys, 64 hexadecimal digits. Kernel, frequency,
 * host name, microcode, governor, git are not in it. */
void l4r_machine_key(const json_t *shape, char key[65]);

/* The class, in GiB. */
double l4r_memory_class(double bytes);

#endif
