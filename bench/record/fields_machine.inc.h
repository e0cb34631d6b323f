/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of bench/record/fields.inc.h: the machine and the program. */
/* clang-format off */

OBJECT(cpu_id, "The processor by its own identification.")
  V(TEXT, vendor, NULLABLE, "Vendor.")
  V(WHOLE, family, NULLABLE, "Family.")
  V(WHOLE, model, NULLABLE, "Model.")
  V(WHOLE, stepping, NULLABLE, "Stepping.")
END(cpu_id)

OBJECT(cache, "Caches of one level.")
  V(WHOLE, level, EITHER, "Level, from 1.")
  V(TEXT, type, EITHER, "Data, Instruction or Unified.")
  V(WHOLE, bytes, EITHER, "Size of each.", .unit = "bytes")
  V(WHOLE, count, EITHER, "How many there are.")
END(cache)

OBJECT(shape, "What of a machine outlives reboots.")
  V(TEXT, cpu, EITHER, "Name of the processor.")
  P(cpu_id, cpu_id, EITHER, "Its identification.")
  V(WHOLE, packages, EITHER, "Sockets.")
  V(WHOLE, numa_nodes, EITHER, "NUMA nodes.")
  V(WHOLE, cores, EITHER, "Cores.")
  V(WHOLE, processors, EITHER, "Hardware threads.")
  V(REAL, memory_gib, EITHER, "Memory, rounded, so that what the firmware keeps does not matter.",
    .unit = "GiB")
  L(cache, caches, EITHER, "Caches.")
END(shape)

OBJECT(library, "A shared library of the program.")
  V(TEXT, name, NEEDED, "Its name.")
  V(TEXT, path, EITHER, "Where it was loaded from.")
  V(HASH, sha256, NULLABLE, "SHA-256 of the file.")
END(library)

OBJECT(topology, "The machine as hwloc sees it.")
  V(WHOLE, packages, OPTIONAL, "Sockets.")
  V(WHOLE, numa_nodes, OPTIONAL, "NUMA nodes.")
  V(WHOLE, cores, OPTIONAL, "Cores.")
  V(WHOLE, processors, OPTIONAL, "Hardware threads.")
  L(cache, caches, OPTIONAL, "Caches.")
  V(WHOLE, kinds, EITHER, "Kinds of cores.")
  V(TEXT, synthetic, EITHER, "hwloc's one-line form, where the machine is even.")
  V(TEXT, xml, EITHER, "hwloc's XML without names of host and processes, where it is not.",
    .most = 16 << 20)
END(topology)

OBJECT(blis_speed, "A set of BLIS's kernels and its speed.")
  V(TEXT, kernels, OPTIONAL, "Name of the set.")
  V(REAL, gflops, OPTIONAL, "sgemm of one core; 0: it did not run.", .unit = "Gflop/s")
END(blis_speed)

OBJECT(blis_choice, "Why BLIS runs these kernels, and what they and the processor's other "
  "candidates do.")
  V(TEXT, kernels, OPTIONAL, "The set that runs.")
  V(TEXT, asked, EITHER, "The set asked for; null where the choice was left to BLIS.")
  V(TEXT, because, OPTIONAL, "Why this one.")
  L(blis_speed, speed, OPTIONAL, "Speed of each set; empty: not measured.")
END(blis_choice)

OBJECT(system, "Settings of the operating system.")
  V(TEXT, governor, EITHER, "Frequency governor.")
  V(TEXT, boost, EITHER, "Whether processors may boost.")
  V(TEXT, smt, EITHER, "Whether cores run several threads.")
  V(TEXT, transparent_huge_pages, EITHER, "Use of huge pages.")
  V(TEXT, numa_balancing, EITHER, "Automatic NUMA balancing.")
  V(FLAG, hypervisor, EITHER, "True in a virtual machine.")
  V(TEXT, perf_event_paranoid, EITHER, "Who may read hardware counters.")
  V(WHOLE, memory_bytes, EITHER, "Memory.", .unit = "bytes")
  V(WHOLE, steal_ticks, EITHER, "Time that the hypervisor has taken since the boot.", .unit =
    "ticks")
  V(TEXT, clocksource, EITHER, "The kernel's source of time.")
  V(TEXT, cpu_quota, EITHER, "What a cgroup allows, as its cpu.max says: microseconds of a "
    "period, or max.")
END(system)

OBJECT(load_average, "How many threads wanted a processor on average, when the run ended.")
  V(REAL, minutes_1, NEEDED, "In the last minute.", LEAST(0))
  V(REAL, minutes_5, NEEDED, "In the last five.", LEAST(0))
  V(REAL, minutes_15, NEEDED, "In the last fifteen.", LEAST(0))
END(load_average)

OBJECT(manifest, "Machine and program; null where the machine does not say.")
  V(HASH, machine_key, OPTIONAL, "Hash of machine_shape; outlives reboots. Absent in old records.",
    .csv = "machine_key", .place = 97)
  P(shape, machine_shape, OPTIONAL, "What of the machine outlives reboots.")
  P(cpu_id, cpu_id, OPTIONAL, "The processor by its own identification.")
  V(TEXTS, warnings, OPTIONAL, "What about the machine spoils measurements.")
  L(library, libraries, OPTIONAL, "Shared libraries.")
  P(topology, topology, EITHER, "The machine as hwloc sees it.")
  V(TEXT, time, OPTIONAL, "When the run began, in UTC.", .csv = "time", .place = 61)
  V(TEXT, cpu, EITHER, "Name of the processor.", .csv = "cpu", .place = 60)
  V(TEXT, machine, EITHER, "Instruction set, as uname says.")
  V(TEXT, microcode, EITHER, "Version of the microcode.")
  V(TEXT, kernel, EITHER, "Version of the kernel.")
  V(WHOLE, processors_online, EITHER, "Processors online.")
  V(TEXT, blis, EITHER, "Kernels that BLIS chose.")
  V(TEXT, sentencepiece, OPTIONAL, "Version of SentencePiece that the program was built with: "
    "another one trains other pieces from the same texts.")
  P(blis_choice, blis_choice, OPTIONAL, "Why BLIS runs these kernels.")
  V(TEXT, compiler, OPTIONAL, "The compiler.")
  V(TEXT, flags, OPTIONAL, "Its flags.", .most = 65536)
  V(TEXT, git, OPTIONAL, "Commit of the sources; \"-dirty\" where they differed; \"\" outside git.")
  V(HASH, program_sha256, EITHER, "SHA-256 of the program.")
  P(system, system, OPTIONAL, "Settings of the operating system.")
  P(load_average, load_average, OPTIONAL, "Load averages; absent where the system has none.",
    .since = "2026-11-29")
  V(TEXT, label, OPTIONAL, "Name that the run gave the machine (--label).", .since = "2026-11-29")
END(manifest)
/* clang-format on */
