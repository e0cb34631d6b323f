/* SPDX-License-Identifier: BSD-3-Clause */
/* Every instruction set that is here is measured, and those that are not say what is missing. What
 * cannot run is read: the instructions that a loop was compiled to. Speeds are never asserted. */
#include "impl/base/cpu.h"
#include "impl/base/error.h"
#include "impl/ceiling/peak.h"
#include "impl/ceiling/peak_tiles.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

Test(peak, every_set_is_measured_or_says_what_it_lacks) {
  int count, here = 0;
  const struct l4r_peak_unit *unit = l4r_peak_units(&count);
  for (int u = 0; u < count; u++) {
    double gops = -1;
    const int status = l4r_peak_measure(NULL, &unit[u], 0.005, &gops);
    if (unit[u].lacks()) {
      cr_expect_eq(status, L4R_ENVIRONMENT, "%s", unit[u].name);
      cr_expect(strstr(l4r_error_message(), unit[u].lacks()), "%s", l4r_error_message());
      continue;
    }
    cr_assert_eq(status, 0, "%s: %s", unit[u].name, l4r_error_message());
    cr_expect_gt(gops, 0, "%s", unit[u].name);
    here++;
  }
  cr_expect_geq(here, 1);
}

Test(peak, names_are_told_apart) {
  int count;
  const struct l4r_peak_unit *unit = l4r_peak_units(&count);
  for (int u = 0; u < count; u++)
    for (int v = 0; v < u; v++) cr_expect_str_neq(unit[u].name, unit[v].name);
}

/* A round has a number of operations of its own, so that twice the rounds are twice of them. */
Test(peak, operations_grow_with_rounds) {
  int count;
  const struct l4r_peak_unit *unit = l4r_peak_units(&count);
  for (int u = 0; u < count; u++) {
    if (unit[u].lacks()) continue;
    const double one = unit[u].loop(1);
    cr_expect_gt(one, 0, "%s", unit[u].name);
    cr_expect_eq(unit[u].loop(7), 7 * one, "%s", unit[u].name);
    cr_expect_eq(unit[u].loop(0), 0, "%s", unit[u].name);
  }
}

static struct l4r_peak_unit of(enum l4r_peak_precision operands) {
  return (struct l4r_peak_unit){.name = "a set", .operands = operands};
}

/* What the ceiling of a precision may be: no set of fewer digits than the figure has, unless by
 * parts. */
Test(peak, products_of_a_precision_by_another) {
  static const int products[L4R_PEAK_INT8 + 1][L4R_PEAK_PRECISIONS] = {
      /* of: fp64, fp32, bf16, int8, bf16x3 */
      [L4R_PEAK_FP64] = {1, 0, 0, 0, 0},
      [L4R_PEAK_FP32] = {0, 1, 1, 1, 6},
      [L4R_PEAK_BF16] = {0, 0, 1, 0, 6},
      [L4R_PEAK_INT8] = {0, 0, 0, 1, 0}};
  for (int has = 0; has <= L4R_PEAK_INT8; has++)
    for (int of_figure = 0; of_figure < L4R_PEAK_PRECISIONS; of_figure++) {
      const struct l4r_peak_unit unit = of((enum l4r_peak_precision)has);
      cr_expect_eq(l4r_peak_products(&unit, (enum l4r_peak_precision)of_figure),
                   products[has][of_figure], "%d by %d", of_figure, has);
    }
}

Test(peak, precisions_have_names) {
  enum l4r_peak_precision found;
  for (int p = 0; p < L4R_PEAK_PRECISIONS; p++) {
    cr_expect_eq(
        l4r_peak_precision_named(l4r_peak_precision_name((enum l4r_peak_precision)p), &found), 0);
    cr_expect_eq((int)found, p);
  }
  cr_expect_eq(l4r_peak_precision_named("int4", &found), L4R_INPUT);
  cr_expect(strstr(l4r_error_message(), "'int4'"), "%s", l4r_error_message());
}

/* The set whose products a figure's ceiling is of is one that makes them. */
Test(peak, the_best_serves_its_precision) {
  for (int p = L4R_PEAK_FP32; p < L4R_PEAK_PRECISIONS; p++) {
    struct l4r_peak best;
    cr_assert_eq(l4r_peak_best(NULL, (enum l4r_peak_precision)p, 0.02, &best), 0, "%s",
                 l4r_error_message());
    cr_expect_gt(best.gops, 0);
    cr_expect_gt(l4r_peak_products(best.unit, (enum l4r_peak_precision)p), 0);
    cr_expect_null(best.unit->lacks());
  }
}

static double fixed(int64_t rounds) {
  volatile int64_t spin = rounds;
  while (spin > 0) spin = spin - 1;
  return (double)rounds;
}

static const char *nothing(void) {
  return NULL;
}

/* A team's figure is that of its workers together. */
Test(peak, workers_add_up) {
  static const struct l4r_peak_unit unit = {"a loop", L4R_PEAK_FP32, nothing, fixed};
  struct l4r_team *team;
  double one, two;
  cr_assert_eq(l4r_team_create(2, NULL, &team), 0);
  cr_assert_eq(l4r_peak_measure(NULL, &unit, 0.02, &one), 0);
  cr_assert_eq(l4r_peak_measure(team, &unit, 0.02, &two), 0);
  cr_expect_gt(one, 0);
  cr_expect_gt(two, 0);
  l4r_team_free(team);
}

#if defined(__x86_64__)
/* Counts the tile products among the first bytes of a function: VEX, two bytes of prefix, the
 * opcode, and a ModRM of registers; and which sums they are added to. */
static int tile_products(const void *function, unsigned prefix, unsigned opcode, unsigned *sums) {
  const unsigned char *code = function;
  int count = 0;
  *sums = 0;
  for (int i = 0; i < 1024; i++) {
    if (code[i] == 0xc3 && count) break; /* the return behind them */
    if (code[i] != 0xc4 || (code[i + 1] & 0x1f) != 2 || (code[i + 2] & 3) != prefix ||
        code[i + 3] != opcode || code[i + 4] < 0xc0)
      continue;
    *sums |= 1u << (code[i + 4] >> 3 & 7);
    count++;
  }
  return count;
}

/* This processor may have no tiles, and no emulator here has: so the code is read. TDPBF16PS is
 * VEX.F3.0F38 5C, TDPBUSD is VEX.66.0F38 5E. */
Test(peak, tiles_are_four_products_into_four_sums) {
  enum { PREFIX_66 = 1, PREFIX_F3 = 2 };
  double (*const loops[])(int64_t) = {l4r_peak_amx_bf16, l4r_peak_amx_int8};
  unsigned sums;
  const void *code[2];
  memcpy(code, loops, sizeof code);
  cr_expect_eq(tile_products(code[0], PREFIX_F3, 0x5c, &sums), 4);
  cr_expect_eq(sums, 15u);
  cr_expect_eq(tile_products(code[1], PREFIX_66, 0x5e, &sums), 4);
  cr_expect_eq(sums, 15u);
}

Test(peak, tiles_that_are_not_there_say_why) {
  const int granted = l4r_cpu_tiles() == L4R_TILES_GRANTED;
  cr_expect_eq(!l4r_peak_lacks_amx_bf16(), granted && l4r_cpu()->amx_bf16);
  cr_expect_eq(!l4r_peak_lacks_amx_int8(), granted && l4r_cpu()->amx_int8);
  if (l4r_cpu_tiles() == L4R_TILES_ABSENT)
    cr_expect(strstr(l4r_peak_lacks_amx_bf16(), "no AMX-BF16"), "%s", l4r_peak_lacks_amx_bf16());
  if (l4r_cpu_tiles() == L4R_TILES_REFUSED)
    cr_expect(strstr(l4r_peak_lacks_amx_bf16(), "refuses"), "%s", l4r_peak_lacks_amx_bf16());
}
#endif
