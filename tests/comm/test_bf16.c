/* SPDX-License-Identifier: BSD-3-Clause */
#include "impl/comm/bf16.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static uint16_t packed(float value) {
  uint16_t half;
  l4r_bf16_pack(&half, &value, 1);
  return half;
}

static float of_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

Test(wire_bf16, the_nearest_is_taken_and_ties_go_to_the_even_one) {
  static const struct {
    uint32_t bits;
    uint16_t half;
  } cases[] = {{0x3f800000, 0x3f80}, {0x3f807fff, 0x3f80}, {0x3f808000, 0x3f80},
               {0x3f808001, 0x3f81}, {0x3f818000, 0x3f82}, {0xbf818000, 0xbf82},
               {0x80000000, 0x8000}, {0x00000001, 0x0000}, {0x7f7fffff, 0x7f80},
               {0x7f800000, 0x7f80}, {0xff800000, 0xff80}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
    cr_assert_eq(packed(of_bits(cases[c].bits)), cases[c].half, "%08x gives %04x", cases[c].bits,
                 packed(of_bits(cases[c].bits)));
}

Test(wire_bf16, no_number_stays_none) {
  float values[] = {of_bits(0x7f800001), of_bits(0xffc00000), of_bits(0x7fffffff)};
  l4r_bf16_round(values, 3);
  for (int i = 0; i < 3; i++) cr_assert(isnan(values[i]));
}

Test(wire_bf16, every_half_survives_unpacking_and_packing_at_odd_places) {
  char bytes[3];
  for (uint32_t half = 0; half < 0x10000; half++) {
    const uint16_t in = (uint16_t)half;
    float value;
    uint16_t out;
    memcpy(bytes + 1, &in, sizeof in);
    l4r_bf16_unpack(&value, bytes + 1, 1);
    l4r_bf16_pack(bytes + 1, &value, 1);
    memcpy(&out, bytes + 1, sizeof out);
    cr_assert(isnan(value) ? isnan(of_bits((uint32_t)out << 16)) : out == in, "%04x", half);
  }
}
