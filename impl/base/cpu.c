/* SPDX-License-Identifier: BSD-3-Clause */
/* Detection by cpuid (the compiler's __builtin_cpu_supports, which also asks XGETBV whether the
 * system saves the wide registers) and on Arm by what the kernel tells every process. One binary
 * holds all kernels; nothing is compiled with -march=native. */
#include "impl/base/cpu.h"

#include "impl/base/error.h"
#include "impl/base/text.h"

#include <pthread.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

static const char *const names[L4R_ISAS] = {"portable", "avx2", "avx512", "amx", "neon"};

const char *l4r_isa_name(enum l4r_isa isa) {
  return names[isa];
}

int l4r_isa_contains(enum l4r_isa isa, enum l4r_isa part) {
  if (isa == L4R_ISA_NEON || part == L4R_ISA_NEON) return part == isa || part == L4R_ISA_PORTABLE;
  return part <= isa;
}

static struct l4r_cpu cpu;
static enum l4r_tiles tiles; /* absent until the kernel was asked */

#if defined(__x86_64__)
static void ask_name(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(0, &a, &b, &c, &d)) return;
  memcpy(cpu.vendor, &b, 4);
  memcpy(cpu.vendor + 4, &d, 4);
  memcpy(cpu.vendor + 8, &c, 4);
  if (!__get_cpuid(1, &a, &b, &c, &d)) return;
  /* The extended parts count from family 6 (model) and 15 (family) on. */
  cpu.stepping = (int)(a & 15);
  cpu.family = (int)(a >> 8 & 15);
  cpu.model = (int)(a >> 4 & 15);
  if (cpu.family == 6 || cpu.family == 15) cpu.model |= (int)(a >> 12 & 0xf0);
  if (cpu.family == 15) cpu.family += (int)(a >> 20 & 255);
}

/* What compilers' builtins learned late (clang 14 knows none of it), by the bits of cpuid's leaf 7
 * and of XCR0: the system saves the state of tiles. */
static void ask_newer(void) {
  enum { OSXSAVE = 1 << 27, AVX_VNNI = 1 << 4, AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24 };
  enum { AMX_INT8 = 1 << 25, TILE_STATE = 3 << 17, REQUEST = 0x1023, TILE_DATA = 18 };
  unsigned a, b, c, d, low, high;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & OSXSAVE)) return;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if (__get_cpuid_count(7, 1, &a, &b, &c, &d)) cpu.avx_vnni = cpu.avx2 && (a & AVX_VNNI);
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return;
  if (!(d & AMX_TILE) || (low & TILE_STATE) != TILE_STATE) return;
  cpu.amx_bf16 = (d & AMX_BF16) != 0;
  cpu.amx_int8 = (d & AMX_INT8) != 0;
#ifdef SYS_arch_prctl
  tiles = syscall(SYS_arch_prctl, REQUEST, TILE_DATA) ? L4R_TILES_REFUSED : L4R_TILES_GRANTED;
#endif
}

static void ask(void) {
  ask_name();
  __builtin_cpu_init();
  cpu.avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  cpu.avx512f = __builtin_cpu_supports("avx512f") != 0;
  cpu.avx512 = cpu.avx2 && cpu.avx512f && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  cpu.avx512_bf16 = __builtin_cpu_supports("avx512bf16") != 0;
  cpu.avx512_vnni = __builtin_cpu_supports("avx512vnni") != 0;
  ask_newer();
}
#elif defined(__aarch64__)
/* Bits of the kernel's own list (Documentation/arch/arm64/elf_hwcaps.rst), for libraries whose
 * headers are older than the bits. */
enum { DOTPROD = 20, SVE = 22 }; /* of AT_HWCAP */
enum { I8MM = 13, BF16 = 14 };   /* of AT_HWCAP2 */

static int bit_of(unsigned long type, int bit) {
  return (int)(getauxval(type) >> bit & 1);
}

static void ask(void) {
  cpu.neon = 1; /* every 64-bit Arm processor that Linux runs on */
  cpu.sve = bit_of(AT_HWCAP, SVE);
  cpu.neon_dotprod = bit_of(AT_HWCAP, DOTPROD);
  cpu.neon_i8mm = bit_of(AT_HWCAP2, I8MM);
  cpu.neon_bf16 = bit_of(AT_HWCAP2, BF16);
}
#else
static void ask(void) {
}
#endif

static pthread_once_t once = PTHREAD_ONCE_INIT;

const struct l4r_cpu *l4r_cpu(void) {
  pthread_once(&once, ask);
  return &cpu;
}

enum l4r_tiles l4r_cpu_tiles(void) {
  l4r_cpu();
  return tiles;
}

void l4r_cpu_lower(enum l4r_isa most) {
  l4r_cpu();
  if (most < L4R_ISA_AMX) tiles = L4R_TILES_ABSENT, cpu.amx_bf16 = cpu.amx_int8 = 0;
  if (most < L4R_ISA_AVX512) cpu.avx512 = cpu.avx512f = cpu.avx512_bf16 = cpu.avx512_vnni = 0;
  if (most < L4R_ISA_AVX2) cpu.avx2 = cpu.avx_vnni = 0;
  if (most < L4R_ISA_NEON)
    cpu.neon = cpu.sve = cpu.neon_dotprod = cpu.neon_i8mm = cpu.neon_bf16 = 0;
}

int l4r_cpu_offers(enum l4r_isa isa) {
  const struct l4r_cpu *has = l4r_cpu();
  switch (isa) {
  case L4R_ISA_AVX2:
    return has->avx2;
  case L4R_ISA_AVX512:
    return has->avx512;
  case L4R_ISA_AMX:
    return has->avx512 && has->avx512_bf16 && has->avx512_vnni && tiles == L4R_TILES_GRANTED;
  case L4R_ISA_NEON:
    return has->neon;
  default:
    return isa == L4R_ISA_PORTABLE;
  }
}

enum l4r_isa l4r_isa_widest(void) {
  if (l4r_cpu_offers(L4R_ISA_NEON)) return L4R_ISA_NEON;
  if (l4r_cpu_offers(L4R_ISA_AVX512)) return L4R_ISA_AVX512;
  return l4r_cpu_offers(L4R_ISA_AVX2) ? L4R_ISA_AVX2 : L4R_ISA_PORTABLE;
}

/* "portable, avx2 and avx512": the sets that are here, or all. */
static void list_sets(int all, char *out, size_t size) {
  int last = 0, listed = 0;
  size_t used = 0;
  for (int i = 0; i < L4R_ISAS; i++)
    if (all || l4r_cpu_offers((enum l4r_isa)i)) last = i;
  out[0] = 0;
  for (int i = 0; i <= last; i++)
    if (all || l4r_cpu_offers((enum l4r_isa)i))
      l4r_text_add(out, size, &used, "%s%s", !listed++ ? "" : i < last ? ", " : " and ", names[i]);
}

const char *l4r_isa_lacks(enum l4r_isa isa, enum l4r_tiles found) {
#if defined(__x86_64__)
  if (isa == L4R_ISA_NEON) return "neon is a set of Arm processors, and this one is x86-64";
#else
  if (isa != L4R_ISA_NEON) return "this is a set of x86-64 processors, and this one is none";
#endif
  if (isa == L4R_ISA_AMX && found == L4R_TILES_REFUSED)
    return "the processor has AMX tiles, but the kernel refuses them to this process (arch_prctl "
           "with ARCH_REQ_XCOMP_PERM)";
  if (isa == L4R_ISA_AMX) return "this processor, or its system, has no AMX tiles";
  if (isa == L4R_ISA_AVX512)
    return "this processor, or its system, lacks AVX-512 (F, DQ, BW and VL)";
  return "this processor, or its system, lacks AVX2 with FMA";
}

int l4r_isa_find(const char *name, enum l4r_isa *isa) {
  char here[64], all[64];
  *isa = l4r_isa_widest();
  if (!name || !strcmp(name, "auto")) return L4R_OK;
  list_sets(0, here, sizeof here);
  for (int i = 0; i < L4R_ISAS; i++) {
    if (strcmp(name, names[i])) continue;
    *isa = (enum l4r_isa)i;
    if (l4r_cpu_offers(*isa)) return L4R_OK;
    return l4r_fail(L4R_ENVIRONMENT, "isa=%s: %s; it has %s", name,
                    l4r_isa_lacks(*isa, l4r_cpu_tiles()), here);
  }
  list_sets(1, all, sizeof all);
  return l4r_fail(L4R_USAGE,
                  "isa=%s: no such instruction set; there are auto, %s, of which this processor "
                  "has %s",
                  name, all, here);
}
